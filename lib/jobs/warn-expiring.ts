import "server-only";
import { warnExpiring } from "@/lib/db/upkeep";
import { log } from "@/lib/log";

const BATCH = 500;

/**
 * Warns of every sign-in that ends within 14, 3 or 1 days, once per step, in batches.
 * @returns how many were warned of
 * @throws AppError database_unavailable
 */
export async function warnOfEnds(): Promise<number> {
  let warned = 0;
  for (;;) {
    const batch = await warnExpiring(BATCH);
    warned += batch;
    if (batch < BATCH) break;
  }
  if (warned > 0) log().info({ warned }, "sign-ins are about to end");
  return warned;
}
