import type { ConnectionView } from "@/lib/api/views";

const second = 1_000;
/** Each second while most looks end, then slower, until a little after the time in which a look decides. */
const pauses = [...Array<number>(20).fill(second), ...Array<number>(44).fill(3 * second)];

/**
 * Reads a connection until the server's look at it has ended.
 * A read that fails is no answer: the next one may be.
 *
 * @param first what is known already, if anything
 * @param stopped asked before each read; true ends the waiting
 * @returns the connection as the look left it; null when it had not ended after two and a half minutes, or was stopped
 */
export async function awaitLook(
  first: ConnectionView | null,
  read: () => Promise<ConnectionView>,
  stopped: () => boolean,
): Promise<ConnectionView | null> {
  let seen = first ?? (await read().catch(() => null));
  for (const pause of pauses) {
    if (seen && seen.condition.code !== "checking") return seen;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (stopped()) return null;
    seen = await read().catch(() => null);
  }
  return null;
}
