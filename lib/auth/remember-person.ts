import "server-only";
import { readPerson } from "@/lib/auth/clerk-directory";
import { upsertPerson } from "@/lib/db/people";
import { log } from "@/lib/log";

/** People remembered by this process, by the time at which they are worth asking about again. */
const askAgainAt = new Map<string, number>();
const FRESH_FOR = 15 * 60_000;
const MAX_REMEMBERED = 10_000;

/**
 * Keeps a person's name, address and picture for "connected by", from Clerk. Asks Clerk at most every 15 minutes per
 * person and process. Never fails: a page does not wait for a name.
 */
export async function rememberPerson(userId: string): Promise<void> {
  const now = Date.now();
  if ((askAgainAt.get(userId) ?? 0) > now) return;
  if (askAgainAt.size >= MAX_REMEMBERED) askAgainAt.clear();
  askAgainAt.set(userId, now + FRESH_FOR);
  try {
    const person = await readPerson(userId);
    if (person) await upsertPerson(person);
  } catch (error) {
    askAgainAt.set(userId, now + 30_000);
    log().warn({ err: error }, "a person's name could not be kept");
  }
}
