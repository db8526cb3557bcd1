import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as listDepartures } from "@/app/api/v1/departures/route";
import { GET as listNotices } from "@/app/api/v1/notices/route";
import { POST as clerkWebhook } from "@/app/api/webhooks/clerk/route";
import { POST as nangoWebhook } from "@/app/api/webhooks/nango/route";
import type { Departure } from "@/lib/api/departure-views";
import type { ConnectionView, NoticeView } from "@/lib/api/views";
import { healConnection } from "@/lib/webhooks/reconcile-one";
import { type ClerkEvents, clerkEventsOf } from "@/tests/support/clerk-events";
import { eventually } from "@/tests/support/eventually";
import { journeyOf } from "@/tests/support/journey";
import { type SignedIn, signInAs } from "@/tests/support/people";
import { APP_URL, type Server, startServer } from "@/tests/support/server";

/** People leaving, from Clerk's word to the last trace: what stays, what goes, who hears of it, what is forgotten. */

let server: Server;
let go: ReturnType<typeof journeyOf>;
let control: ClerkEvents["control"];
let join: ClerkEvents["join"];
let remove: ClerkEvents["remove"];
let settle: ClerkEvents["settle"];
let laterOn: ClerkEvents["laterOn"];
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;

const acme = "org_standin_acme";
const globex = "org_standin_globex";
const joanId = "user_standin_joan";

beforeAll(async () => {
  server = await startServer();
  go = journeyOf(server);
  ({ control, join, remove, settle, laterOn } = clerkEventsOf(server));
  server.door.clerk = clerkWebhook;
  server.door.handler = nangoWebhook;
  [ada, grace, katherine] = await Promise.all([
    server.signIn("ada@acme.test", "acme"),
    server.signIn("grace@acme.test", "acme"),
    server.signIn("katherine@globex.test", "globex"),
  ]);
});
afterAll(() => server?.close());

const row = async (id: string) => (await server.sql`select * from connections where id = ${id}`)[0];
const events = (id: string, type: string) =>
  server.sql`select actor_kind, actor_id, reason_code, data from connection_events
    where connection_id = ${id} and type = ${type} order by id`;
async function report(as: SignedIn, query = ""): Promise<Departure[]> {
  const answer = await server.call(listDepartures, `/api/v1/departures${query}`, { as });
  expect(answer.status, answer.text).toBe(200);
  return answer.json.departures;
}
async function notices(as: SignedIn): Promise<NoticeView[]> {
  const answer = await server.call(listNotices, "/api/v1/notices", { as });
  expect(answer.status, answer.text).toBe(200);
  return answer.json.notices;
}
const keyOf = async (owner: string, user: string) => {
  const [key] = await server.sql`insert into api_keys (owner_id, created_by, name, prefix, key_hash)
    values (${owner}, ${user}, 'test', 'pby_test', sha256(gen_random_uuid()::text::bytea)) returning id`;
  return async () => (await server.sql`select revoked_why from api_keys where id = ${key?.id}`)[0]?.revoked_why;
};
const linkOf = async (owner: string, user: string) => {
  await server.sql`insert into people (user_id) values (${user}) on conflict do nothing`;
  const [link] = await server.sql`insert into connect_links (owner_id, created_by, connector, email, token_hash)
    values (${owner}, ${user}, 'openai', 'somebody@else.test', sha256(gen_random_uuid()::text::bytea)) returning id`;
  return async () => (await server.sql`select revoked_at from connect_links where id = ${link?.id}`)[0]?.revoked_at;
};

describe("a member who leaves", () => {
  let joan: SignedIn;
  let token: string;
  let shared: Awaited<ReturnType<typeof go.connect>>;
  let own: Awaited<ReturnType<typeof go.connect>>;
  let elsewhere: Awaited<ReturnType<typeof go.connect>>;
  let colleagues: Awaited<ReturnType<typeof go.connect>>;
  let open: Awaited<ReturnType<typeof go.start>>;
  let keys: Awaited<ReturnType<typeof keyOf>>[];
  let links: Awaited<ReturnType<typeof linkOf>>[];
  beforeAll(async () => {
    joan = await server.signIn("joan@both.test", "acme");
    const joanAtGlobex = await server.signIn("joan@both.test", "globex");
    shared = await go.connect(joan);
    own = await go.connect(joan, "openai", { visibility: "only_me" });
    elsewhere = await go.connect(joanAtGlobex, "openai", { visibility: "only_me" });
    colleagues = await go.connect(grace, "openai", { visibility: "only_me" });
    open = await go.start(joan);
    keys = [await keyOf(acme, joanId), await keyOf(globex, joanId), await keyOf(acme, grace.userId)];
    links = [await linkOf(acme, joanId), await linkOf(globex, joanId), await linkOf(acme, ada.userId)];
    await server.runJobs();
    token = await joan.token();
    await remove(acme, joanId);
    await settle();
  });

  it("leaves what is everyone's to the organisation, with an administrator to ask about it", async () => {
    expect(await row(shared.connection.id)).toMatchObject({
      status: "connected",
      owner_id: acme,
      connected_by: joanId,
      contact_id: ada.userId,
      sign_in_left: true,
    });
    const [seen] = (await go.list(grace)).filter(({ id }) => id === shared.connection.id);
    expect(seen).toMatchObject({
      connected_by: { id: joanId, left: true },
      contact: { id: ada.userId, name: "Ada Lovelace" },
      sign_in_left: true,
    });
    expect(await events(shared.connection.id, "contact_changed")).toEqual([
      { actor_kind: "system", actor_id: null, reason_code: null, data: { from: joanId, to: ada.userId } },
    ]);
  });

  it("loses what was theirs alone, here and at Nango, without a way to undo it", async () => {
    expect(await row(own.connection.id)).toMatchObject({
      status: "disconnected",
      reason_code: "owner_left",
      disconnected_by: null,
      remote_result: "deleted",
    });
    expect((await events(own.connection.id, "disconnected")).map(({ reason_code }) => reason_code)).toEqual([
      "owner_left",
    ]);
    // Nobody else's, and not what is theirs in another organisation.
    for (const kept of [elsewhere, colleagues])
      expect((await row(kept.connection.id))?.status, kept.connection.id).toBe("connected");
  });

  it("cannot complete what they had begun: it is quarantined", async () => {
    const [attempt] =
      await server.sql`select status, session_token from connection_attempts where id = ${open.attemptId}`;
    expect(attempt).toEqual({ status: "cancelled", session_token: null });
    await expect(server.complete(open as never, "openai", { apiKey: "sk-late" })).rejects.toThrow();
  });

  it("has no key and no link of that organisation any more; those of others and elsewhere stay", async () => {
    expect(await Promise.all(keys.map((key) => key()))).toEqual(["owner_left", null, null]);
    const revoked = await Promise.all(links.map((link) => link()));
    expect(revoked.map((at) => at !== null)).toEqual([true, false, false]);
  });

  it("is reported to the administrators: what stayed by name, what was theirs alone as a number", async () => {
    const answer = await server.call(listDepartures, "/api/v1/departures", { as: ada });
    expect(answer.json.total_count).toBe(1);
    expect(answer.json.departures).toEqual([
      {
        id: expect.any(String),
        person: { id: joanId, name: expect.any(String) },
        why: "left",
        contact: { id: ada.userId, name: "Ada Lovelace" },
        stayed: [
          {
            id: shared.connection.id,
            connector: "openai",
            name: null,
            number: expect.any(Number),
            disconnected: false,
          },
        ],
        stayed_count: 1,
        disconnected_count: 1,
        keys_count: 1,
        links_count: 1,
        left_at: expect.stringMatching(/Z$/),
        returned_at: null,
      },
    ]);
    expect(answer.text).not.toContain(own.connection.id);
    expect((await server.call(listDepartures, "/api/v1/departures", { as: grace })).json.error.code).toBe("forbidden");
    expect((await server.call(listDepartures, "/api/v1/departures")).status).toBe(401);
    expect(await report(katherine)).toEqual([]);
    const foreign = await server.call(listDepartures, `/api/v1/departures?owner_id=${acme}`, { as: katherine });
    expect(foreign.json.error.code).toBe("owner_mismatch");
  });

  it("is told to the administrators once, and to nobody else", async () => {
    const told = (await notices(ada)).filter(({ kind }) => kind === "person_left" || kind === "contact");
    expect(told).toMatchObject([
      { kind: "contact", person: expect.any(String), count: 1, connector: null, seen: false },
    ]);
    expect((await notices(grace)).filter(({ kind }) => kind !== "recovered")).toEqual([]);
  });

  it("ends with what they started on a token that was still good", async () => {
    // As good as a minute ago: the token names the organisation, and handlers ask Clerk for nothing more.
    const straggler = await go.connect({ ...joan, token: async () => token }, "openai", { visibility: "only_me" });
    expect((await row(straggler.connection.id))?.status).toBe("connected");
    await laterOn();
    expect(await row(straggler.connection.id)).toMatchObject({ status: "disconnected", reason_code: "owner_left" });
    expect(await report(ada)).toMatchObject([{ disconnected_count: 2, stayed_count: 1 }]);
    expect((await notices(ada)).filter(({ kind }) => kind === "contact")).toHaveLength(1);
  });

  it("hears nothing of what becomes of it; whoever is asked now does", async () => {
    await server.sql`select patchbay.record_look(id, signed_in_at, false, 'auth_failed', null) from connections
      where id = ${shared.connection.id}`;
    await server.runJobs();
    const told = await server.sql`select user_id from notices
      where connection_id = ${shared.connection.id} and kind = 'needs_attention'`;
    expect(told).toEqual([{ user_id: ada.userId }]);
  });

  it("who comes back is a member like any other, and an old word of their leaving changes nothing", async () => {
    await join(acme, joanId);
    await settle();
    expect(await row(shared.connection.id)).toMatchObject({
      person_left_at: null,
      sign_in_left: false,
      contact_id: ada.userId,
    });
    expect((await report(ada))[0]?.returned_at).not.toBeNull();
    const again = await go.connect(await server.signIn("joan@both.test", "acme"), "openai", { visibility: "only_me" });
    const leaving = server.clerk.webhooks
      .deliveries()
      .find(({ type }) => type === "organizationMembership.deleted") as { id: string; body: string };
    server.clerk.webhooks.resend(leaving.id);
    // And under an id that was never seen: as late as can be.
    server.clerk.webhooks.send("organizationMembership.deleted", JSON.parse(leaving.body).data);
    await settle();
    await laterOn();
    expect((await row(again.connection.id))?.status).toBe("connected");
    expect(await server.sql`select 1 from departures where returned_at is null`).toHaveLength(0);
  });

  it("and comes back before anybody has heard of it keeps everything", async () => {
    const kept = await go.connect(await server.signIn("joan@both.test", "acme"), "openai", { visibility: "only_me" });
    server.clerk.webhooks.hold();
    await remove(acme, joanId);
    await join(acme, joanId);
    server.clerk.webhooks.release();
    await settle();
    expect((await row(kept.connection.id))?.status).toBe("connected");
    expect(await report(ada)).toHaveLength(1);
  });

  it("twice at once, or with a database that goes away in between, leaves once", async () => {
    const kept = await go.connect(await server.signIn("joan@both.test", "acme"), "openai", { visibility: "only_me" });
    server.clerk.webhooks.hold();
    await remove(acme, joanId);
    const { body } = server.clerk.webhooks.deliveries().at(-1) as { body: string };
    server.clerk.webhooks.send("organizationMembership.deleted", JSON.parse(body).data);
    server.clerk.webhooks.release();
    await eventually(
      () => server.clerk.webhooks.deliveries().every(({ outcome }) => outcome === "delivered"),
      "both are taken",
    );
    await control("POST", "fault", { mode: "hang", door: "backend", seconds: 1, times: 1 });
    const run = server.runJobs();
    await eventually(async () => {
      const [killed] = await server.sql`select count(pg_terminate_backend(pid))::int as count from pg_stat_activity
        where application_name = 'patchbay-units' and state = 'idle in transaction'`;
      return killed?.count > 0;
    }, "the transaction that waits for Clerk is killed");
    await run;
    await laterOn();
    await laterOn();
    expect(await row(kept.connection.id)).toMatchObject({ status: "disconnected", reason_code: "owner_left" });
    expect(await events(kept.connection.id, "disconnected")).toHaveLength(1);
    const left =
      await server.sql`select disconnected_count from departures where user_id = ${joanId} and returned_at is null`;
    expect(left).toHaveLength(1);
    expect(await server.sql`select 1 from clerk_deliveries where verdict is null`).toHaveLength(0);
  });
});

describe("where no administrator is left", () => {
  it("nobody is asked, and nobody is told", async () => {
    const kept = await go.connect(katherine);
    await remove(globex, katherine.userId);
    await settle();
    expect(await row(kept.connection.id)).toMatchObject({ status: "connected", contact_id: null, sign_in_left: true });
    const [left] = await server.sql`select id, contact_id from departures where user_id = ${katherine.userId}`;
    expect(left?.contact_id).toBeNull();
    expect(await server.sql`select 1 from notices where departure_id = ${left?.id}`).toHaveLength(0);
    const joan = await server.signIn("joan@both.test", "globex");
    const [seen] = (await go.list(joan)).filter(({ id }) => id === kept.connection.id);
    expect(seen).toMatchObject({ connected_by: { left: true }, contact: null });
  });
});

describe("a person who is deleted", () => {
  const canary = "Hedwig Canary";
  const email = "canary@forgotten.test";
  const userId = "user_canary";
  let connections: { shared: ConnectionView; alone: ConnectionView; personal: ConnectionView };

  beforeAll(async () => {
    const password = "a-long-password";
    await control("POST", "people", { id: userId, email, password, firstName: "Hedwig", lastName: "Canary" });
    await join(acme, userId);
    await settle();
    const person = { email, password, userId };
    const inAcme = await signInAs(server.clerk, APP_URL, person, acme);
    const bySelf = await signInAs(server.clerk, APP_URL, person, null);
    const made = {
      shared: await go.connect(inAcme),
      alone: await go.connect(inAcme, "openai", { visibility: "only_me" }),
      personal: await go.connect(bySelf),
    };
    connections = { shared: made.shared.connection, alone: made.alone.connection, personal: made.personal.connection };
    await server.runJobs();
    for (const { id } of [connections.alone, connections.personal]) {
      await server.sql`update connections set account_name = ${email}, account_id = ${email}, label = ${canary} where id = ${id}`;
      await server.sql`insert into connection_events (owner_id, connection_id, type, actor_kind, actor_id, data)
        select owner_id, id, 'labelled', 'person', connected_by, ${server.sql.json({ label: canary, source: "page" })}
        from connections where id = ${id}`;
      await server.sql`insert into notices (owner_id, user_id, event_id, kind, connector, account)
        values (${acme}, ${userId}, floor(random() * 1e15)::bigint, 'recovered', 'openai', ${email})`;
    }
    expect(await traces(canary)).not.toEqual([]);
    expect(await traces(email)).not.toEqual([]);
    await control("DELETE", `people/${userId}`);
    await settle();
    await laterOn();
  });

  it("leaves every organisation and loses what they owned by themselves", async () => {
    expect(await row(connections.shared.id)).toMatchObject({ status: "connected", contact_id: ada.userId });
    for (const { id } of [connections.alone, connections.personal])
      expect(await row(id)).toMatchObject({
        status: "disconnected",
        reason_code: "owner_left",
        remote_result: "deleted",
      });
    expect((await report(ada))[0]).toMatchObject({
      person: { id: userId, name: null },
      why: "deleted",
      stayed_count: 1,
    });
    const [seen] = (await go.list(ada)).filter(({ id }) => id === connections.shared.id);
    expect(seen?.connected_by).toEqual({ id: userId, name: "Somebody", image_url: null, left: true });
  });

  it("is known by a pseudonym alone: no table holds their name or address", async () => {
    const [person] = await server.sql`select name, email, image_url, deleted_at is not null as deleted from people
      where user_id = ${userId}`;
    expect(person).toEqual({ name: null, email: null, image_url: null, deleted: true });
    expect(await traces(canary)).toEqual([]);
    expect(await traces(email)).toEqual([]);
    expect(await server.sql`select 1 from notices where user_id = ${userId}`).toHaveLength(0);
    // What happened is still known, without the names.
    const [event] = await events(connections.alone.id, "labelled");
    expect(event).toMatchObject({ actor_id: userId, data: { source: "page" } });
  });

  it("stays forgotten: neither a late sign-in nor a late word brings the name back", async () => {
    await server.sql`select patchbay.upsert_person(${userId}, ${canary}, ${email}, null)`;
    server.clerk.webhooks.send("user.updated", { id: userId, first_name: "Hedwig" });
    await settle();
    expect(await traces(canary)).toEqual([]);
  });

  it("is not gone because somebody says so: Clerk has them", async () => {
    server.clerk.webhooks.send("user.deleted", { object: "user", id: grace.userId, deleted: true });
    await settle();
    const [person] = await server.sql`select deleted_at from people where user_id = ${grace.userId}`;
    expect(person?.deleted_at).toBeNull();
    expect((await go.list(grace)).some(({ connected_by }) => connected_by?.id === grace.userId)).toBe(true);
  });

  it("leaves a history that is otherwise append-only as before", async () => {
    for (const change of [
      server.sql`update connection_events set data = data - 'source' where connection_id = ${connections.alone.id}`,
      server.sql`update connection_events set data = '{}' where connection_id = ${connections.shared.id}`,
      server.sql`update connection_events set actor_id = 'somebody' where connection_id = ${connections.alone.id}`,
      server.sql`update connection_events set data = data - 'label' where connection_id in (
        select id from connections where connected_by = ${grace.userId}) and data ? 'attempt_id'`,
      server.sql`delete from connection_events where connection_id = ${connections.alone.id}`,
    ])
      await expect(change).rejects.toThrow("history_is_append_only");
  });
});

describe("an organisation that is deleted", () => {
  const owner = "org_shortlived";
  let made: Awaited<ReturnType<typeof go.connect>>[];
  let key: Awaited<ReturnType<typeof keyOf>>;
  let link: Awaited<ReturnType<typeof linkOf>>;

  beforeAll(async () => {
    await control("POST", "organizations", { id: owner, name: "Short-lived" });
    await join(owner, ada.userId, "admin");
    const [person] = server.clerk.people.filter(({ userId }) => userId === ada.userId);
    const there = await signInAs(server.clerk, APP_URL, person as NonNullable<typeof person>, owner);
    made = [await go.connect(there), await go.connect(there, "openai", { visibility: "only_me" })];
    await go.start(there);
    [key, link] = [await keyOf(owner, ada.userId), await linkOf(owner, ada.userId)];
  });

  it("is not, as long as Clerk has it", async () => {
    server.clerk.webhooks.send("organization.deleted", { object: "organization", id: owner, deleted: true });
    await settle();
    for (const { connection } of made) expect((await row(connection.id))?.status).toBe("connected");
  });

  it("takes all its connections, keys, links and tries with it, and nobody else's", async () => {
    const [before] =
      await server.sql`select count(*)::int from connections where status <> 'disconnected' and owner_id <> ${owner}`;
    await control("DELETE", `organizations/${owner}`);
    await settle();
    for (const { connection } of made)
      expect(await row(connection.id)).toMatchObject({
        status: "disconnected",
        reason_code: "owner_deleted",
        remote_result: "deleted",
      });
    expect(await key()).toBe("owner_deleted");
    expect(await link()).not.toBeNull();
    const open = await server.sql`select 1 from connection_attempts where owner_id = ${owner} and status = 'open'`;
    expect(open).toHaveLength(0);
    const [after] =
      await server.sql`select count(*)::int from connections where status <> 'disconnected' and owner_id <> ${owner}`;
    expect(after).toEqual(before);
  });
});

/** Places of the database that hold a text. */
async function traces(text: string): Promise<string[]> {
  const tables = await server.sql`select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('public', 'patchbay', 'graphile_worker')`;
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await server.sql.unsafe(
      `select count(*)::int as count from ${name} t where t::text ilike '%' || $1 || '%' or t::text like '%' || $2 || '%'`,
      [text, Buffer.from(text).toString("hex")],
    );
    if (row?.count > 0) found.push(name);
  }
  return found;
}

describe("what waits in quarantine", () => {
  const held = (nangoId: string) =>
    server.sql`select reason_code, resolution, remote_deleted_at is not null as deleted from quarantined_connections
      where nango_connection_id = ${nangoId}`;
  /** The second of two sign-ins in one session. */
  async function secondSignIn(as: SignedIn) {
    const session = await go.start(as, "openai", { visibility: "only_me" });
    await server.complete(session, "openai", { apiKey: "sk-first" });
    const second = await server.complete(session, "openai", { apiKey: "sk-second" });
    await eventually(async () => {
      await server.runJobs();
      return (await held(second)).length > 0;
    }, "Nango's webhooks are in, and worked off");
    return second;
  }

  it("for the decision of somebody who leaves is deleted, also what is heard of later; nobody else's is", async () => {
    const person = server.clerk.people.find(({ email }) => email === "mary@nowhere.test");
    if (!person) throw new Error("the stand-in has no Mary");
    await join(acme, person.userId);
    const mary = await signInAs(server.clerk, APP_URL, person, acme);
    const ofMary = await secondSignIn(mary);
    const ofAda = await secondSignIn(ada);
    const session = await go.start(mary, "openai", { visibility: "only_me" });
    // Mary signs in, and nobody here hears of it until she has left: Nango tries more than once.
    server.door.handler = null;
    const unheard = await server.complete(session, "openai", { apiKey: "sk-late" });
    await remove(acme, mary.userId);
    await settle();
    server.door.handler = nangoWebhook;
    await healConnection({ integrationKey: "openai", connectionId: unheard }, false);
    await server.runJobs();
    expect(await held(ofMary)).toEqual([{ reason_code: "attempt_used", resolution: "deleted", deleted: true }]);
    expect(await held(unheard)).toEqual([{ reason_code: "attempt_cancelled", resolution: "deleted", deleted: true }]);
    expect(await held(ofAda)).toMatchObject([{ resolution: null, deleted: false }]);
  });
});
