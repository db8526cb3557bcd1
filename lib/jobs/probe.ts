import "server-only";
import { claimProbes } from "@/lib/db/upkeep";
import { env } from "@/lib/env";
import { log } from "@/lib/log";

/**
 * Enqueues a look at each connection that is due for one: this is how a token is found out that was revoked at its
 * provider and never expires, which Nango does not notice. Takes at most half of what background work may ask of Nango
 * in a minute; the rest is for the sweep.
 * @throws AppError database_unavailable
 */
export async function probeDue(): Promise<void> {
  const { probes, nango } = env();
  const { claimed, postponed } = await claimProbes({
    ...probes,
    // A probe costs two calls.
    limit: Math.max(1, Math.floor(nango.backgroundCallsPerMinute / 4)),
    callsPerMinute: nango.backgroundCallsPerMinute,
  });
  if (claimed + postponed > 0) log().debug({ claimed, postponed }, "probes were claimed");
}
