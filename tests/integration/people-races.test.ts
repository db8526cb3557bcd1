import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { POST as contactRoute } from "@/app/api/v1/connections/[id]/contact/route";
import { POST as reconnectRoute } from "@/app/api/v1/connections/[id]/reconnect/route";
import { POST as visibilityRoute } from "@/app/api/v1/connections/[id]/visibility/route";
import { GET as listDepartures } from "@/app/api/v1/departures/route";
import { GET as listNotices } from "@/app/api/v1/notices/route";
import { POST as adoptRoute } from "@/app/api/v1/quarantine/[id]/adopt/route";
import { POST as clerkWebhook } from "@/app/api/webhooks/clerk/route";
import { POST as nangoWebhook } from "@/app/api/webhooks/nango/route";
import { resetEnv } from "@/lib/env";
import { healConnection } from "@/lib/webhooks/reconcile-one";
import { type ClerkEvents, clerkEventsOf } from "@/tests/support/clerk-events";
import { eventually } from "@/tests/support/eventually";
import { journeyOf } from "@/tests/support/journey";
import { linksOf } from "@/tests/support/links";
import { type SignedIn, signInAs } from "@/tests/support/people";
import { type Relay, startRelay } from "@/tests/support/relay";
import { APP_URL, type Server, startServer } from "@/tests/support/server";

/** What several people, Clerk and Nango do to one connection at the same time, or in an unlucky order. */

let server: Server;
let clerk: Relay;
let go: ReturnType<typeof journeyOf>;
let join: ClerkEvents["join"];
let remove: ClerkEvents["remove"];
let settle: ClerkEvents["settle"];
let laterOn: ClerkEvents["laterOn"];
let links: ReturnType<typeof linksOf>;
let ada: SignedIn;
let grace: SignedIn;
let joan: SignedIn;
const acme = "org_standin_acme";
const globex = "org_standin_globex";

beforeAll(async () => {
  server = await startServer();
  clerk = await startRelay(server.clerk.url);
  process.env.CLERK_API_URL = clerk.url;
  resetEnv();
  go = journeyOf(server);
  ({ join, remove, settle, laterOn } = clerkEventsOf(server));
  links = linksOf(server);
  server.door.clerk = clerkWebhook;
  server.door.handler = nangoWebhook;
  [ada, grace, joan] = await Promise.all([
    server.signIn("ada@acme.test", "acme"),
    server.signIn("grace@acme.test", "acme"),
    server.signIn("joan@both.test", "acme"),
  ]);
});
afterEach(() => clerk.trouble({ kind: "none" }));
afterAll(async () => {
  await clerk?.close();
  await server?.close();
});

const row = async (id: string) => (await server.sql`select * from connections where id = ${id}`)[0];
const reconnect = (as: SignedIn, id: string) =>
  server.call(reconnectRoute, `/api/v1/connections/${id}/reconnect`, { as, params: { id }, body: {} });
const share = (as: SignedIn, id: string, visibility: string) =>
  server.call(visibilityRoute, `/api/v1/connections/${id}/visibility`, { as, params: { id }, body: { visibility } });

/** What somebody does while whoever connected it is just making it theirs alone. */
async function whileItBecomesPrivate<T>(id: string, deed: () => Promise<T>): Promise<T> {
  const sql = await server.sql.reserve();
  await sql`begin`;
  await sql`select patchbay.set_visibility(${acme}, ${joan.userId}, false, ${id}, 'only_me')`;
  const waiting = deed();
  await eventually(async () => {
    const waits = await server.sql`select 1 from pg_stat_activity where wait_event_type = 'Lock'`;
    return waits.length > 0;
  }, "the other one waits");
  await sql`commit`;
  sql.release();
  return waiting;
}

describe("a connection that becomes one person's alone", () => {
  it("is neither disconnected nor taken over by an administrator who was just about to", async () => {
    const first = (await go.connect(joan)).connection.id;
    const ended = await whileItBecomesPrivate(first, () => go.disconnect(ada, first));
    expect(ended.status).toBe(404);
    expect(await row(first)).toMatchObject({ status: "connected", visibility: "only_me" });

    const second = (await go.connect(joan)).connection.id;
    const contact = await whileItBecomesPrivate(second, () =>
      server.call(contactRoute, `/api/v1/connections/${second}/contact`, {
        as: ada,
        params: { id: second },
        body: {},
      }),
    );
    expect(contact.status).toBe(404);
    expect(await row(second)).toMatchObject({ contact_id: joan.userId, visibility: "only_me" });
  });

  it("never lives on somebody else's sign-in", async () => {
    const { id } = (await go.connect(joan)).connection;
    const again = await reconnect(ada, id);
    await server.complete(again.json, "openai", { apiKey: "sk-adas" });
    await go.confirm(ada, again.json.attemptId);
    const refused = await share(joan, id, "only_me");
    expect([refused.status, refused.json.error.code]).toEqual([409, "signed_in_by_other"]);

    // Whatever Ada has begun, and may still complete, comes first.
    const mine = await reconnect(joan, id);
    await server.complete(mine.json, "openai", { apiKey: "sk-joans" });
    await go.confirm(joan, mine.json.attemptId);
    const late = await reconnect(ada, id);
    const waiting = await share(joan, id, "only_me");
    expect([waiting.status, waiting.json.error.code]).toEqual([409, "sign_in_under_way"]);
    await go.cancel(ada, late.json.attemptId);
    await server.runJobs();
    expect((await share(joan, id, "only_me")).status).toBe(200);
    await expect(server.complete(late.json, "openai", { apiKey: "sk-adas" })).rejects.toThrow();
    expect(await row(id)).toMatchObject({ signed_in_by: joan.userId, visibility: "only_me" });
  });

  it("is not named to whoever asked for it by a link", async () => {
    const { token } = await links.ask(ada, "joan@both.test");
    await links.follow(joan, token);
    const shown = async (): Promise<string | null> => (await links.list(ada)).json.links[0].connection_id;
    const id = String(await shown());
    expect((await row(id))?.connected_by).toBe(joan.userId);
    expect((await share(joan, id, "only_me")).status).toBe(200);
    expect(await shown()).toBeNull();
  });
});

describe("somebody who has left", () => {
  it("is not asked again about what they had finished before, and nobody knew of", async () => {
    const shared = await go.connect(joan);
    const again = await reconnect(joan, shared.connection.id);
    server.door.handler = null;
    await server.complete(again.json, "openai", { apiKey: "sk-unheard" });
    await remove(acme, joan.userId);
    await settle();
    await laterOn();
    server.door.handler = nangoWebhook;
    await healConnection({ integrationKey: "openai", connectionId: shared.nangoId }, false);
    await server.runJobs();
    expect(await row(shared.connection.id)).toMatchObject({ contact_id: ada.userId, sign_in_left: true });
    await join(acme, joan.userId);
    await settle();
  });

  it("is not asked about what an administrator adopts of theirs: the administrator is", async () => {
    joan = await server.signIn("joan@both.test", "acme");
    const session = await go.start(joan);
    server.door.handler = null;
    const nangoId = await server.complete(session, "openai", { apiKey: "sk-late" });
    await remove(acme, joan.userId);
    await settle();
    server.door.handler = nangoWebhook;
    await healConnection({ integrationKey: "openai", connectionId: nangoId }, false);
    await server.runJobs();
    const [held] = await server.sql`select id from quarantined_connections where nango_connection_id = ${nangoId}`;
    const path = `/api/v1/quarantine/${held?.id}/adopt`;
    const adopted = await server.call(adoptRoute, path, { as: ada, params: { id: held?.id }, body: {} });
    expect(adopted.status, adopted.text).toBe(200);
    const [found] = await server.sql`select * from connections where nango_connection_id = ${nangoId}`;
    expect(found).toMatchObject({ contact_id: ada.userId, sign_in_left: true });
    await join(acme, joan.userId);
    await settle();
  });

  it("stays in the report where the connection was another's, and lived on their sign-in", async () => {
    const shared = await go.connect(grace);
    await join(acme, joan.userId, "admin");
    joan = await server.signIn("joan@both.test", "acme");
    const again = await reconnect(joan, shared.connection.id);
    await server.complete(again.json, "openai", { apiKey: "sk-joans" });
    await go.confirm(joan, again.json.attemptId);
    await remove(acme, joan.userId);
    await settle();
    const [departure] = (await server.call(listDepartures, "/api/v1/departures", { as: ada })).json.departures;
    expect(departure.stayed.map(({ id }: { id: string }) => id)).toContain(shared.connection.id);
    await join(acme, joan.userId);
    await settle();
  });

  it("cannot be in the way of whoever completes a link of theirs", async () => {
    await go.connect(ada, "openai", { visibility: "only_me" });
    const { token } = await links.ask(ada, "grace@acme.test");
    const { attemptId } = await links.start(grace, token);
    const [completing, leaving] = [0, 1].map(() => postgres(server.supabase.databaseUrl, { max: 1 }));
    if (!completing || !leaving) throw new Error("two connections");
    await completing`begin`;
    // As a completion does: the attempt, then its owner and connector.
    await completing`select 1 from connection_attempts where id = ${attemptId} for update`;
    await leaving`begin`;
    const left = leaving`select patchbay.leave(${acme}, ${ada.userId}, null, 'left', '{}')`;
    await Promise.race([left.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 500))]);
    await completing`select patchbay.lock_owner_connector(${acme}, 'openai')`;
    await completing`rollback`;
    await expect(left).resolves.toHaveLength(1);
    await leaving`rollback`;
    await Promise.all([completing.end(), leaving.end()]);
  });

  it("and was the last administrator leaves what nobody is asked about to the next one", async () => {
    const katherine = await server.signIn("katherine@globex.test", "globex");
    const { id } = (await go.connect(katherine)).connection;
    await remove(globex, katherine.userId);
    await settle();
    expect(await row(id)).toMatchObject({ contact_id: null });
    await laterOn();
    await join(globex, joan.userId, "admin");
    await settle();
    expect(await row(id)).toMatchObject({ contact_id: joan.userId, sign_in_left: true });
    const joanThere = await server.signIn("joan@both.test", "globex");
    const [seen] = await go.list(joanThere);
    expect(seen).toMatchObject({ id, contact: { id: joan.userId } });
    const [departure] = (await server.call(listDepartures, "/api/v1/departures", { as: joanThere })).json.departures;
    expect(departure.contact).toMatchObject({ id: joan.userId });
    const told = (await server.call(listNotices, "/api/v1/notices", { as: joanThere })).json.notices;
    expect(told.map(({ kind }: { kind: string }) => kind)).toContain("contact");
  });
});

describe("an answer that is not Clerk's", () => {
  const gateway = { kind: "answer", status: 404, body: "<html>no such route</html>" } as const;

  it("ends no connection and no person, whatever its status", async () => {
    const shared = (await go.connect(grace)).connection.id;
    const joanThere = await server.signIn("joan@both.test", "globex");
    const elsewhere = (await go.connect(joanThere, "openai", { visibility: "only_me" })).connection.id;
    await remove(acme, joan.userId);
    await settle();
    clerk.trouble(gateway);
    await join(acme, grace.userId);
    await settle();
    await laterOn();
    for (const id of [shared, elsewhere]) expect((await row(id))?.status, id).toBe("connected");
    const [person] = await server.sql`select email, deleted_at from people where user_id = ${joan.userId}`;
    expect(person).toEqual({ email: "joan@both.test", deleted_at: null });
    clerk.trouble({ kind: "none" });
    await laterOn();
    expect(await server.sql`select 1 from clerk_deliveries where verdict is null`).toEqual([]);
    expect((await row(shared))?.status).toBe("connected");
  });
});

it("a link does not open for an address that only looks like its own in lower case", async () => {
  const { token } = await links.ask(ada, "mark@nowhere.test");
  const [name, password] = ["mar\u212A@nowhere.test", "a-long-password-1"];
  const made = await fetch(`${server.clerk.url}/_control/people`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: name, password, firstName: "Mary" }),
  });
  const person = (await made.json()) as { id: string; email: string };
  expect(person.email).toBe(name);
  const stranger = await signInAs(server.clerk, APP_URL, { email: name, password, userId: person.id }, null);
  expect((await links.open(stranger, token)).status).toBe(404);
});
