import "server-only";
import { type Credentials, rotateBatch, rowsByKey } from "@/lib/db/oauth";
import { AppError } from "@/lib/errors";
import { activeKeyId, keyIds } from "./keyring";
import { sealTokens, unsealTokens } from "./seal-tokens";

const BATCH = 250;
const FIRST = "00000000-0000-0000-0000-000000000000";

/** `unreadable`: ids of connections whose tokens no key of ours opens, though their key is there. */
export type Rotation = { rotated: number; left: number; unreadable: string[] };

/**
 * Encrypts every stored token with the active key that is under another one. Each batch is a transaction: it can be
 * stopped at any moment and begun again, and goes on with what is left. Tokens stay usable all the while. What cannot be
 * read is passed over: it keeps nothing behind it from being done.
 *
 * @param options.signal stops after the batch that is under way
 * @param options.onBatch how many were done so far
 * @returns how many were done, and how many are left: those that somebody was renewing, those that cannot be read, or all
 *   after a stop
 * @throws AppError misconfigured when a key is missing that tokens are still under; all others are done by then
 */
export async function rotateKeys(
  options: { signal?: AbortSignal; batch?: number; onBatch?: (rotated: number) => void } = {},
): Promise<Rotation> {
  const active = activeKeyId();
  let rotated = 0;
  let after = FIRST;
  const unreadable: string[] = [];
  const missing = new Set<string>();
  const anew = (row: Credentials) => {
    if (!keyIds().includes(row.keyId)) {
      missing.add(row.keyId);
      return null;
    }
    let tokens: ReturnType<typeof unsealTokens>;
    try {
      tokens = unsealTokens(row);
    } catch {
      unreadable.push(row.connectionId);
      return null;
    }
    return sealTokens(row.connectionId, { ...tokens, expiresAt: row.expiresAt });
  };
  while (!options.signal?.aborted) {
    const done = await rotateBatch(active, after, options.batch ?? BATCH, anew);
    if (!done) break;
    rotated += done.count;
    after = done.last;
    options.onBatch?.(rotated);
  }
  if (missing.size > 0) {
    const names = [...missing].map((id) => JSON.stringify(id)).join(", ");
    const problem = `OAUTH_ENCRYPTION_KEYS has no key ${names}, with which stored tokens are encrypted`;
    throw new AppError("misconfigured", { cause: new Error(problem) });
  }
  const others = Object.entries(await rowsByKey()).filter(([key]) => key !== active);
  return { rotated, left: others.reduce((sum, [, count]) => sum + count, 0), unreadable };
}
