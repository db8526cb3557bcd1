import type { Made } from "./ledger";
import { type Expected, type Fate, fateOf, tagsOf } from "./model";
import type { Dump } from "./nango";
import type { Hands } from "./sign-in";

/** Our tables beside the model, field by field. Every difference is a line. */

type Stored = {
  id: string;
  nango_connection_id: string;
  integration_key: string;
  owner_id: string;
  connected_by: string;
  visibility: string;
  connector: string;
  status: string;
  reason_code: string | null;
  suspect_since: Date | null;
  account_id: string | null;
  found_account_id: string | null;
  label: string | null;
  expires_at: Date | null;
  scopes_granted: string[] | null;
  remote_deleted_at: Date | null;
};
type Kept = { nango_connection_id: string; reason_code: string; resolution: string | null };
export type Difference = { made: Made | null; what: string };

export async function compare(hands: Hands): Promise<Difference[]> {
  const { world, ledger } = hands;
  const dump = await world.nango.dump();
  const rows = await world.sql<Stored[]>`select * from connections`;
  const kept = await world.sql<
    Kept[]
  >`select nango_connection_id, reason_code, resolution from quarantined_connections`;
  const rowOf = new Map(rows.map((row) => [row.nango_connection_id, row]));
  const quarantineOf = new Map(kept.map((entry) => [entry.nango_connection_id, entry]));
  const found: Difference[] = [];

  const there = new Set(dump.connections.map(({ connectionId }) => connectionId));

  for (const made of ledger.made) {
    const row = rowOf.get(made.nangoId) ?? null;
    const entry = quarantineOf.get(made.nangoId) ?? null;
    const wrong = judge(fateOf(hands, dump, made), row, entry);
    found.push(...wrong.map((what) => ({ made, what })));
    if (row?.status === "disconnected" && there.has(made.nangoId)) {
      const held = entry?.reason_code === "reappeared" && entry.resolution === null;
      if (row.reason_code === "by_person") found.push({ made, what: "a person disconnected it, and Nango has it" });
      else if (!held) found.push({ made, what: "it is there again at Nango, and nobody is told" });
    }
    if (row && row.status !== "disconnected") found.push(...tagDifferences(dump, made).map((what) => ({ made, what })));
  }
  for (const row of rows) {
    if (!ledger.find(row.nango_connection_id)) found.push({ made: null, what: `a row that nobody made: ${row.id}` });
  }
  found.push(...(await invariants(hands, dump)));
  found.push(...ledger.complaints.map((what) => ({ made: null, what })));
  return found;
}

function judge(fate: Fate, row: Stored | null, entry: Kept | null): string[] {
  switch (fate.kind) {
    case "either": {
      const verdicts = fate.fates.map((each) => judge(each, row, entry));
      return verdicts.find((wrong) => wrong.length === 0) ?? verdicts[row || !entry ? 0 : 1] ?? [];
    }
    case "nothing":
      return [
        ...(row ? [`there is a row (${stateOf(row)}) of what must have none`] : []),
        ...(entry && entry.resolution === null ? ["it is in quarantine although it is gone"] : []),
      ];
    case "quarantined":
      if (row) return [`there is a row (${stateOf(row)}) of what belongs in quarantine (${fate.reasons})`];
      if (!entry) return [`it is not in quarantine (${fate.reasons})`];
      return fate.reasons.includes(entry.reason_code)
        ? []
        : [`quarantined as ${entry.reason_code}, not ${fate.reasons}`];
    case "tombstone": {
      if (!row) return [`its tombstone (${fate.reasons}) is missing`];
      const state = stateOf(row);
      const allowed = fate.reasons.map((reason) => `disconnected(${reason})`);
      return [
        ...(allowed.includes(state) ? [] : [`it is ${state}, not ${allowed.join(" or ")}`]),
        ...(row.remote_deleted_at ? [] : ["it was never deleted at Nango"]),
        ...identity(fate.expected, row),
      ];
    }
    case "ours":
      if (!row) return [entry ? `it is in quarantine (${entry.reason_code}), not ours` : "it has no row"];
      return [...identity(fate.expected, row), ...condition(fate.expected, row)];
  }
}

const stateOf = (row: Stored) => (row.reason_code ? `${row.status}(${row.reason_code})` : row.status);

function differs(field: string, is: unknown, expected: unknown): string[] {
  return JSON.stringify(is) === JSON.stringify(expected)
    ? []
    : [`${field} is ${JSON.stringify(is)}, not ${JSON.stringify(expected)}`];
}

function identity(expected: Expected, row: Stored): string[] {
  return [
    ...differs("owner", row.owner_id, expected.ownerId),
    ...differs("connected_by", row.connected_by, expected.connectedBy),
    ...differs("visibility", row.visibility, expected.visibility),
    ...differs("connector", row.connector, expected.connector),
    ...differs("label", row.label, expected.label),
  ];
}

function condition(expected: Expected, row: Stored): string[] {
  const state = stateOf(row);
  const ends = row.expires_at?.getTime() ?? null;
  const sameEnd =
    expected.expiresAt === undefined ||
    (ends === null || expected.expiresAt === null
      ? ends === expected.expiresAt
      : Math.abs(ends - expected.expiresAt) < 5_000);
  return [
    ...(expected.states.includes(state) ? [] : [`it is ${state}, not ${expected.states.join(" or ")}`]),
    ...(expected.accounts.includes(row.account_id) ? [] : differs("account", row.account_id, expected.accounts)),
    ...(state === "connected" && row.suspect_since ? ["it is connected and still suspect"] : []),
    ...differs("found account", row.found_account_id, expected.found),
    ...(sameEnd ? [] : [`expires_at is ${row.expires_at?.toISOString()}, not ${isoOf(expected.expiresAt)}`]),
    ...(expected.scopes === undefined ? [] : differs("scopes", row.scopes_granted, expected.scopes)),
  ];
}

const isoOf = (time: number | null | undefined) => (time ? new Date(time).toISOString() : String(time));

/** Tags at Nango say whose it is, through a try of its own. */
function tagDifferences(dump: Dump, made: Made): string[] {
  const connection = dump.connections.find(({ connectionId }) => connectionId === made.nangoId);
  if (!connection || !made.by) return [];
  const { attempt_id, ...rest } = connection.tags;
  const sorted = (tags: Record<string, string>) => Object.fromEntries(Object.entries(tags).sort());
  const tries = [made.by, ...made.renewals].map(({ id }) => id);
  return [
    ...differs("tags at Nango", sorted(rest), sorted(tagsOf(made))),
    ...(tries.includes(attempt_id ?? "") ? [] : [`the tag attempt_id at Nango is ${attempt_id}, not of ${tries}`]),
  ];
}

/** What holds of all of it together. */
async function invariants({ world, ledger }: Hands, dump: Dump): Promise<Difference[]> {
  const said = (what: string) => ({ made: null, what });
  const twice = await world.sql`
    select data ->> 'attempt_id' as id, count(*)::int as count from connection_events
    where type = 'connected' and data ->> 'source' <> 'quarantine' group by 1 having count(*) > 1`;
  const [risen] = await world.sql<{ count: number }[]>`select count(*)::int as count from simulation_risen`;
  const jobs = await world.sql`
    select task_identifier, last_error from graphile_worker.jobs
    where (attempts > 0 or locked_at is not null)
      -- What a successor with the same key has replaced while a dead worker held it: the queue keeps it, and never runs it.
      and not (key is null and attempts >= max_attempts and task_identifier in ('identify_connection', 'remote_delete'))
    limit 3`;
  const open = await world.sql`select 1 from webhook_deliveries where verdict is null limit 1`;
  const finished = new Set(ledger.tries.filter((each) => each.cancelled && !each.orphaned).map(({ id }) => id));
  const sessions = dump.sessions.filter(
    ({ tags, expiresAt }) => expiresAt > Date.now() && finished.has(tags.attempt_id ?? ""),
  );
  return [
    ...twice.map(({ id, count }) => said(`try ${id} was claimed ${count} times`)),
    ...((risen?.count ?? 0) === ledger.undos
      ? []
      : [said(`${risen?.count} tombstones came back to life, of which people undid ${ledger.undos}`)]),
    ...jobs.map((job) => said(`a job never ended: ${job.task_identifier}: ${job.last_error}`)),
    ...(open.length > 0 ? [said("a delivery never got its verdict")] : []),
    ...sessions.map(({ tags }) => said(`the session of the cancelled try ${tags.attempt_id} is still good at Nango`)),
  ];
}

/** Writes down every row that stops being a tombstone, in whatever way. */
export async function setTrap(world: Hands["world"]): Promise<void> {
  await world.sql.unsafe(`
    create table public.simulation_risen (id uuid);
    create function public.simulation_trap() returns trigger language plpgsql security definer as $$
    begin insert into public.simulation_risen values (new.id); return new; end; $$;
    create trigger simulation_trap after update on public.connections for each row
      when (old.status = 'disconnected' and new.status <> 'disconnected') execute function public.simulation_trap();`);
}
