import "server-only";
import { timeLeft } from "@/lib/deadline";

/**
 * Waits for work that goes on by itself, whoever has gone meanwhile.
 * @param longest milliseconds; a budget shortens it, for this caller alone
 * @param late what comes of it for a caller whose time is over
 */
export async function waitFor<T, L>(work: Promise<T>, longest: number, late: () => L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeLeft(longest));
  });
  try {
    return await Promise.race([work, enough.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
