import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { confirmAttempt } from "@/lib/db/attempts";
import {
  applyGone,
  connectionForJob,
  type Look,
  recordLook,
  setIdentity,
  touchConnection,
} from "@/lib/db/connection-jobs";
import { disconnectConnection, getConnection, listConnections, setLabel, undoDisconnect } from "@/lib/db/connections";
import { registerConnectors } from "@/lib/db/connectors";
import { listConnectionEvents } from "@/lib/db/events";
import { upsertPerson } from "@/lib/db/people";
import { blockedConnectors, mayConnect } from "@/lib/db/policies";
import { finishRemoteDelete, startRemoteDelete } from "@/lib/db/remote-deletes";
import { connect } from "../support/connecting";
import { type DataFixture, openDataFixture, testConnectors } from "../support/tenants";

let db: DataFixture;
let ada: Tenant;
let grace: Tenant;

beforeAll(async () => {
  db = await openDataFixture();
  ada = db.tenant("org_acme", "user_ada", "admin");
  grace = db.tenant("org_acme", "user_grace");
});
afterAll(() => db.close());

const types = async (tenant: Tenant, id: string) =>
  (await listConnectionEvents(tenant, id)).events.map((event) => event.type);
/** As a look that began just now does. */
const began = async (id: string) => ({ id, signedInAt: (await connectionForJob(id))?.signedInAt ?? null });
const look = async (id: string, answer: Look) => recordLook(await began(id), answer);
const identify = async (id: string, account: { accountId: string; accountName: string }) =>
  setIdentity(await began(id), account);
const due = (id: string) => db.sql`update connections set remote_delete_after = now() where id = ${id}`;
const remoteJobs = (id: string) =>
  db.sql`select run_at > now() + interval '25 seconds' as later from graphile_worker._private_jobs where key = ${`remote_delete:${id}`}`;

describe("disconnecting", () => {
  it("takes effect at once and enqueues the remote part for after the undo time", async () => {
    const { id } = await connect(ada);
    const row = await disconnectConnection(ada, id);
    expect(row).toMatchObject({ status: "disconnected", reasonCode: "by_person", isDefault: false, canManage: true });
    expect(Date.parse(row.undoUntil as string) - Date.now()).toBeGreaterThan(25_000);
    expect((await listConnections(ada)).connections.map((c) => c.id)).not.toContain(id);
    expect((await listConnections(ada, { status: "disconnected" })).connections.map((c) => c.id)).toContain(id);
    expect(await remoteJobs(id)).toMatchObject([{ later: true }]);
    await disconnectConnection(ada, id);
    expect(await types(ada, id)).toEqual(["disconnected", "connected"]);
  });

  it("can be undone by whoever did it until the remote part starts, which then finds nothing to do", async () => {
    const { id } = await connect(ada);
    await look(id, { ok: false, reason: "auth_failed" });
    await disconnectConnection(ada, id);
    await expect(undoDisconnect(db.tenant("org_acme", "user_joan", "admin"), id)).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(await undoDisconnect(ada, id)).toMatchObject({
      status: "needs_attention",
      reasonCode: "auth_failed",
      undoUntil: null,
    });
    expect(await remoteJobs(id)).toHaveLength(0);
    await due(id);
    expect(await startRemoteDelete(id)).toBeNull();
  });

  it("cannot be undone once the remote part started; its receipt is written once", async () => {
    const { id, facts } = await connect(ada);
    await disconnectConnection(ada, id);
    expect(await startRemoteDelete(id)).toBeNull();
    await due(id);
    const started = await startRemoteDelete(id);
    expect(started).toMatchObject({ nangoConnectionId: facts.connectionId, accountInUse: false });
    expect(await startRemoteDelete(id)).toEqual(started);
    await expect(undoDisconnect(ada, id)).rejects.toMatchObject({ code: "undo_expired" });
    expect(await finishRemoteDelete(id, "deleted", "not_supported")).toBe(true);
    expect(await finishRemoteDelete(id, "already_gone", null)).toBe(false);
    expect(await getConnection(ada, id)).toMatchObject({
      remoteResult: "deleted",
      upstreamResult: "not_supported",
      undoUntil: null,
    });
  });

  it("of two simultaneous undo and remote delete lets exactly one win", async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await connect(ada, { connector: "sendgrid" });
      await disconnectConnection(ada, id);
      await due(id);
      const [undone, started] = await Promise.allSettled([undoDisconnect(ada, id), startRemoteDelete(id)]);
      const deleting = started.status === "fulfilled" && started.value !== null;
      expect(deleting).toBe(undone.status === "rejected");
    }
  });

  it("is not resurrected by anything that Nango says later", async () => {
    const { id, facts, attemptId } = await connect(ada);
    await disconnectConnection(ada, id);
    expect(await confirmAttempt(attemptId, facts, "webhook")).toMatchObject({
      verdict: "ignored",
      reason: "tombstone",
    });
    expect(await applyGone(facts.integrationKey, facts.connectionId, "reconcile")).toMatchObject({
      verdict: "ignored",
    });
    expect(await identify(id, { accountId: "1", accountName: "late" })).toBe("ignored");
    expect(await look(id, { ok: true })).toBe("ignored");
    expect(await getConnection(ada, id)).toMatchObject({
      status: "disconnected",
      reasonCode: "by_person",
      accountId: null,
    });
  });

  it("says that the account is in use while another live connection has it", async () => {
    const [one, two] = [await connect(ada, { connector: "sendgrid" }), await connect(grace, { connector: "sendgrid" })];
    for (const { id } of [one, two]) await identify(id, { accountId: "shared", accountName: "Shared" });
    await disconnectConnection(ada, one.id);
    await due(one.id);
    expect(await startRemoteDelete(one.id)).toMatchObject({ accountInUse: true });
  });

  it("leaves the account alone while another disconnect can still be undone, and ends with the last of them", async () => {
    const [one, two] = [await connect(ada, { connector: "sendgrid" }), await connect(ada, { connector: "sendgrid" })];
    for (const { id } of [one, two]) await identify(id, { accountId: "twice", accountName: "Twice" });
    for (const { id } of [one, two]) await disconnectConnection(ada, id);
    await due(one.id);
    expect(await startRemoteDelete(one.id)).toMatchObject({ accountInUse: true });
    await due(two.id);
    expect(await startRemoteDelete(two.id)).toMatchObject({ accountInUse: false });
  });

  it("is not given up at Nango after some days without an answer", async () => {
    const { id } = await connect(ada);
    await disconnectConnection(ada, id);
    const [job] = await db.sql`
      select max_attempts from graphile_worker._private_jobs where key = ${`remote_delete:${id}`}`;
    expect(job?.max_attempts).toBeGreaterThan(100);
  });

  it("hands the default on only when exactly one remains", async () => {
    const owner = db.tenant("org_three", "user_three", "admin");
    const [a, b, c] = [await connect(owner), await connect(owner), await connect(owner)];
    const defaults = async () =>
      (await listConnections(owner)).connections.filter((row) => row.isDefault).map((row) => row.id);
    expect(await defaults()).toEqual([a.id]);
    await disconnectConnection(owner, a.id);
    expect(await defaults()).toEqual([]);
    await disconnectConnection(owner, b.id);
    expect(await defaults()).toEqual([c.id]);
    await undoDisconnect(owner, b.id);
    expect(await defaults()).toEqual([c.id]);
  });

  it("by many at once is one disconnect", async () => {
    const { id } = await connect(ada);
    await Promise.all([disconnectConnection(ada, id), disconnectConnection(ada, id), disconnectConnection(ada, id)]);
    expect((await types(ada, id)).filter((type) => type === "disconnected")).toHaveLength(1);
  });
});

describe("who may", () => {
  it("manage: whoever connected it and admins, but not another's own; strangers learn nothing", async () => {
    const shared = await connect(grace);
    const own = await connect(grace, { visibility: "only_me" });
    const joan = db.tenant("org_acme", "user_joan");
    const stranger = db.tenant("org_globex", "user_katherine", "admin");
    await expect(setLabel(joan, shared.id, "x")).rejects.toMatchObject({ code: "forbidden" });
    await expect(setLabel(ada, own.id, "x")).rejects.toMatchObject({ code: "not_found" });
    for (const manage of [disconnectConnection, undoDisconnect, (t: Tenant, id: string) => setLabel(t, id, "x")]) {
      await expect(manage(stranger, shared.id)).rejects.toMatchObject({ code: "not_found" });
    }
    await expect(disconnectConnection(ada, "00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(disconnectConnection(ada, "' or true")).rejects.toMatchObject({ code: "not_found" });
    expect(await setLabel(ada, shared.id, "Team")).toMatchObject({ label: "Team", canManage: true });
    expect(await getConnection(joan, shared.id)).toMatchObject({ label: "Team", canManage: false });
    await setLabel(grace, shared.id, "Team");
    expect((await types(grace, shared.id)).filter((type) => type === "labelled")).toHaveLength(1);
    expect(await setLabel(grace, shared.id, null)).toMatchObject({ label: null });
  });

  it("connect: a connector's own rule beats its category's, for admins too", async () => {
    const rules = db.tenant("org_rules", "user_r", "admin");
    expect(await blockedConnectors(rules)).toEqual([]);
    await db.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by) values
      ('org_rules', 'category', 'development', 'block', 'user_r'), ('org_rules', 'connector', 'sendgrid', 'block', 'user_r')`;
    for (const door of ["token", "key"] as const) {
      expect((await blockedConnectors(rules, door)).sort()).toEqual(["github", "sendgrid"]);
      expect(await mayConnect(rules, "github", door)).toBe(false);
      expect(await mayConnect(rules, "when2meet", door)).toBe(true);
    }
    await db.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
      values ('org_rules', 'connector', 'github', 'allow', 'user_r')`;
    expect(await blockedConnectors(rules)).toEqual(["sendgrid"]);
    expect(await blockedConnectors(ada)).toEqual([]);
  });
});

describe("identity and health", () => {
  it("names the account, keeps it, and stops on another one", async () => {
    const { id } = await connect(ada);
    expect(await identify(id, { accountId: "7", accountName: "octocat" })).toBe("applied");
    expect(await identify(id, { accountId: "7", accountName: "octocat" })).toBe("unchanged");
    expect(await identify(id, { accountId: "7", accountName: "renamed" })).toBe("applied");
    expect(await identify(id, { accountId: "8", accountName: "intruder" })).toBe("mismatch");
    expect(await identify(id, { accountId: "8", accountName: "intruder" })).toBe("mismatch");
    expect(await getConnection(ada, id)).toMatchObject({
      status: "needs_attention",
      reasonCode: "account_mismatch",
      accountId: "7",
      accountName: "renamed",
    });
    expect(await look(id, { ok: true })).toBe("needs_attention");
    expect((await types(ada, id)).filter((type) => type === "needs_attention")).toHaveLength(1);
  });

  it("suspects on Nango's word, decides by the second look, and recovers", async () => {
    const { id, facts, attemptId } = await connect(ada);
    await confirmAttempt(attemptId, { ...facts, authError: true }, "webhook");
    await confirmAttempt(attemptId, { ...facts, authError: true }, "webhook");
    expect(await getConnection(ada, id)).toMatchObject({ status: "connected" });
    expect((await getConnection(ada, id))?.suspectSince).not.toBeNull();
    for (let n = 0; n < 3; n += 1) await look(id, { ok: false, reason: "refresh_failed", error: "x" });
    expect(await getConnection(ada, id)).toMatchObject({ status: "needs_attention", reasonCode: "refresh_failed" });
    expect(await look(id, { ok: true })).toBe("connected");
    expect(await getConnection(ada, id)).toMatchObject({ status: "connected", reasonCode: null, suspectSince: null });
    expect(await types(ada, id)).toEqual(["recovered", "needs_attention", "suspected", "connected"]);
  });

  it("looks again at one that stays suspect because the second look decided nothing", async () => {
    const { id, facts, attemptId } = await connect(ada);
    const bad = () => confirmAttempt(attemptId, { ...facts, authError: true }, "webhook");
    const takeLooks = () =>
      db.sql`delete from graphile_worker._private_jobs where key = ${`identify:${id}`} returning 1`.then(
        (jobs) => jobs.length,
      );
    await takeLooks();
    await bad();
    expect(await takeLooks()).toBe(1);
    await bad();
    expect(await takeLooks()).toBe(0);
    await db.sql`update connections set suspect_since = now() - interval '3 minutes' where id = ${id}`;
    await bad();
    expect(await takeLooks()).toBe(1);
    expect((await types(ada, id)).filter((type) => type === "suspected")).toHaveLength(1);
  });

  it("goes with Nango's connection", async () => {
    const { id, facts } = await connect(ada);
    expect(await applyGone(facts.integrationKey, facts.connectionId, "reconcile")).toMatchObject({
      verdict: "applied",
    });
    expect(await getConnection(ada, id)).toMatchObject({
      status: "disconnected",
      reasonCode: "gone_upstream",
      remoteResult: "already_gone",
      undoUntil: null,
    });
    await expect(undoDisconnect(ada, id)).rejects.toMatchObject({ code: "undo_expired" });
    expect(await applyGone("github", "never-seen", "reconcile")).toMatchObject({ verdict: "parked" });
  });

  it("remembers the last use at most once a minute", async () => {
    const { id } = await connect(ada);
    await touchConnection(id);
    const first = (await getConnection(ada, id))?.lastUsedAt;
    await touchConnection(id);
    expect(first).not.toBeNull();
    expect((await getConnection(ada, id))?.lastUsedAt).toBe(first);
    expect(await connectionForJob(id)).toMatchObject({ id, ownerId: "org_acme", integrationKey: "github" });
  });
});

describe("listing", () => {
  it("pages through everything once, in order, through both doors", async () => {
    const pager = db.tenant("org_pages", "user_p");
    for (let n = 0; n < 7; n += 1) await connect(pager, { connector: n % 2 ? "sendgrid" : "github" });
    // Rows of one transaction share their time: the id must decide.
    await db.sql`update connections set created_at = date_trunc('hour', now()) where owner_id = 'org_pages' and number < 4`;
    for (const door of ["token", "key"] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listConnections(pager, { limit: 3, cursor }, door);
        expect(page.totalCount).toBe(7);
        seen.push(...page.connections.map((row) => row.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(new Set(seen).size).toBe(7);
      expect(seen).toEqual((await listConnections(pager, {}, door)).connections.map((row) => row.id));
    }
    expect((await listConnections(pager, { connector: "github" })).totalCount).toBe(4);
    await expect(listConnections(pager, { cursor: "bm90IG91cnM" })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("filters by who sees it and who connected it", async () => {
    const [one, two] = [db.tenant("org_filter", "user_one"), db.tenant("org_filter", "user_two")];
    const shared = await connect(one);
    const own = await connect(two, { visibility: "only_me" });
    const ids = async (filter: Parameters<typeof listConnections>[1]) =>
      (await listConnections(two, filter)).connections.map((row) => row.id).sort();
    expect(await ids({})).toEqual([shared.id, own.id].sort());
    expect(await ids({ owner: "everyone" })).toEqual([shared.id]);
    expect(await ids({ owner: "only_me" })).toEqual([own.id]);
    expect(await ids({ owner: "mine" })).toEqual([own.id]);
    expect((await listConnections(one)).connections.map((row) => row.id)).toEqual([shared.id]);
  });

  it("shows who connected it once they are known, and gives times that keep their digits", async () => {
    const { id } = await connect(grace);
    expect((await getConnection(ada, id))?.connectedBy).toEqual({
      id: "user_grace",
      name: null,
      imageUrl: null,
      left: false,
    });
    const person = { userId: "user_grace", name: "Grace Hopper", email: "grace@acme.test", imageUrl: null };
    await upsertPerson(person);
    await upsertPerson(person);
    const [token, key] = [await getConnection(ada, id), await getConnection(ada, id, "key")];
    expect(token?.connectedBy.name).toBe("Grace Hopper");
    expect(token).toEqual(key);
    expect(token?.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  });
});

describe("registering connectors", () => {
  it("twice changes nothing, and a manifest that is gone is unlisted, not deleted", async () => {
    const all = testConnectors as unknown as Parameters<typeof registerConnectors>[0];
    expect(await registerConnectors(all)).toBe(0);
    expect(await registerConnectors(all.map((c) => (c.slug === "github" ? { ...c, version: "1.0.1" } : c)))).toBe(1);
    expect(await registerConnectors(all.filter((c) => c.slug !== "when2meet"))).toBe(2);
    expect(await db.sql`select listed from connectors where slug = 'when2meet'`).toMatchObject([{ listed: false }]);
    expect(await registerConnectors(all)).toBe(1);
    expect(await registerConnectors(all)).toBe(0);
  });
});
