import "server-only";
import { z } from "zod";
import { outsideBudgets } from "@/lib/deadline";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { callNango } from "@/lib/nango/client";
import { waitFor } from "@/lib/wait";

const FRESH_FOR = 60_000;
/** After a failure the last good answer serves on, and Nango is asked again this much later. */
const RETRY_AFTER = 10_000;
const PATIENCE = 500;
/** Longer than the call takes, however it ends. */
const FIRST_PATIENCE = 5_000;

const answer = z.object({ configs: z.array(z.object({ unique_key: z.string() })) });

type Cache = { host: string; keys: ReadonlySet<string> | null; askAgainAt: number; asking: Promise<void> | null };
let cache: Cache | undefined;

async function refresh(entry: Cache): Promise<void> {
  try {
    const { configs } = await callNango("list integrations", answer, (nango) => nango.listIntegrations());
    entry.keys = new Set(configs.map((config) => config.unique_key));
    entry.askAgainAt = Date.now() + FRESH_FOR;
  } catch (error) {
    entry.askAgainAt = Date.now() + RETRY_AFTER;
    log().warn({ err: error }, "the list of integrations could not be read");
  } finally {
    entry.asking = null;
  }
}

/**
 * The keys of all integrations that the operator has set up in Nango, at most 60 s old while Nango answers, and the
 * last good answer while it does not.
 * @returns null when Nango has not answered since the process started, or not in the caller's time: nothing is known then
 */
export async function listIntegrationKeys(): Promise<ReadonlySet<string> | null> {
  const { host } = env().nango;
  if (cache?.host !== host) cache = { host, keys: null, askAgainAt: 0, asking: null };
  const entry = cache;
  if (Date.now() >= entry.askAgainAt) {
    // Everybody gets this answer: what time the first to ask has left must not decide it.
    entry.asking ??= outsideBudgets(() => refresh(entry));
    // With an old answer at hand nobody waits long for the new one: a slow Nango must not slow the catalogue.
    await waitFor(entry.asking, entry.keys === null ? FIRST_PATIENCE : PATIENCE, () => {});
  }
  return entry.keys;
}

/** Forgets what was read; for tests and for the operator's own tools. */
export function forgetIntegrationKeys(): void {
  cache = undefined;
}
