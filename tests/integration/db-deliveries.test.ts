import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { confirmAttempt, startAttempt } from "@/lib/db/attempts";
import { disconnectConnection, getConnection } from "@/lib/db/connections";
import {
  applyDelivery,
  finishDelivery,
  type IncomingDelivery,
  openDelivery,
  recordDeliveries,
} from "@/lib/db/deliveries";
import type { NangoConnectionFacts } from "@/lib/db/facts";
import { connect, factsOf } from "../support/connecting";
import { type DataFixture, openDataFixture } from "../support/tenants";

let db: DataFixture;
let ada: Tenant;

beforeAll(async () => {
  db = await openDataFixture();
  ada = db.tenant("org_acme", "user_ada", "admin");
});
afterAll(() => db.close());

function delivery(about: { integrationKey?: string | null; connectionId?: string | null } = {}): IncomingDelivery {
  const body = Buffer.from(JSON.stringify({ from: "nango", n: randomUUID(), ...about }));
  return {
    sha256: createHash("sha256").update(body).digest("hex"),
    body,
    type: "auth",
    operation: "creation",
    integrationKey: about.integrationKey ?? null,
    connectionId: about.connectionId ?? null,
  };
}

const jobCount = async (id: string) =>
  (
    await db.sql`select count(*)::int as n from graphile_worker._private_jobs where payload ->> 'delivery_id' = ${id}`
  )[0]?.n;

const record = async (item: IncomingDelivery) => {
  const [result] = await recordDeliveries([item]);
  if (!result) throw new Error("no result");
  return result;
};

describe("intake", () => {
  it("stores a batch with one job each and answers in order, repeats within the batch included", async () => {
    const [a, b, c] = [delivery(), delivery(), delivery()];
    const results = await recordDeliveries([a, b, a, c]);
    expect(results.map((result) => result.outcome)).toEqual(["stored", "stored", "known", "stored"]);
    expect(results[2]?.id).toBe(results[0]?.id);
    expect(await jobCount(results[0]?.id as string)).toBe(1);
    expect(Buffer.from((await openDelivery(results[1]?.id as string))?.body ?? [])).toEqual(b.body);
  });

  it("takes the same bytes fifty times at once and stores them once", async () => {
    const item = delivery();
    const results = await Promise.all(Array.from({ length: 50 }, () => record(item)));
    expect(results.filter((result) => result.outcome === "stored")).toHaveLength(1);
    expect(new Set(results.map((result) => result.id)).size).toBe(1);
    expect(await jobCount(results[0]?.id as string)).toBe(1);
  });

  it("takes overlapping batches in any order without waiting in a circle", async () => {
    const items = Array.from({ length: 40 }, () => delivery());
    const batches = Array.from({ length: 12 }, (_, n) => (n % 2 ? items : [...items].reverse()));
    const results = await Promise.all(batches.map((batch) => recordDeliveries(batch)));
    expect(results.flat().filter((result) => result.outcome === "stored")).toHaveLength(40);
  });

  it("knows a duplicate for two minutes and looks again later", async () => {
    const item = delivery();
    const { id } = await record(item);
    expect((await record(item)).outcome).toBe("known");
    expect(await finishDelivery(id, "ignored", "no_change")).toBe(true);
    expect(await finishDelivery(id, "applied", null)).toBe(false);
    expect((await record(item)).outcome).toBe("duplicate");
    expect(await openDelivery(id)).toBeNull();
    await db.sql`update webhook_deliveries set finished_at = now() - interval '121 seconds' where id = ${id}`;
    expect((await record(item)).outcome).toBe("requeued");
    expect((await record(item)).outcome).toBe("known");
    expect(await db.sql`select seen_count, verdict from webhook_deliveries where id = ${id}`).toMatchObject([
      { seen_count: 2, verdict: null },
    ]);
    expect(await jobCount(id)).toBe(2);
  });

  it("stores bytes that are no text and fields that no database would take", async () => {
    const item = {
      ...delivery(),
      body: Buffer.from([0, 255, 254, 0]),
      connectionId: "a\0b",
      operation: "x".repeat(5000),
    };
    const sha256 = createHash("sha256").update(item.body).digest("hex");
    const { id } = await record({ ...item, sha256 });
    expect(await openDelivery(id)).toMatchObject({
      connectionId: null,
      operation: null,
      body: Buffer.from([0, 255, 254, 0]),
    });
    expect(await openDelivery("1e9")).toBeNull();
  });
});

/** Runs the job of a delivery against what Nango would say. */
async function work(
  about: { integrationKey: string; connectionId: string },
  read: () => Promise<NangoConnectionFacts | null>,
  operation = "creation",
) {
  const { id } = await record({ ...delivery(about), operation });
  return { id, run: () => applyDelivery(id, about, read) };
}

describe("applying", () => {
  it("makes the connection that nobody confirmed", async () => {
    const attempt = await startAttempt(ada, { connector: "github", integrationKey: "github", visibility: "everyone" });
    const facts = factsOf(ada, attempt);
    const job = await work(facts, async () => facts);
    const applied = await job.run();
    expect(applied).toMatchObject({ verdict: "applied" });
    expect(await getConnection(ada, applied?.connectionId as string)).toMatchObject({ status: "connected" });
    expect(await job.run()).toBeNull();
    expect(await confirmAttempt(attempt.id, facts, "page")).toMatchObject({ connectionId: applied?.connectionId });
  });

  it("writes nothing when Nango cannot be asked, and can run again", async () => {
    const { facts } = await connect(ada);
    const job = await work(facts, async () => {
      throw new Error("down");
    });
    await expect(job.run()).rejects.toThrow("down");
    expect(await openDelivery(job.id)).not.toBeNull();
    expect(await applyDelivery(job.id, facts, async () => facts)).toMatchObject({ verdict: "applied" });
  });

  it("ends a live connection only by a deletion that Nango confirms, and has the sweep look otherwise", async () => {
    const { id, facts } = await connect(ada);
    expect(await (await work(facts, async () => null, "refresh")).run()).toMatchObject({
      verdict: "parked",
      reason: "not_at_nango",
    });
    expect(await getConnection(ada, id)).toMatchObject({ status: "connected" });
    const jobs = await db.sql`select task_identifier as task from graphile_worker.jobs
      where key in ('reconcile', ${`identify:${id}`}) order by key`;
    expect(jobs.map(({ task }) => task)).toEqual(["identify_connection", "reconcile"]);
    expect(await (await work(facts, async () => facts, "deletion")).run()).toMatchObject({ verdict: "applied" });
    expect(await getConnection(ada, id)).toMatchObject({ status: "connected" });
    expect(await (await work(facts, async () => null, "deletion")).run()).toMatchObject({
      verdict: "applied",
      reason: "gone_upstream",
    });
    expect(await getConnection(ada, id)).toMatchObject({ status: "disconnected", reasonCode: "gone_upstream" });
  });

  it("parks an unknown connection that Nango does not have, and leaves a tombstone alone", async () => {
    const unknown = { integrationKey: "github", connectionId: "never" };
    expect(await (await work(unknown, async () => null)).run()).toMatchObject({
      verdict: "parked",
      reason: "not_at_nango",
    });
    const other = await connect(ada);
    await disconnectConnection(ada, other.id);
    expect(await (await work(other.facts, async () => other.facts)).run()).toMatchObject({
      verdict: "ignored",
      reason: "tombstone",
    });
  });

  it("quarantines what carries nobody's tags, once, however often it is told", async () => {
    const facts: NangoConnectionFacts = {
      integrationKey: "github",
      connectionId: `n-${randomUUID()}`,
      tags: {},
      authError: false,
    };
    for (let n = 0; n < 3; n += 1) {
      expect(await (await work(facts, async () => facts)).run()).toMatchObject({
        verdict: "quarantined",
        reason: "missing_tags",
      });
    }
    expect(
      await db.sql`select seen_count from quarantined_connections where nango_connection_id = ${facts.connectionId}`,
    ).toMatchObject([{ seen_count: 3 }]);
  });

  it("refuses an answer about another connection than the delivery names", async () => {
    const [one, two] = [await connect(ada), await connect(ada)];
    expect(await (await work(one.facts, async () => two.facts)).run()).toMatchObject({ verdict: "refused" });
  });

  it("asks for one connection at a time, so that the last answer is the last word", async () => {
    const { id, facts } = await connect(ada);
    let inside = 0;
    let most = 0;
    let reads = 0;
    const read = async () => {
      inside += 1;
      most = Math.max(most, inside);
      reads += 1;
      const seen = { ...facts, scopesGranted: [`read ${reads}`] };
      // The later it was asked, the sooner it answers.
      await new Promise((next) => setTimeout(next, 40 - 6 * reads));
      inside -= 1;
      return seen;
    };
    const works = await Promise.all(Array.from({ length: 6 }, () => work(facts, read)));
    await Promise.all(works.map((each) => each.run()));
    expect(most).toBe(1);
    expect(await getConnection(ada, id)).toMatchObject({ status: "connected", scopesGranted: ["read 6"] });
  });
});

describe("order", () => {
  it("ends at Nango's truth for every order of creation, override, refresh failure and deletion, each tripled", async () => {
    const kinds = ["creation", "override", "refresh", "deletion"];
    const orders = permutations(kinds);
    expect(orders).toHaveLength(24);
    for (const [index, order] of orders.entries()) {
      const attempt = await startAttempt(ada, {
        connector: "github",
        integrationKey: "github",
        visibility: "everyone",
      });
      const facts = factsOf(ada, attempt);
      // Nango's truth moves on while the deliveries wait: it has the connection, breaks it, and loses it in the end, of
      // which the deletion tells.
      let reads = 0;
      let gone = false;
      const read = async () => {
        reads += 1;
        gone ||= reads > 6 + (index % 5);
        return gone ? null : { ...facts, authError: reads > 3 };
      };
      for (const kind of order.flatMap((each) => [each, each, each])) {
        gone ||= kind === "deletion";
        const { id } = await record({ ...delivery(facts), operation: kind });
        await applyDelivery(id, facts, read);
      }
      const [row] = await db.sql`select status, reason_code, (select count(*)::int from connection_events e
        where e.connection_id = c.id and e.type = 'disconnected') as ends
        from connections c where nango_connection_id = ${facts.connectionId}`;
      // What was gone before anything of it was read never became a connection.
      if (order[0] === "deletion") expect(row).toBeUndefined();
      else expect(row).toMatchObject({ status: "disconnected", reason_code: "gone_upstream", ends: 1 });
    }
  });
});

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
