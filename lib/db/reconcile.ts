import "server-only";
import { factsToJson, type NangoConnectionFacts } from "@/lib/db/facts";
import { whileLocked } from "@/lib/db/nango-lock";
import { ask, systemDb, toIso } from "@/lib/db/system";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

export type ReconcilePhase = "nango" | "check" | "ours" | "quarantine" | "tidy";
type RunStatus = "running" | "paused" | "braked" | "done" | "abandoned";

/** Numbers by name, as a run keeps them between its pages. */
type Counters = Record<string, number>;

/** Where a sweep is. Times are ISO 8601. */
export type ReconcileRun = {
  id: string;
  status: RunStatus;
  /** Why it stands still; null while it runs. */
  code: string | null;
  phase: ReconcilePhase;
  /** A page of Nango's, or the last id of ours; empty at the beginning of a phase. */
  cursor: string;
  counters: Counters;
  acceptGone: boolean;
  resumeAt: string | null;
  startedAt: string;
  finishedAt: string | null;
};

/** Longer than any step between two turns: waiting for a lock, reading, and writing tags. */
const LEASE = "60 seconds";

/**
 * Takes the lease, and the run that is to go on or a new one.
 * @returns busy: somebody else is at it. waiting: the run that is to go on has its time still to come
 */
export async function beginReconcile(
  holder: string,
  acceptGone: boolean,
): Promise<{ outcome: "run" | "waiting"; run: ReconcileRun } | { outcome: "busy"; run: ReconcileRun | null }> {
  const [row] = await ask(systemDb("jobs")`
    select patchbay.begin_reconcile(${holder}, ${LEASE}, ${acceptGone}) as begun`);
  const { outcome, run } = row?.begun ?? {};
  return { outcome, run: run?.id ? toRun(run) : null } as Awaited<ReturnType<typeof beginReconcile>>;
}

/**
 * Keeps the lease and the place, and takes calls to Nango from the budget that all background work shares.
 * @returns null when somebody else has the lease; else how many calls were granted, and the database's time
 */
export async function reconcileTurn(
  holder: string,
  run: Pick<ReconcileRun, "id" | "phase" | "cursor" | "counters">,
  wanted: number,
): Promise<{ granted: number; at: string } | null> {
  const sql = systemDb("jobs");
  // A page that is gone on with is listed anew: with a single call a minute it would never get any further.
  const limit = Math.max(2, env().nango.backgroundCallsPerMinute);
  const [row] = await ask(sql`
    select * from patchbay.reconcile_turn(${holder}, ${run.id}, ${LEASE}, ${run.phase}, ${run.cursor},
      ${sql.json(run.counters)}, ${wanted}, ${limit})`);
  return row?.held ? { granted: row.granted, at: row.at } : null;
}

/** Gives the lease back. @returns the run as it is kept; a caller that lost the lease has changed nothing */
export async function endReconcile(
  holder: string,
  run: ReconcileRun,
  end: { status: "paused" | "braked" | "done"; code: string | null; resumeAt: string | null },
): Promise<ReconcileRun> {
  const sql = systemDb("jobs");
  const [row] = await ask(sql`
    select patchbay.end_reconcile(${holder}, ${run.id}, ${end.status}, ${end.code}, ${end.resumeAt}, ${run.phase},
      ${run.cursor}, ${sql.json(run.counters)}) as run`);
  return toRun(row?.run);
}

/** Takes from the budget without being held back by it: for a call that must follow another. */
export async function takeNangoCalls(wanted: number): Promise<number> {
  const [row] = await ask(systemDb("jobs")`
    select patchbay.take_nango_calls(${wanted}, ${env().nango.backgroundCallsPerMinute}) as granted`);
  return row?.granted ?? 0;
}

type Place = { integrationKey: string; connectionId: string };
/** `id` is that of our row, if there is one. */
export type Differing = Place & { id: string | null };

/**
 * Compares a page of Nango's list with our rows and settles what needs no closer look.
 * @param at the database's time before Nango was asked
 * @returns what has to be read again at Nango, and what was done
 */
export async function reconcilePage(
  startedAt: string,
  at: string,
  items: readonly (Place & { tags: Record<string, string>; authBroken: boolean; authErrorId: string | null })[],
): Promise<{ differing: Differing[]; quarantined: number; deletesResumed: number }> {
  const sql = systemDb("jobs");
  const page = items.map(({ integrationKey, connectionId, tags, authBroken, authErrorId }) => ({
    integration_key: integrationKey,
    connection_id: connectionId,
    tags,
    auth_error: authBroken,
    auth_error_id: authErrorId,
  }));
  const [row] = await ask(sql`
    select patchbay.reconcile_page(${startedAt}, ${at}, ${env().instance}, ${sql.json(page)}) as result`);
  type Found = { integration_key: string; connection_id: string; connection?: string };
  return {
    differing: row?.result.differing.map((found: Found) => ({
      integrationKey: found.integration_key,
      connectionId: found.connection_id,
      id: found.connection ?? null,
    })),
    quarantined: row?.result.quarantined,
    deletesResumed: row?.result.deletes_resumed,
  };
}

/** missing: a live row that Nango no longer has, left as it is. resolved: a quarantined one that is gone. */
export type HealOutcome = "adopted" | "quarantined" | "gone" | "missing" | "resolved" | "changed" | "unchanged";

type StoredOutcome = { outcome: HealOutcome; connection_id: string | null; tags: Record<string, string> | null };

/**
 * Reads one connection at Nango while nobody else may work on it, applies the answer, and writes wiped tags back.
 *
 * @param bury whether a live row that Nango no longer has becomes a tombstone
 * @param read asks Nango; null is its 404. What it throws is thrown on, and nothing is written
 * @param write replaces the tags at Nango. What it throws is returned: what was read counts all the same
 */
export async function reconcileConnection(
  about: Place,
  bury: boolean,
  read: () => Promise<NangoConnectionFacts | null>,
  write: (tags: Record<string, string>) => Promise<boolean>,
): Promise<{ outcome: HealOutcome; connectionId: string | null; retagged: boolean; failure: unknown }> {
  return whileLocked(about, async (query) => {
    const facts = await read();
    const [row] = await query<{ result: StoredOutcome }>(
      "select patchbay.reconcile_connection($1, $2, $3, $4) as result",
      [about.integrationKey, about.connectionId, facts && factsToJson(facts), bury],
    );
    if (!row) throw new AppError("internal");
    const { outcome, connection_id: id, tags } = row.result;
    if (!tags || !facts) return { outcome, connectionId: id, retagged: false, failure: null };
    const written = await write(tags).catch((error: unknown) => error);
    if (written !== true) return { outcome, connectionId: id, retagged: false, failure: written || null };
    await query("select patchbay.record_retag($1, $2, $3)", [id, tags, facts.tags]);
    return { outcome, connectionId: id, retagged: true, failure: null };
  });
}

/** Listed at Nango, though it could not be read: what differs is found again by the next sweep. */
export async function markReconciled(id: string): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.mark_reconciled(${id})`);
}

/**
 * How many live connections there are, and how many of them Nango did not list in this run. shifted: we have deleted some
 * at Nango since it began, so that others may have moved onto pages that had been read.
 */
export async function reconcileOutlook(
  startedAt: string,
): Promise<{ live: number; missing: number; shifted: boolean }> {
  const [row] = await ask(systemDb("jobs")`select * from patchbay.reconcile_outlook(${startedAt})`);
  return { live: row?.live ?? 0, missing: row?.missing ?? 0, shifted: row?.shifted === true };
}

/** Notes whether Nango still lists a quarantined connection. @returns true when it is gone and so settled */
export async function settleMissing(id: string, listed: boolean): Promise<boolean> {
  const [row] = await ask(systemDb("jobs")`select patchbay.settle_missing(${id}, ${listed}) as gone`);
  return row?.gone === true;
}

/**
 * What Nango did not list in this run, by id: live connections, or quarantined ones.
 * @param after the last id of the page before; empty for the first
 */
export async function notListed(
  what: "ours" | "quarantine",
  startedAt: string,
  after: string,
  limit: number,
): Promise<(Place & { id: string })[]> {
  const sql = systemDb("jobs");
  const from = after || "00000000-0000-0000-0000-000000000000";
  const found = await ask(
    what === "ours"
      ? sql`select * from patchbay.reconcile_missing(${startedAt}, ${from}, ${limit})`
      : sql`select * from patchbay.quarantine_missing(${startedAt}, ${from}, ${limit})`,
  );
  return found.map((row) => ({
    id: row.id,
    integrationKey: row.integration_key,
    connectionId: row.nango_connection_id,
  }));
}

/** Gives what waits for a job that is not there a new one, and ends attempts whose time is over. */
export async function reconcileTidy(): Promise<{ requeued: number; deletesResumed: number; expired: number }> {
  const [row] = await ask(systemDb("jobs")`select patchbay.reconcile_tidy() as result`);
  const { requeued, deletes_resumed, expired } = row?.result ?? {};
  return { requeued, deletesResumed: deletes_resumed, expired };
}

/**
 * An operator's word that a connection at Nango belongs to somebody: reads it, makes the row, and writes its tags. All of
 * it or, at Nango too, as good as nothing: tags without their row are quarantined.
 *
 * @returns our connection's id; null when Nango has no such connection
 * @throws AppError unknown_connector, connection_mismatch (it is or was somebody's, or another deployment's), nango_*
 */
export async function importConnection(
  input: Place & { ownerId: string; connector: string; by: string },
  read: () => Promise<NangoConnectionFacts | null>,
  write: (tags: Record<string, string>) => Promise<boolean>,
): Promise<string | null> {
  return whileLocked(input, async (query) => {
    const facts = await read();
    if (!facts) return null;
    const [row] = await query<{ result: Pick<StoredOutcome, "connection_id" | "tags"> }>(
      "select patchbay.import_connection($1, $2, $3, $4) as result",
      [input.ownerId, input.by, input.connector, factsToJson(facts)],
    );
    if (row?.result.tags) await write(row.result.tags);
    return row?.result.connection_id ?? null;
  });
}

/** The sweep that began last; null before the first. */
export async function lastSweep(): Promise<ReconcileRun | null> {
  const [row] = await ask(systemDb("jobs")`
    select to_jsonb(r) as run from patchbay.reconcile_runs r order by started_at desc limit 1`);
  return row ? toRun(row.run) : null;
}

type StoredRun = {
  id: string;
  status: RunStatus;
  code: string | null;
  phase: ReconcilePhase;
  cursor: string;
  counters: Counters;
  accept_gone: boolean;
  resume_at: string | null;
  started_at: string;
  finished_at: string | null;
};

function toRun(run: StoredRun): ReconcileRun {
  return {
    id: run.id,
    status: run.status,
    code: run.code,
    phase: run.phase,
    cursor: run.cursor,
    counters: run.counters,
    acceptGone: run.accept_gone,
    resumeAt: run.resume_at && toIso(run.resume_at),
    startedAt: toIso(run.started_at),
    finishedAt: run.finished_at && toIso(run.finished_at),
  };
}
