import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { disconnectConnection } from "@/lib/db/connections";
import { enqueueUpkeep, forget } from "@/lib/db/upkeep";
import { parseEnvironment, resetEnv } from "@/lib/env";
import { retain } from "@/lib/jobs/retain";
import { connect } from "../support/connecting";
import { type DataFixture, openDataFixture } from "../support/tenants";

let db: DataFixture;
let admin: postgres.Sql;
let ada: Tenant;

beforeAll(async () => {
  process.env.LOG_LEVEL = "silent";
  db = await openDataFixture();
  admin = postgres(db.adminUrl, { max: 1, onnotice: () => {} });
  ada = db.tenant("org_acme", "user_ada", "admin");
});
afterAll(async () => {
  await admin.end();
  await db.close();
  delete process.env.LOG_LEVEL;
});
beforeEach(async () => {
  // Past the trigger, as only the superuser of a test can be.
  await admin`set session_replication_role = replica`;
  await admin`truncate notices, connection_events, webhook_deliveries, quarantined_connections, connection_attempts, connections
    cascade`;
  await admin`set session_replication_role = origin`;
});

const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
const left = async (table: string) => (await db.sql`select count(*)::int as n from ${db.sql(table)}`)[0]?.n as number;

/** Deliveries of so many days ago; open ones have no verdict yet. */
async function deliveries(days: number, count: number, open = false): Promise<void> {
  await db.sql`insert into webhook_deliveries (body_sha256, body, received_at, verdict, finished_at)
    select sha256(convert_to(gen_random_uuid()::text, 'utf8')), 'x', ${ago(days)}, ${open ? null : "applied"},
      ${open ? null : ago(days)} from generate_series(1, ${count}::int)`;
}

/** An event of so many days ago, of a connection or of none. */
async function event(days: number, connection: string | null = null, type = "labelled"): Promise<string> {
  const [row] = await db.sql`
    insert into connection_events (owner_id, connection_id, type, actor_kind, created_at)
    values ('org_acme', ${connection}, ${type}, 'system', ${ago(days)}) returning id::text as id`;
  return row?.id;
}

async function attempt(days: number, set: Record<string, unknown> = {}): Promise<string> {
  const [row] = await db.sql`
    insert into connection_attempts ${db.sql({
      owner_id: "org_acme",
      started_by: "user_ada",
      connector: "github",
      integration_key: "github",
      visibility: "everyone",
      instance: "test",
      status: "cancelled",
      outcome: "cancelled",
      ended_at: ago(days),
      created_at: ago(days),
      ...set,
    })} returning id`;
  return row?.id;
}

async function quarantined(resolvedDaysAgo: number | null, attemptId: string | null, set: object = {}): Promise<void> {
  await db.sql`insert into quarantined_connections ${db.sql({
    owner_id: "org_acme",
    integration_key: "github",
    nango_connection_id: crypto.randomUUID(),
    reason_code: "attempt_cancelled",
    attempt_id: attemptId,
    first_seen_at: ago(300),
    resolved_at: resolvedDaysAgo === null ? null : ago(resolvedDaysAgo),
    resolution: resolvedDaysAgo === null ? null : "adopted",
    ...set,
  })}`;
}

describe("retention", () => {
  it("deletes final deliveries after 30 days, and no open one however old", async () => {
    await deliveries(31, 25);
    await deliveries(29, 4);
    await deliveries(500, 3, true);
    expect(await retain(10)).toEqual({ more: false });
    expect(await left("webhook_deliveries")).toBe(7);
    const [open] = await db.sql`select count(*)::int as n from webhook_deliveries where verdict is null`;
    expect(open?.n).toBe(3);
  });

  it("deletes events after 400 days with the notices of them, and leaves each connection, tombstones included", async () => {
    const live = await connect(ada);
    const gone = await connect(ada);
    await disconnectConnection(ada, gone.id);
    await db.sql`update connections set created_at = ${ago(2_000)}, disconnected_at = ${ago(1_900)}
      where id = ${gone.id}`;
    const before = await left("connection_events");
    const old = await event(401, gone.id);
    await event(399, gone.id);
    await event(401);
    await db.sql`insert into notices (owner_id, user_id, event_id, kind, connection_id, connector)
      values ('org_acme', 'user_ada', ${old}, 'disconnected', ${gone.id}, 'github')`;
    await retain(1);
    expect(await left("connection_events")).toBe(before + 1);
    expect(await left("notices")).toBe(0);
    const rows = await db.sql`select id, status from connections order by status`;
    expect(rows).toEqual([
      { id: live.id, status: "connected" },
      { id: gone.id, status: "disconnected" },
    ]);
  });

  it("deletes seen notices after 30 days, unseen ones not", async () => {
    const id = await event(100);
    const insert = (user: string, seen: Date | null) => db.sql`
      insert into notices (owner_id, user_id, event_id, kind, connector, created_at, seen_at)
      values ('org_acme', ${user}, ${id}, 'recovered', 'github', ${ago(100)}, ${seen})`;
    await insert("old", ago(31));
    await insert("young", ago(29));
    await insert("unseen", null);
    await retain();
    const users = await db.sql`select user_id from notices order by user_id`;
    expect(users.map((row) => row.user_id)).toEqual(["unseen", "young"]);
  });

  it("deletes resolved quarantine after 30 days, and then the attempts that it named", async () => {
    const [a, b, c] = [await attempt(100), await attempt(100), await attempt(100)];
    await quarantined(31, a);
    await quarantined(29, b);
    await quarantined(null, c);
    await quarantined(null, null);
    await retain();
    expect(await left("quarantined_connections")).toBe(3);
    const attempts = await db.sql`select id from connection_attempts`;
    expect(new Set(attempts.map((row) => row.id))).toEqual(new Set([b, c]));
  });

  it("keeps a quarantined connection until it is deleted at Nango, however long that takes", async () => {
    await quarantined(100, null, { resolution: "deleted" });
    await quarantined(100, null, { resolution: "deleted", remote_deleted_at: ago(99) });
    await retain();
    const rows = await db.sql`select remote_deleted_at from quarantined_connections`;
    expect(rows).toEqual([{ remote_deleted_at: null }]);
  });

  it("deletes attempts that ended 30 days ago, but for those that a live connection rests on", async () => {
    const live = await connect(ada);
    const gone = await connect(ada);
    await disconnectConnection(ada, gone.id);
    await db.sql`update connection_attempts set ended_at = ${ago(200)}, created_at = ${ago(200)}`;
    const reconnect = (days: number, set: object = {}) =>
      attempt(days, {
        connection_id: live.id,
        is_reconnect: true,
        status: "confirmed",
        outcome: "reconnected",
        ...set,
      });
    await reconnect(150);
    const last = await reconnect(100);
    // Cancelled too late: its sign-in counts, so the credentials are of this attempt.
    const late = await reconnect(90, { status: "cancelled", outcome: "cancelled" });
    await reconnect(80, { status: "failed", outcome: "denied" });
    await db.sql`update connections set signed_in_attempt = ${late} where id = ${live.id}`;
    // Adopted from quarantine: the attempt itself knows nothing of the connection.
    const adopted = await attempt(100);
    const other = await connect(ada);
    await db.sql`update connections set signed_in_attempt = ${adopted} where id = ${other.id}`;
    await db.sql`update connection_attempts set ended_at = now() where id = ${other.attemptId}`;
    const young = await attempt(29);
    const open = await attempt(100, { status: "open", outcome: null, ended_at: null });
    const abandoned = await attempt(100, { status: "abandoned", outcome: "closed" });
    for (const status of ["failed", "cancelled", "expired"]) await attempt(31, { status, outcome: status });
    await retain(2);
    const kept = await db.sql`select id from connection_attempts`;
    expect(new Set(kept.map((row) => row.id))).toEqual(
      new Set([last, late, adopted, other.attemptId, young, open, abandoned]),
    );
  });

  it("keeps connect links for 400 days after their time, and the attempts through them no shorter than others", async () => {
    const link = async (expiredDaysAgo: number) => {
      const [row] = await db.sql`
        insert into connect_links (owner_id, created_by, connector, email, token_hash, created_at, expires_at)
        values ('org_acme', 'user_ada', 'github', 'a@b.test', sha256(convert_to(gen_random_uuid()::text, 'utf8')),
          ${ago(expiredDaysAgo + 7)}, ${ago(expiredDaysAgo)}) returning id`;
      return row?.id as string;
    };
    await connect(ada);
    const [old, young] = [await link(401), await link(399)];
    const through = await attempt(1, { link_id: old });
    await retain();
    expect((await db.sql`select id from connect_links`).map(({ id }) => id)).toEqual([young]);
    expect(await db.sql`select link_id from connection_attempts where id = ${through}`).toEqual([{ link_id: null }]);
  });

  it("works in batches, each a transaction of its own, and goes on where time ran out", async () => {
    await deliveries(40, 23);
    expect(await forget("deliveries", 30, 10)).toMatchObject({ deleted: 10, next: {} });
    expect(await left("webhook_deliveries")).toBe(13);
    expect(await retain(5, 0)).toEqual({ more: true });
    expect(await left("webhook_deliveries")).toBe(8);
    expect(await retain(5)).toEqual({ more: false });
    expect(await left("webhook_deliveries")).toBe(0);
  });

  it("waits for nobody: a row that is being worked on is left for the next time", async () => {
    await deliveries(40, 3);
    await db.sql.begin(async (sql) => {
      await sql`select id from webhook_deliveries limit 1 for update`;
      expect(await retain()).toEqual({ more: false });
    });
    expect(await left("webhook_deliveries")).toBe(1);
    await retain();
    expect(await left("webhook_deliveries")).toBe(0);
  });

  it("keeps what the settings say, and history never for less than 90 days", async () => {
    process.env.RETENTION_DELIVERIES_DAYS = "7";
    process.env.RETENTION_EVENTS_DAYS = "120";
    resetEnv();
    await deliveries(8, 2);
    await deliveries(6, 1);
    await event(121);
    await event(119);
    await retain();
    delete process.env.RETENTION_DELIVERIES_DAYS;
    delete process.env.RETENTION_EVENTS_DAYS;
    resetEnv();
    expect(await left("webhook_deliveries")).toBe(1);
    expect(await left("connection_events")).toBe(1);
    await event(91);
    await event(89);
    await db.sql`select patchbay.forget_events(1, 100)`;
    const ages = await db.sql`
      select extract(day from now() - created_at)::int as days from connection_events order by created_at`;
    expect(ages.map((row) => row.days)).toEqual([89]);
    const settings = { ...process.env, RETENTION_EVENTS_DAYS: "89" };
    expect(() => parseEnvironment(settings)).toThrow(/RETENTION_EVENTS_DAYS/);
  });

  it("comes once a day also where nothing but a scheduler's calls runs the jobs", async () => {
    const waiting = () => db.sql`
      select t.identifier as task, extract(epoch from j.run_at - now())::int as seconds, j.run_at::text as at
      from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier in ('probe', 'warn_expiring', 'retain') order by 1`;
    await enqueueUpkeep();
    const first = await waiting();
    expect(first.map((job) => job.task)).toEqual(["probe", "retain", "warn_expiring"]);
    expect(first[0]?.seconds).toBeLessThanOrEqual(0);
    expect(first[1]?.seconds).toBeGreaterThan(86_000);
    await enqueueUpkeep();
    const second = await waiting();
    expect(second).toHaveLength(3);
    expect(second[1]?.at).toBe(first[1]?.at);
  });
});

describe("history", () => {
  /** What a role is answered, having every grant that could be given. */
  async function attemptAs(role: string, statement: string): Promise<string> {
    return admin
      .begin(async (sql) => {
        await sql.unsafe(`grant all on connection_events to ${role}; grant all on notices to ${role}`);
        await sql.unsafe(`alter table connection_events no force row level security; set local role ${role}`);
        await sql.unsafe(statement);
        throw new Error("accepted");
      })
      .catch((error: Error) => error.message);
  }

  const refused = "history_is_append_only";

  it.each(["postgres", "supabase_admin", "service_role"])(
    "cannot be changed, emptied or shortened by %s while it is young, and only shortened when it is old",
    async (role) => {
      const young = await event(89);
      const old = await event(91);
      for (const id of [young, old])
        expect(await attemptAs(role, `update connection_events set type = 'connected' where id = ${id}`)).toBe(refused);
      expect(await attemptAs(role, "truncate connection_events cascade")).toBe(refused);
      expect(await attemptAs(role, `delete from connection_events where id = ${young}`)).toBe(refused);
      expect(await attemptAs(role, "delete from connection_events")).toBe(refused);
      expect(await attemptAs(role, `delete from connection_events where id = ${old}`)).toBe("accepted");
      expect(await left("connection_events")).toBe(2);
    },
  );
});
