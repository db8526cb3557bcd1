import "server-only";
import { timeLeft } from "@/lib/deadline";
import { env } from "@/lib/env";

let last: { host: string; at: number; answer: Promise<boolean> } | undefined;
const FRESH_FOR = 5_000;

async function ask(host: string): Promise<boolean> {
  try {
    // Any answer will do: this asks whether the server is there, not what our key may do.
    const response = await fetch(`${host}/health`, {
      signal: AbortSignal.timeout(timeLeft(2_000)),
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
 * @returns null when this installation does not use it
 */
export async function nangoAnswers(): Promise<boolean | null> {
  const { enabled, host } = env().nango;
  if (!enabled) return null;
  if (!last || last.host !== host || Date.now() - last.at > FRESH_FOR)
    last = { host, at: Date.now(), answer: ask(host) };
  return last.answer;
}
