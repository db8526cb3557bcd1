import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { disconnectConnection } from "@/lib/db/connections";
import { warnOfEnds } from "@/lib/jobs/warn-expiring";
import { connect } from "../support/connecting";
import { type DataFixture, openDataFixture } from "../support/tenants";

let db: DataFixture;
let ada: Tenant;

beforeAll(async () => {
  process.env.LOG_LEVEL = "silent";
  db = await openDataFixture();
  ada = db.tenant("org_acme", "user_ada", "admin");
});
afterAll(async () => {
  await db.close();
  delete process.env.LOG_LEVEL;
});
beforeEach(async () => {
  await db.sql`update connections set expires_at = null`;
});

const DAY = 86_400_000;
const endsIn = (id: string, days: number) =>
  db.sql`update connections set expires_at = ${new Date(Date.now() + days * DAY)} where id = ${id}`;

/** The days that each warning of a connection spoke of, oldest first. */
async function warnings(id: string): Promise<number[]> {
  const rows = await db.sql`
    select (data ->> 'days')::int as days from connection_events
    where connection_id = ${id} and type = 'expiry_warned' order by id`;
  return rows.map((row) => row.days);
}

describe("the end of a sign-in", () => {
  it("is announced 14, 3 and 1 days ahead, once each however often it is looked at", async () => {
    const { id } = await connect(ada);
    const seen: number[][] = [];
    for (const days of [20, 14.1, 13.9, 10, 3.5, 2.9, 1.2, 0.9, 0.1]) {
      await endsIn(id, days);
      await warnOfEnds();
      await warnOfEnds();
      seen.push(await warnings(id));
    }
    expect(seen).toEqual([[], [], [14], [14], [14], [14, 3], [14, 3], [14, 3, 1], [14, 3, 1]]);
  });

  it("is told to people by the job of each warning", async () => {
    const { id } = await connect(ada);
    await endsIn(id, 2);
    await warnOfEnds();
    const [event] = await db.sql`
      select id::text as id, data from connection_events where connection_id = ${id} and type = 'expiry_warned'`;
    expect(event?.data).toMatchObject({ days: 3 });
    const jobs = await db.sql`
      select 1 from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = 'notify' and j.payload ->> 'event_id' = ${event?.id}`;
    expect(jobs).toHaveLength(1);
  });

  it("is announced once, at its present step, when it is learned late", async () => {
    const { id } = await connect(ada);
    await endsIn(id, 0.5);
    await warnOfEnds();
    expect(await warnings(id)).toEqual([1]);
  });

  it("is announced anew after it has moved away", async () => {
    const { id, facts } = await connect(ada);
    const learn = async (days: number) => {
      const read = {
        ...{ integration_key: facts.integrationKey, connection_id: facts.connectionId, tags: facts.tags },
        instance: "test",
        expires_at: new Date(Date.now() + days * DAY).toISOString(),
      };
      await db.sql`select patchbay.apply_facts(${db.sql.json(read)}, 'reconcile')`;
      await warnOfEnds();
    };
    await learn(13);
    await learn(2);
    await learn(60);
    expect(await warnings(id)).toEqual([14, 3]);
    await learn(12);
    await learn(2.5);
    expect(await warnings(id)).toEqual([14, 3, 14, 3]);
  });

  it("is not announced where there is none, where it is past, or where the connection asks for a sign-in already", async () => {
    const none = await connect(ada);
    const past = await connect(ada);
    const broken = await connect(ada);
    const gone = await connect(ada);
    await endsIn(past.id, -0.1);
    await endsIn(broken.id, 2);
    await endsIn(gone.id, 2);
    await db.sql`update connections set status = 'needs_attention', reason_code = 'auth_failed' where id = ${broken.id}`;
    await disconnectConnection(ada, gone.id);
    expect(await warnOfEnds()).toBe(0);
    for (const { id } of [none, past, broken, gone]) expect(await warnings(id)).toEqual([]);
    await db.sql`update connections set status = 'connected', reason_code = null where id = ${broken.id}`;
    expect(await warnOfEnds()).toBe(1);
  });

  it("is announced once by two that look at the same time", async () => {
    const ids = await Promise.all([1, 2, 3, 4, 5].map(async () => (await connect(ada)).id));
    for (const id of ids) await endsIn(id, 2);
    const counts = await Promise.all([1, 2, 3].map(() => warnOfEnds()));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5);
    for (const id of ids) expect(await warnings(id)).toEqual([3]);
  });
});
