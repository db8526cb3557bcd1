import { expect } from "vitest";
import { manifests } from "@/lib/catalogue/manifests";
import { type As, finishSession } from "@/tests/integration/providers-chain";
import { journeyOf } from "./journey";
import type { SignedIn } from "./people";
import type { Server } from "./server";

/**
 * Connects an account of any connector, as a person would: start, consent at the provider's stand-in, confirm. For servers
 * that were started with the providers' stand-ins.
 * @returns the connection's id, and the one at Nango
 */
export async function connectAccount(
  server: Server,
  person: SignedIn,
  slug: string,
  { visibility = "everyone", ...as }: As & { visibility?: "everyone" | "only_me" } = {},
): Promise<{ id: string; nangoId: string }> {
  const manifest = manifests.get(slug);
  if (!manifest) throw new Error(`no connector ${slug}`);
  const go = journeyOf(server);
  const session = await go.start(person, slug, { visibility });
  const nangoId = await finishSession(server.nango, session.sessionToken, manifest, as);
  const confirmed = await go.confirm(person, session.attemptId, nangoId);
  expect(confirmed.status, confirmed.text).toBe(200);
  return { id: confirmed.json.connection.id, nangoId };
}
