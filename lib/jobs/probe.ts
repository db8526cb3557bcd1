import "server-only";
import { claimDirectProbes, claimProbes } from "@/lib/db/upkeep";
import { env } from "@/lib/env";
import { log } from "@/lib/log";

/**
 * Enqueues a look at each connection that is due for one: this is how a token is found out that was revoked at its
 * provider and never expires, which Nango does not notice. Takes at most half of what background work may ask of Nango
 * in a minute; the rest is for the sweep. Direct connections cost Nango nothing, and are as many a minute at most.
 * @throws AppError database_unavailable
 */
export async function probeDue(): Promise<void> {
  const { probes, nango } = env();
  // A probe costs two calls.
  const limit = Math.max(1, Math.floor(nango.backgroundCallsPerMinute / 4));
  const direct = await claimDirectProbes({ ...probes, limit });
  const atNango = nango.enabled
    ? await claimProbes({ ...probes, limit, callsPerMinute: nango.backgroundCallsPerMinute })
    : { claimed: 0, postponed: 0 };
  const claimed = atNango.claimed + direct.claimed;
  const postponed = atNango.postponed + direct.postponed;
  if (claimed + postponed > 0) log().debug({ claimed, postponed }, "probes were claimed");
}
