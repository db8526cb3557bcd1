import "server-only";
import { randomUUID } from "node:crypto";
import { beginReconcile, endReconcile, type ReconcileRun } from "@/lib/db/reconcile";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { sweepThrough } from "@/lib/webhooks/reconcile-phases";
import { Standstill, Sweep } from "@/lib/webhooks/reconcile-sweep";

/**
 * The sweep: makes our copy equal Nango's, both ways, whatever was lost.
 *
 * Threat: webhooks are lost, and a sweep with a wrong key finds nobody's connection.
 * Invariant: tombstones stay, connections of other deployments are listed and never touched, and before more than a
 * fifth of the live connections (and more than ten) would go, it stops. Guarded by tests/integration/reconcile-*.test.ts.
 */

const heals = [
  "adopted",
  "gone",
  "status_changed",
  "retagged",
  "deletes_resumed",
  "quarantined",
  "quarantine_gone",
  "requeued",
  "attempts_expired",
] as const;

export type ReconcileReport = {
  /** paused: goes on at `next`. braked: stopped before it did harm. busy: another process is at it. */
  status: "done" | "paused" | "braked" | "busy";
  /** Why it is paused or braked. */
  code: string | null;
  /** Connections that Nango listed. */
  seen: number;
  /** Connections that were read one by one. */
  checked: number;
  /** Connections that could not be read, and wait for the next sweep. */
  failed: number;
  healed: Record<(typeof heals)[number], number>;
  /** Calls to Nango. */
  calls: number;
  /** Times are ISO 8601. */
  started_at: string | null;
  finished_at: string | null;
  next: string | null;
};

function reportOf(status: ReconcileReport["status"], run: ReconcileRun | null): ReconcileReport {
  const counters = run?.counters ?? {};
  return {
    status,
    code: status === "paused" || status === "braked" ? (run?.code ?? null) : null,
    seen: counters.seen ?? 0,
    checked: counters.checked ?? 0,
    failed: counters.failed ?? 0,
    healed: Object.fromEntries(heals.map((name) => [name, counters[name] ?? 0])) as ReconcileReport["healed"],
    calls: counters.calls ?? 0,
    started_at: run?.startedAt ?? null,
    finished_at: run?.finishedAt ?? null,
    next: status === "paused" ? (run?.resumeAt ?? new Date().toISOString()) : null,
  };
}

function standstillOf(error: unknown): Standstill | null {
  if (error instanceof Standstill) return error;
  if (!(error instanceof AppError) || !error.code.startsWith("nango_")) return null;
  const wait = (error.retryAfter ?? 30) * 1000;
  return new Standstill("paused", error.code, new Date(Date.now() + wait).toISOString());
}

/**
 * Runs the sweep, or goes on with one that was paused or killed, until it is done, has to wait, or is out of time. Without
 * Nango there is nothing to compare with, and it is done at once.
 * @param options.milliseconds how long it may take; the step under way is finished
 * @param options.acceptGone a person has said that the brake is not to hold: so many really are gone
 * @throws AppError database_unavailable
 */
export async function reconcile(
  options: { milliseconds?: number; acceptGone?: boolean } = {},
): Promise<ReconcileReport> {
  if (!env().nango.enabled) return reportOf("done", null);
  const holder = randomUUID();
  const begun = await beginReconcile(holder, options.acceptGone ?? false);
  if (begun.outcome === "busy") return reportOf("busy", begun.run);
  if (begun.outcome === "waiting") return reportOf("paused", begun.run);
  const sweep = new Sweep(holder, begun.run, Date.now() + (options.milliseconds ?? Number.POSITIVE_INFINITY));
  try {
    await sweepThrough(sweep);
    return reportOf("done", await endReconcile(holder, sweep.run, { status: "done", code: null, resumeAt: null }));
  } catch (error) {
    const halt = standstillOf(error);
    if (halt?.status === "busy") return reportOf("busy", sweep.run);
    const end = {
      status: halt?.status ?? "paused",
      code: halt?.code ?? "internal",
      resumeAt: halt?.resumeAt ?? null,
    } as const;
    if (end.status === "braked") log().error({ counters: sweep.run.counters }, "the sweep has braked");
    else log().info({ err: halt ? undefined : error, code: end.code }, "the sweep is paused");
    const kept = await endReconcile(holder, sweep.run, end as Parameters<typeof endReconcile>[2]).catch(() => null);
    if (!halt) throw error;
    return reportOf(end.status, kept ?? sweep.run);
  }
}
