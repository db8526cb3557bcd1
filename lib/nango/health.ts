import "server-only";
import { outsideBudgets } from "@/lib/deadline";
import { env } from "@/lib/env";
import { waitFor } from "@/lib/wait";

let last: { host: string; at: number; answer: Promise<boolean> } | undefined;
const FRESH_FOR = 5_000;
/** Milliseconds. */
const TIMEOUT = 2_000;

async function ask(host: string): Promise<boolean> {
  try {
    // Any answer will do: this asks whether the server is there, not what our key may do.
    const response = await fetch(`${host}/health`, {
      signal: AbortSignal.timeout(TIMEOUT),
      redirect: "manual",
    });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}

/**
 * Whether Nango's server answers. Asked at most every five seconds, however often monitors come by.
 * @returns null when this installation does not use it; false also when it does not answer in the caller's time
 */
export async function nangoAnswers(): Promise<boolean | null> {
  const { enabled, host } = env().nango;
  if (!enabled) return null;
  if (!last || last.host !== host || Date.now() - last.at > FRESH_FOR)
    last = { host, at: Date.now(), answer: outsideBudgets(() => ask(host)) };
  return waitFor(last.answer, TIMEOUT + 500, () => false);
}
