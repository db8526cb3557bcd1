import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { claimProbes } from "@/lib/db/upkeep";
import { type DataFixture, openDataFixture } from "../support/tenants";

let db: DataFixture;

beforeAll(async () => {
  db = await openDataFixture();
  await db.sql`insert into people (user_id) values ('user_ada')`;
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.sql`delete from connections`;
  await db.sql`delete from graphile_worker._private_jobs`;
  await db.sql`delete from patchbay.nango_budget`;
});

/** Connections of an owner that have been due for so many minutes; 0: in a minute. */
async function due(owner: string, count: number, minutes = 5, set: Record<string, unknown> = {}): Promise<void> {
  await db.sql`insert into connections ${db.sql(
    Array.from({ length: count }, (_, n) => ({
      owner_id: owner,
      connector: "github",
      integration_key: "github",
      nango_connection_id: `${owner}-${minutes}-${n}`,
      status: "connected",
      number: n + 1 + minutes * 10_000,
      connected_by: "user_ada",
      next_probe_at: new Date(Date.now() - minutes * 60_000 + (minutes === 0 ? 60_000 : 0)),
      ...set,
    })),
  )}`;
}

const claim = (changes: Partial<Parameters<typeof claimProbes>[0]> = {}) =>
  claimProbes({ limit: 1_000, perOwnerPerHour: 60, everyHours: 24, callsPerMinute: 100_000, ...changes });

/** How many looks wait, by owner. */
async function looks(): Promise<Record<string, number>> {
  const rows = await db.sql`
    select c.owner_id, count(*)::int as n from graphile_worker._private_jobs j
    join graphile_worker._private_tasks t on t.id = j.task_id
    join connections c on j.key = 'identify:' || c.id and j.payload ->> 'connection_id' = c.id::text
    where t.identifier = 'identify_connection' group by 1`;
  return Object.fromEntries(rows.map((row) => [row.owner_id, row.n]));
}

describe("a probe", () => {
  it("is claimed when it is due, with a look in the same transaction, and comes again 0.75 to 1.25 periods later", async () => {
    await due("org_a", 300);
    await due("org_a", 5, 0);
    expect(await claim({ perOwnerPerHour: 300, everyHours: 8 })).toEqual({ claimed: 300, postponed: 0 });
    expect(await looks()).toEqual({ org_a: 300 });
    const [spread] = await db.sql`
      select min(extract(epoch from next_probe_at - last_probed_at)) / 28800 as least,
        max(extract(epoch from next_probe_at - last_probed_at)) / 28800 as most,
        count(distinct next_probe_at)::int as times
      from connections where last_probed_at is not null`;
    expect(Number(spread?.least)).toBeGreaterThanOrEqual(0.75);
    expect(Number(spread?.least)).toBeLessThan(0.8);
    expect(Number(spread?.most)).toBeLessThanOrEqual(1.25);
    expect(Number(spread?.most)).toBeGreaterThan(1.2);
    expect(spread?.times).toBeGreaterThan(290);
    expect(await claim()).toEqual({ claimed: 0, postponed: 0 });
  });

  it("is for connections that somebody signed in to and that Nango holds", async () => {
    await due("org_a", 1, 1, { status: "disconnected", reason_code: "by_person", disconnected_at: new Date() });
    await due("org_a", 1, 2, { integration_key: "direct/github", nango_connection_id: randomUUID() });
    await due("org_a", 1, 3, { status: "needs_attention", reason_code: "auth_failed", suspect_since: new Date(0) });
    await due("org_a", 1, 4, { status: "pending" });
    await due("org_a", 1, 5);
    expect(await claim()).toEqual({ claimed: 2, postponed: 0 });
    const claimed = await db.sql`select status from connections where last_probed_at is not null order by status`;
    expect(claimed.map((row) => row.status)).toEqual(["connected", "needs_attention"]);
  });

  it("leaves a suspicion to its own look, unless that one never came", async () => {
    await due("org_a", 1, 1, { suspect_since: new Date(Date.now() - 30_000) });
    expect(await claim()).toMatchObject({ claimed: 0 });
    await db.sql`update connections set suspect_since = now() - interval '3 minutes'`;
    expect(await claim()).toMatchObject({ claimed: 1 });
  });

  it("comes right after the end of a sign-in, whenever that end is learned", async () => {
    const soon = new Date(Date.now() + 2 * 3_600_000);
    await due("org_a", 1, 1);
    await claim();
    await db.sql`update connections set expires_at = ${soon}`;
    const next = async () => {
      const [row] = await db.sql`select extract(epoch from next_probe_at - expires_at)::int as after from connections`;
      return row?.after;
    };
    expect(await next()).toBe(60);
    await db.sql`update connections set next_probe_at = now() - interval '1 minute'`;
    expect(await claim()).toMatchObject({ claimed: 1 });
    expect(await next()).toBe(60);
    // It has ended, and was probed: from then on it is a connection like any other.
    await db.sql`update connections set expires_at = now() - interval '1 hour', next_probe_at = now()`;
    expect(await claim()).toMatchObject({ claimed: 1 });
    expect(await next()).toBeGreaterThan(18 * 3_600);
  });
});

describe("the budget of an owner", () => {
  it("holds for an hour, and what is over it gets places within the budget of the hours to come", async () => {
    await due("org_a", 150);
    expect(await claim({ perOwnerPerHour: 60 })).toEqual({ claimed: 60, postponed: 90 });
    const hours = await db.sql`
      select ceil(extract(epoch from next_probe_at - now()) / 3600)::int as hour, count(*)::int as n
      from connections where last_probed_at is null group by 1 order by 1`;
    expect(hours.every((row) => row.hour >= 1 && row.n <= 61)).toBe(true);
    expect(await claim({ perOwnerPerHour: 60 })).toEqual({ claimed: 0, postponed: 0 });
    await db.sql`update connections set next_probe_at = now() where last_probed_at is null`;
    expect(await claim({ perOwnerPerHour: 60 })).toEqual({ claimed: 0, postponed: 90 });
    await db.sql`update connections set last_probed_at = now() - interval '61 minutes' where last_probed_at is not null`;
    await db.sql`update connections set next_probe_at = now()`;
    // Those that were postponed come before those that had their turn.
    expect(await claim({ perOwnerPerHour: 60 })).toEqual({ claimed: 60, postponed: 90 });
    const [row] = await db.sql`select count(*)::int as n from connections where last_probed_at is null`;
    expect(row?.n).toBe(30);
  });

  it("keeps a noisy owner from starving others, in one call and over several", async () => {
    await due("org_noisy", 3_000, 600);
    await due("org_b", 3, 2);
    await due("org_c", 2, 1);
    // 2,000 due ones are read at a time, all of them the noisy owner's at first.
    expect(await claim({ limit: 10 })).toMatchObject({ claimed: 10, postponed: 1_940 });
    await claim({ limit: 10 });
    expect(await looks()).toMatchObject({ org_b: 3, org_c: 2 });
    for (let round = 0; round < 8; round += 1) await claim({ limit: 10 });
    expect(await looks()).toEqual({ org_noisy: 60, org_b: 3, org_c: 2 });
  });

  it("is taken in turns, so that a short minute reaches everybody", async () => {
    await due("org_noisy", 50, 600);
    for (const owner of ["org_b", "org_c", "org_d"]) await due(owner, 2);
    expect(await claim({ limit: 4 })).toEqual({ claimed: 4, postponed: 0 });
    expect(await looks()).toEqual({ org_noisy: 1, org_b: 1, org_c: 1, org_d: 1 });
  });
});

describe("the budget of calls to Nango", () => {
  it("is shared by all background work: two calls a probe, and none is claimed without them", async () => {
    // The budget is one of a minute, which must not end in between.
    const left = 60_000 - (Date.now() % 60_000);
    if (left < 2_000) await new Promise((resolve) => setTimeout(resolve, left + 50));
    await due("org_a", 30);
    await db.sql`select patchbay.take_nango_calls(41, 41)`;
    expect(await claim({ callsPerMinute: 41 })).toEqual({ claimed: 0, postponed: 0 });
    expect(await claim({ callsPerMinute: 61 })).toEqual({ claimed: 10, postponed: 0 });
    expect(await claim({ callsPerMinute: 61 })).toEqual({ claimed: 0, postponed: 0 });
    expect(await looks()).toEqual({ org_a: 10 });
    const [others] = await db.sql`select patchbay.take_nango_calls(5, 63) as calls`;
    expect(others?.calls).toBe(2);
  });
});

describe("two claimers", () => {
  it("never take the same connection, nor more together than the budget", async () => {
    for (const owner of ["org_a", "org_b", "org_c"]) await due(owner, 90);
    let claimed = 0;
    for (let round = 0; round < 6; round += 1) {
      const results = await Promise.all([1, 2, 3, 4].map(() => claim({ limit: 40, perOwnerPerHour: 60 })));
      claimed += results.reduce((sum, result) => sum + result.claimed, 0);
    }
    const [probed] = await db.sql`select count(*)::int as n from connections where last_probed_at is not null`;
    expect(claimed).toBe(180);
    expect(probed?.n).toBe(180);
    expect(await looks()).toEqual({ org_a: 60, org_b: 60, org_c: 60 });
  });

  it("do not both count on the same budget: one that comes while another is at it takes nothing", async () => {
    await due("org_a", 60);
    await db.sql.begin(async (sql) => {
      const [first] = await sql`select claimed from patchbay.claim_probes(1000, 60, 24, 100000)`;
      expect(first?.claimed).toBe(60);
      await due("org_a", 1, 9);
      expect(await claim()).toEqual({ claimed: 0, postponed: 0 });
    });
    expect(await claim()).toEqual({ claimed: 0, postponed: 1 });
  });

  it("pass over a connection that somebody else is working on", async () => {
    await due("org_a", 2);
    await db.sql.begin(async (sql) => {
      await sql`select id from connections limit 1 for update`;
      expect(await claim()).toEqual({ claimed: 1, postponed: 0 });
    });
    expect(await claim()).toEqual({ claimed: 1, postponed: 0 });
  });
});

it("what is not due costs nothing, whoever has it", async () => {
  for (let owner = 0; owner < 20; owner += 1) await due(`org_${owner}`, 500, 0);
  await due("org_a", 3);
  await db.sql`analyze connections`;
  await db.sql.begin(async (sql) => {
    const rowsRead = async () => {
      const [row] = await sql`
        select seq_tup_read::int as scanned, idx_tup_fetch::int as fetched from pg_stat_xact_user_tables
        where relname = 'connections'`;
      return { scanned: row?.scanned, fetched: row?.fetched };
    };
    const before = await rowsRead();
    const [result] = await sql`select claimed from patchbay.claim_probes(100, 60, 24, 1000)`;
    expect(result?.claimed).toBe(3);
    const after = await rowsRead();
    expect(after.scanned - before.scanned).toBe(0);
    expect(after.fetched - before.fetched).toBeLessThan(30);
  });
});
