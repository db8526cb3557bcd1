import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { ask, systemDb } from "@/lib/db/system";

/** Names a request of a tenant: who asked, and the digest of method, path and Idempotency-Key. */
export type RequestName = { caller: string; keyHash: Uint8Array };

export type Begun =
  /** It is the caller's to run. */
  | { state: "started"; run: string }
  /** Another is running it. */
  | { state: "running" }
  /** The name was used for something else. */
  | { state: "mismatch" }
  /** It was done, and its answer was not kept. */
  | { state: "spent" }
  | { state: "kept"; status: number; answer: Uint8Array };

/**
 * Claims a request, or says what became of it. One that did not end within two minutes is claimed anew: its process died,
 * and nobody knows how far it came. So is one that is a day old.
 *
 * @param fingerprint digest of what must be the same for it to be the same request
 */
export async function beginRequest(tenant: Tenant, name: RequestName, fingerprint: Uint8Array): Promise<Begun> {
  const [row] = await ask(systemDb("api_key")`
    select state, run_id, status, answer
    from patchbay.begin_request(${tenant.ownerId}, ${name.caller}, ${name.keyHash}, ${fingerprint})`);
  if (row?.state === "started") return { state: "started", run: row.run_id };
  if (row?.state === "kept") return { state: "kept", status: row.status, answer: row.answer };
  return { state: (row?.state ?? "running") as "running" | "mismatch" | "spent" };
}

/**
 * Ends a run.
 * @param kept null: as if it had never begun. Its answer null: done, and not to be replayed
 */
export async function endRequest(
  tenant: Tenant,
  name: RequestName,
  run: string,
  kept: { status: number; answer: Uint8Array | null } | null,
): Promise<void> {
  await ask(systemDb("api_key")`
    select patchbay.end_request(${tenant.ownerId}, ${name.caller}, ${name.keyHash}, ${run}, ${kept?.status ?? null},
      ${kept?.answer ?? null})`);
}
