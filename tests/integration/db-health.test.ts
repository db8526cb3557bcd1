import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { closeAttempt, confirmAttempt, getAttempt, startReconnect } from "@/lib/db/attempts";
import { connectionForJob, type Look, recordLook, setIdentity, suspect } from "@/lib/db/connection-jobs";
import {
  disconnectConnection,
  getConnection,
  keepAccount,
  listConnections,
  requestCheck,
  setDefault,
} from "@/lib/db/connections";
import { listConnectionEvents } from "@/lib/db/events";
import type { NangoConnectionFacts } from "@/lib/db/facts";
import { listNotices, seeNotices, writeNotices } from "@/lib/db/notices";
import { env } from "@/lib/env";
import { connect } from "../support/connecting";
import { type DataFixture, openDataFixture } from "../support/tenants";

let db: DataFixture;
let ada: Tenant;
let grace: Tenant;

beforeAll(async () => {
  db = await openDataFixture();
  ada = db.tenant("org_acme", "user_ada", "admin");
  grace = db.tenant("org_acme", "user_grace");
});
afterAll(() => db.close());

const began = async (id: string) => ({ id, signedInAt: (await connectionForJob(id))?.signedInAt ?? null });
const look = async (id: string, answer: Look) => recordLook(await began(id), answer);
const identify = async (id: string, accountId: string) =>
  setIdentity(await began(id), { accountId, accountName: `account ${accountId}` });
const types = async (tenant: Tenant, id: string) =>
  (await listConnectionEvents(tenant, id)).events.map((event) => event.type);

/** What Nango says once the session of a reconnect was completed: the same connection with the attempt's tags. */
async function reconnected(tenant: Tenant, id: string, facts: NangoConnectionFacts) {
  const { attempt } = await startReconnect(tenant, id);
  return { attempt, facts: { ...facts, tags: { ...facts.tags, attempt_id: attempt.id } } };
}

/** Runs what the events have to tell. */
async function tell() {
  const jobs = await db.sql`delete from graphile_worker._private_jobs j using graphile_worker._private_tasks t
    where j.task_id = t.id and t.identifier = 'notify' returning j.payload ->> 'event_id' as event`;
  // Twice: a job may be repeated.
  for (const { event } of [...jobs, ...jobs]) await writeNotices(event);
}
const told = async (tenant: Tenant, id: string) =>
  (await listNotices(tenant)).notices.filter((notice) => notice.connectionId === id).map((notice) => notice.kind);

describe("signing in again", () => {
  it("keeps the row and its history, ends the attempt, and has whose account it is looked into", async () => {
    const { id, facts } = await connect(ada);
    await identify(id, "1");
    await look(id, { ok: false, reason: "auth_failed" });
    const before = await getConnection(ada, id);
    const again = await reconnected(ada, id, facts);
    expect(await getConnection(ada, id)).toEqual(before);
    expect(await confirmAttempt(again.attempt.id, again.facts, "page")).toMatchObject({ verdict: "applied" });
    expect(await confirmAttempt(again.attempt.id, again.facts, "webhook")).toMatchObject({ verdict: "applied" });
    expect(await getAttempt(ada, again.attempt.id)).toMatchObject({
      status: "confirmed",
      outcome: "reconnected",
      connectionId: id,
    });
    const row = await getConnection(ada, id);
    expect(row).toMatchObject({ id, number: before?.number, accountId: "1", status: "needs_attention" });
    expect(row?.lookingSince).not.toBeNull();
    expect(row?.signedInAt).not.toBe(before?.signedInAt);
    expect(await identify(id, "1")).toBe("unchanged");
    expect(await look(id, { ok: true })).toBe("connected");
    expect(await types(ada, id)).toEqual(["recovered", "reconnected", "needs_attention", "identified", "connected"]);
  });

  it("makes a look that began before it decide nothing", async () => {
    const { id, facts } = await connect(ada);
    const old = await began(id);
    const again = await reconnected(ada, id, facts);
    await confirmAttempt(again.attempt.id, again.facts, "page");
    expect(await recordLook(old, { ok: false, reason: "auth_failed" })).toBe("ignored");
    expect(await setIdentity(old, { accountId: "9", accountName: "of before" })).toBe("ignored");
    await suspect(old);
    expect(await getConnection(ada, id)).toMatchObject({ status: "connected", suspectSince: null });
  });

  it("that was cancelled and finished all the same counts, since Nango holds no other, and is looked into", async () => {
    const { id, facts } = await connect(ada);
    const again = await reconnected(ada, id, facts);
    await closeAttempt(ada, again.attempt.id, "cancelled");
    await confirmAttempt(again.attempt.id, again.facts, "webhook");
    expect(await getAttempt(ada, again.attempt.id)).toMatchObject({ status: "cancelled" });
    expect((await types(ada, id))[0]).toBe("reconnected");
    expect((await getConnection(ada, id))?.lookingSince).not.toBeNull();
  });

  it("is for whoever connected it and for admins, on live connections, and leaves ownership where it is", async () => {
    const { id, facts } = await connect(grace);
    const own = await connect(grace, { visibility: "only_me" });
    await expect(startReconnect(db.tenant("org_acme", "user_joan"), id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(startReconnect(ada, own.id)).rejects.toMatchObject({ code: "not_found" });
    const stranger = db.tenant("org_globex", "user_katherine", "admin");
    await expect(startReconnect(stranger, id)).rejects.toMatchObject({ code: "not_found" });
    const again = await reconnected(ada, id, facts);
    await confirmAttempt(again.attempt.id, again.facts, "page");
    expect(await getConnection(ada, id)).toMatchObject({ connectedBy: { id: "user_grace" }, ownerId: "org_acme" });
    await disconnectConnection(grace, id);
    await expect(startReconnect(grace, id)).rejects.toMatchObject({ code: "connection_disconnected" });
  });

  it("cannot be used to claim another connection", async () => {
    const { id, facts } = await connect(ada);
    const again = await reconnected(ada, id, facts);
    expect(
      await confirmAttempt(again.attempt.id, { ...again.facts, connectionId: "somebody-elses" }, "page"),
    ).toMatchObject({ verdict: "quarantined", reason: "tags_mismatch" });
    expect(await getAttempt(ada, again.attempt.id)).toMatchObject({ status: "open" });
  });
});

describe("another account than before", () => {
  it("stands still until somebody keeps it", async () => {
    const { id } = await connect(ada);
    await expect(keepAccount(ada, id, "account 2")).rejects.toMatchObject({ code: "connection_not_ready" });
    await identify(id, "1");
    expect(await identify(id, "2")).toBe("mismatch");
    expect(await look(id, { ok: true })).toBe("needs_attention");
    expect(await getConnection(ada, id)).toMatchObject({ accountId: "1", foundAccountName: "account 2" });
    const joan = db.tenant("org_acme", "user_joan");
    await expect(keepAccount(joan, id, "account 2")).rejects.toMatchObject({ code: "forbidden" });
    // Somebody else signed in since the page was drawn.
    await expect(keepAccount(ada, id, "account 3")).rejects.toMatchObject({ code: "connection_not_ready" });
    expect(await keepAccount(ada, id, "account 2")).toMatchObject({
      status: "connected",
      reasonCode: null,
      accountId: "2",
      accountName: "account 2",
      foundAccountName: null,
    });
    expect((await types(ada, id))[0]).toBe("account_kept");
  });

  it("is over once the right one has signed in again", async () => {
    const { id } = await connect(ada);
    await identify(id, "1");
    await identify(id, "2");
    expect(await identify(id, "1")).toBe("restored");
    expect(await getConnection(ada, id)).toMatchObject({
      status: "connected",
      reasonCode: null,
      foundAccountName: null,
    });
  });
});

describe("a flag that Nango keeps", () => {
  it("is looked into once; another failure is looked into again", async () => {
    const { id, facts, attemptId } = await connect(ada);
    const say = (authErrorId: string | null) =>
      confirmAttempt(attemptId, { ...facts, authError: authErrorId !== null, authErrorId }, "webhook");
    const suspected = async () => (await getConnection(ada, id))?.suspectSince !== null;
    await say("log-1");
    expect(await suspected()).toBe(true);
    await look(id, { ok: true });
    await say("log-1");
    expect(await suspected()).toBe(false);
    await say("log-2");
    expect(await suspected()).toBe(true);
    expect((await types(ada, id)).filter((type) => type === "suspected")).toHaveLength(2);
  });
});

describe("the end of a sign-in", () => {
  it("is what Nango names, else the provider's known life, counted from the last sign-in", async () => {
    const { id, facts, attemptId } = await connect(ada);
    const end = new Date(Date.now() + 5 * 86_400_000).toISOString();
    await confirmAttempt(attemptId, { ...facts, expiresAt: end }, "webhook");
    expect(Date.parse((await getConnection(ada, id))?.expiresAt as string)).toBe(Date.parse(end));
    expect((await listConnections(ada, { status: "attention" })).connections.map((row) => row.id)).toContain(id);
    await confirmAttempt(attemptId, { ...facts, expiresAt: null, signInDays: 60 }, "webhook");
    const row = await getConnection(ada, id);
    expect(Date.parse(row?.expiresAt as string) - Date.parse(row?.signedInAt as string)).toBe(60 * 86_400_000);
    await confirmAttempt(attemptId, { ...facts, expiresAt: null }, "webhook");
    expect((await getConnection(ada, id))?.expiresAt).toBeNull();
  });

  it("is the reason once it has passed", async () => {
    const { id, facts, attemptId } = await connect(ada);
    await confirmAttempt(attemptId, { ...facts, expiresAt: new Date(Date.now() - 1000).toISOString() }, "webhook");
    await look(id, { ok: false, reason: "auth_failed" });
    expect(await getConnection(ada, id)).toMatchObject({ status: "needs_attention", reasonCode: "expired" });
  });
});

describe("telling people", () => {
  it("once per transition, whoever connected it, and never of what they did themselves", async () => {
    const { id } = await connect(grace);
    for (let n = 0; n < 3; n += 1) await look(id, { ok: false, reason: "auth_failed" });
    await look(id, { ok: true });
    await look(id, { ok: true });
    await tell();
    expect(await told(grace, id)).toEqual(["recovered", "needs_attention"]);
    expect(await told(ada, id)).toEqual([]);
    await disconnectConnection(grace, id);
    await tell();
    expect(await told(grace, id)).toHaveLength(2);
  });

  it("of a disconnect by somebody else, and marks what was seen", async () => {
    const { id } = await connect(grace);
    await disconnectConnection(ada, id);
    await tell();
    expect(await told(grace, id)).toEqual(["disconnected"]);
    const { notices, unseenCount } = await listNotices(grace);
    expect(unseenCount).toBe(notices.filter((notice) => !notice.seen).length);
    await seeNotices(ada, notices[0]?.id as string);
    expect((await listNotices(grace)).unseenCount).toBe(unseenCount);
    await seeNotices(grace, notices[0]?.id as string);
    expect((await listNotices(grace)).unseenCount).toBe(0);
    expect((await listNotices(grace, 50, "key")).notices).toEqual((await listNotices(grace)).notices);
  });

  it("that the same account is there twice", async () => {
    const owner = db.tenant("org_twins", "user_twin");
    const [one, two] = [await connect(owner), await connect(owner)];
    await identify(one.id, "same");
    await identify(two.id, "same");
    await tell();
    expect(await told(owner, two.id)).toEqual(["duplicate_account"]);
    expect(await told(owner, one.id)).toEqual([]);
    expect((await getConnection(owner, one.id))?.twinId).toBe(two.id);
  });

  it("not about an account that they may not see", async () => {
    const [one, two] = [db.tenant("org_private", "user_one"), db.tenant("org_private", "user_two")];
    const hidden = await connect(one, { visibility: "only_me" });
    const shared = await connect(two);
    await identify(hidden.id, "same");
    await identify(shared.id, "same");
    await tell();
    expect(await told(two, shared.id)).toEqual([]);
    expect((await getConnection(two, shared.id))?.twinId).toBeNull();
    expect((await getConnection(one, hidden.id))?.twinId).toBe(shared.id);
  });
});

describe("choosing and asking", () => {
  it("the default is one, and is handed over by whoever may manage the new one", async () => {
    const owner = db.tenant("org_default", "user_d", "admin");
    const [a, b] = [await connect(owner), await connect(owner)];
    expect(await setDefault(owner, b.id)).toMatchObject({ isDefault: true });
    await setDefault(owner, b.id);
    expect(await getConnection(owner, a.id)).toMatchObject({ isDefault: false });
    expect((await types(owner, b.id)).filter((type) => type === "default_set")).toHaveLength(1);
    await expect(setDefault(db.tenant("org_default", "user_x"), a.id)).rejects.toMatchObject({ code: "forbidden" });
    await disconnectConnection(owner, a.id);
    await expect(setDefault(owner, a.id)).rejects.toMatchObject({ code: "connection_disconnected" });
  });

  it("a look can be asked for, and asking again at once is the same look", async () => {
    const { id } = await connect(ada);
    await db.sql`update connections set checked_at = now() - interval '1 hour' where id = ${id}`;
    expect((await requestCheck(ada, id)).lookingSince).not.toBeNull();
    await requestCheck(ada, id);
    expect((await types(ada, id)).filter((type) => type === "check_requested")).toHaveLength(1);
  });

  it("a suspicion from Nango waits out its cool-down before it is looked into", async () => {
    const { id, facts, attemptId } = await connect(ada);
    await confirmAttempt(attemptId, { ...facts, authError: true }, "webhook");
    const [job] = await db.sql`
      select extract(epoch from run_at - now()) as seconds from graphile_worker._private_jobs
      where key = ${`identify:${id}`}`;
    expect(Number(job?.seconds)).toBeGreaterThan(env().secondLookSeconds - 5);
    expect(env().secondLookSeconds).toBe(40);
  });
});
