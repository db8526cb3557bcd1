import "server-only";
import { rotateBatch, rowsByKey } from "@/lib/db/oauth";
import { activeKeyId } from "./keyring";
import { sealTokens, unsealTokens } from "./seal-tokens";

const BATCH = 500;
const FIRST = "00000000-0000-0000-0000-000000000000";

export type Rotation = { rotated: number; left: number };

/**
 * Encrypts every stored token with the active key that is under another one. Each batch is a transaction: it can be
 * stopped at any moment and begun again, and goes on with what is left. Tokens stay usable all the while.
 *
 * @param options.signal stops after the batch that is under way
 * @param options.onBatch how many were done so far
 * @returns how many were done, and how many are left: those that somebody was renewing, or all after a stop
 * @throws AppError misconfigured when a key is missing that tokens are still under; what was done stays done
 */
export async function rotateKeys(
  options: { signal?: AbortSignal; batch?: number; onBatch?: (rotated: number) => void } = {},
): Promise<Rotation> {
  const active = activeKeyId();
  let rotated = 0;
  let after = FIRST;
  while (!options.signal?.aborted) {
    const done = await rotateBatch(active, after, options.batch ?? BATCH, (row) => {
      const { access, refresh } = sealTokens(row.connectionId, { ...unsealTokens(row), expiresAt: row.expiresAt });
      return { access, refresh };
    });
    if (!done) break;
    rotated += done.count;
    after = done.last;
    options.onBatch?.(rotated);
  }
  const others = Object.entries(await rowsByKey()).filter(([key]) => key !== active);
  return { rotated, left: others.reduce((sum, [, count]) => sum + count, 0) };
}
