import "server-only";
import { AsyncLocalStorage } from "node:async_hooks";
import { AppError } from "@/lib/errors";

/**
 * How long the current piece of work may still take. A person waits at most 5 s for an answer, however many upstream
 * calls it needs, so the calls share one budget instead of each having a timeout of its own. A provider that is slow by
 * nature is waited for beside it.
 */
type Budget = {
  /** When upstream calls are to be over, in milliseconds since 1970. */
  readonly end: number;
  /** Something that changes things upstream may be under way, or done: to fail now does not mean that nothing happened. */
  readonly changing: boolean;
  /** Whoever waited has been told that it is over: what is still at work must not begin anything. */
  over: boolean;
  /** Called whenever `end` has moved. */
  onMove?: () => void;
};

type Running = { -readonly [K in keyof Budget]: Budget[K] };
const budgets = new AsyncLocalStorage<Running>();

/** Nobody knows what became of a change that had left: whoever sends it again may make it twice. */
export const tooLate = ({ changing }: Pick<Budget, "changing">): AppError =>
  new AppError("database_unavailable", changing ? { details: { retry: "no", outcome: "unknown" } } : { retryAfter: 5 });

/**
 * Stands directly before whatever must not happen after its caller was told that it did not.
 * @throws AppError database_unavailable when the time is over and said to be
 */
export function stillAwaited(): void {
  const budget = budgets.getStore();
  if (budget?.over) throw tooLate(budget);
}

/** Runs work that should be over in `milliseconds`; upstream calls inside shorten their timeouts to fit. */
export function withDeadline<T>(milliseconds: number, work: (budget: Budget) => Promise<T>): Promise<T> {
  const budget: Running = { end: Date.now() + milliseconds, changing: false, over: false };
  return budgets.run(budget, () => work(budget));
}

/**
 * Milliseconds that an upstream call may take now: `longest`, or what is left of the budget (at least 1).
 */
export function timeLeft(longest: number): number {
  const budget = budgets.getStore();
  return budget === undefined ? longest : Math.max(1, Math.min(longest, budget.end - Date.now()));
}

/**
 * Notes that a call leaves now which changes something upstream.
 * @throws AppError database_unavailable when nobody waits for it any more: then it must not leave
 */
export function changeMayHaveLeft(): void {
  stillAwaited();
  const budget = budgets.getStore();
  if (budget) budget.changing = true;
}

/**
 * Runs a call that may take `milliseconds`, whatever is left of the budget. The budget stands still meanwhile: what comes
 * after the call has as much of it as before.
 * @param milliseconds undefined: like any other call
 * @throws AppError database_unavailable when nobody waits for it any more, and whatever the call throws
 */
export async function takingLonger<T>(milliseconds: number | undefined, work: () => Promise<T>): Promise<T> {
  stillAwaited();
  const budget = budgets.getStore();
  if (milliseconds === undefined || budget === undefined) return work();
  const move = (by: number) => {
    budget.end += by;
    budget.onMove?.();
  };
  const begun = Date.now();
  move(milliseconds);
  try {
    return await work();
  } finally {
    move(Math.min(Date.now() - begun, milliseconds) - milliseconds);
  }
}

/** Starts work that others wait for as well, or that must come to its end: nobody's budget shortens it. */
export function outsideBudgets<T>(work: () => Promise<T>): Promise<T> {
  return budgets.exit(work);
}
