import "server-only";
import { AsyncLocalStorage } from "node:async_hooks";

/**
 * How long the current piece of work may still take. A person waits at most 5 s for an answer, however many upstream
 * calls it needs, so the calls share one budget instead of each having a timeout of its own.
 */
const deadlines = new AsyncLocalStorage<number>();

/** Runs work that should be over in `milliseconds`; upstream calls inside shorten their timeouts to fit. */
export function withDeadline<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  return deadlines.run(Date.now() + milliseconds, work);
}

/**
 * Milliseconds that an upstream call may take now: `longest`, or what is left of the budget (at least 1).
 */
export function timeLeft(longest: number): number {
  const deadline = deadlines.getStore();
  return deadline === undefined ? longest : Math.max(1, Math.min(longest, deadline - Date.now()));
}
