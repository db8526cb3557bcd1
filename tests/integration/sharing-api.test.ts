import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as becomeContact } from "@/app/api/v1/connections/[id]/contact/route";
import { POST as changeVisibility } from "@/app/api/v1/connections/[id]/visibility/route";
import { GET as listConnections } from "@/app/api/v1/connections/route";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

/** Who may use a connection, and who is asked about it, over HTTP. */

let server: Server;
let go: ReturnType<typeof journeyOf>;
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;
let mary: SignedIn;

beforeAll(async () => {
  server = await startServer();
  go = journeyOf(server);
  [ada, grace, katherine, mary] = await Promise.all([
    server.signIn("ada@acme.test", "acme"),
    server.signIn("grace@acme.test", "acme"),
    server.signIn("katherine@globex.test", "globex"),
    server.signIn("mary@nowhere.test", null),
  ]);
});
afterAll(() => server?.close());
beforeEach(
  () => server.sql`update connections set status = 'disconnected', reason_code = 'by_person', is_default = false,
  disconnected_at = now(), remote_deleted_at = now() where status <> 'disconnected'`,
);

const share = (as: SignedIn, id: string, visibility: string, extra: object = {}) =>
  server.call(changeVisibility, `/api/v1/connections/${id}/visibility`, {
    as,
    params: { id },
    body: { visibility, ...extra },
  });
const takeOver = (as: SignedIn, id: string) =>
  server.call(becomeContact, `/api/v1/connections/${id}/contact`, { as, params: { id }, body: {} });
const made = async (as: SignedIn, visibility = "everyone") =>
  (await go.connect(as, "openai", { visibility })).connection;
const events = (id: string, type: string) =>
  server.sql`select actor_id, data from connection_events where connection_id = ${id} and type = ${type} order by id`;
const bytes = (text: string) => text.replace(/"request_id":"[^"]*"/, "");
/** Ids of those that are the default of their kind, as each person's list has it. */
const defaults = async (as: SignedIn) => (await go.list(as)).filter(({ is_default }) => is_default).map(({ id }) => id);

describe("opening an account to everyone, and closing it", () => {
  it("is for whoever connected it, takes effect at once, and is recorded once", async () => {
    const { id, can_share } = await made(grace, "only_me");
    expect(can_share).toBe(true);
    expect((await share(grace, id, "everyone")).json.connection).toMatchObject({
      visibility: "everyone",
      can_share: true,
    });
    const seen = (await go.list(ada)).find((each) => each.id === id);
    expect(seen).toMatchObject({ visibility: "everyone", can_manage: true, can_share: false });
    // The same again is no change.
    expect((await share(grace, id, "everyone")).status).toBe(200);
    expect((await share(grace, id, "only_me")).json.connection.visibility).toBe("only_me");
    expect((await go.list(ada)).some((each) => each.id === id)).toBe(false);
    expect(await events(id, "visibility_changed")).toEqual([
      { actor_id: grace.userId, data: { from: "only_me", to: "everyone" } },
      { actor_id: grace.userId, data: { from: "everyone", to: "only_me" } },
    ]);
  });

  it("is refused to admins, and to anybody else as if there were no such connection", async () => {
    const shared = await made(grace);
    const alone = await made(grace, "only_me");
    const byAdmin = await share(ada, shared.id, "only_me");
    expect([byAdmin.status, byAdmin.json.error.code]).toEqual([403, "forbidden"]);
    for (const [as, id] of [
      [ada, alone.id],
      [katherine, shared.id],
      [mary, shared.id],
    ] as const) {
      const [foreign, unknown] = [await share(as, id, "everyone"), await share(as, randomUUID(), "everyone")];
      expect([foreign.status, bytes(foreign.text)]).toEqual([404, bytes(unknown.text)]);
    }
    expect((await share(grace, shared.id, "only_me", { owner_id: "org_other" })).json.error.code).toBe(
      "owner_mismatch",
    );
    expect((await share(grace, shared.id, "admins")).json.error.code).toBe("invalid_request");
    expect((await share(grace, shared.id, "only_me", { status: "connected" })).json.error.code).toBe("invalid_request");
    expect(await events(shared.id, "visibility_changed")).toEqual([]);
  });

  it("has no meaning outside an organisation, nor for what is disconnected", async () => {
    const own = await made(mary);
    expect(own.can_share).toBe(false);
    expect((await share(mary, own.id, "only_me")).json.error.code).toBe("invalid_request");
    const gone = await made(grace);
    await go.disconnect(grace, gone.id);
    expect((await share(grace, gone.id, "only_me")).json.error.code).toBe("connection_disconnected");
  });

  it("keeps one default of each kind: the first becomes it, and the last that remains", async () => {
    const first = await made(grace);
    const second = await made(grace);
    const alone = await made(ada, "only_me");
    expect(await defaults(grace)).toEqual([first.id]);
    // The default goes: the one that remains takes its place, and of hers alone this is the first.
    await share(grace, first.id, "only_me");
    expect((await defaults(grace)).sort()).toEqual([first.id, second.id].sort());
    // It comes back to where there is a default already, and is none.
    await share(grace, first.id, "everyone");
    expect(await defaults(grace)).toEqual([second.id]);
    // Ada's first for everyone meets one there; among her own nothing is left.
    await share(ada, alone.id, "everyone");
    expect(await defaults(ada)).toEqual([second.id]);
  });

  it("by many at once leaves one default", async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => made(grace, "only_me")));
    await Promise.all(all.map(({ id }) => share(grace, id, "everyone")));
    await Promise.all(all.map(({ id }, n) => share(grace, id, n % 2 ? "only_me" : "everyone")));
    const rows =
      await server.sql`select visibility, count(*) filter (where is_default)::int as defaults from connections
      where owner_id = ${grace.orgId} and status <> 'disconnected' group by 1 order by 1`;
    expect(rows.map(({ visibility, defaults }) => [visibility, defaults <= 1])).toEqual([
      ["everyone", true],
      ["only_me", true],
    ]);
  });
});

describe("who is asked about an account", () => {
  it("is whoever connected it, until somebody who may manage it says otherwise", async () => {
    const { id, contact } = await made(grace);
    expect(contact).toMatchObject({ id: grace.userId });
    expect((await takeOver(ada, id)).json.connection.contact).toMatchObject({ id: ada.userId });
    await takeOver(ada, id);
    expect(await events(id, "contact_changed")).toEqual([
      { actor_id: ada.userId, data: { from: grace.userId, to: ada.userId } },
    ]);
    // Closing it makes it hers again: nobody else sees it.
    expect((await share(grace, id, "only_me")).json.connection.contact).toMatchObject({ id: grace.userId });
  });

  it("cannot be anybody who may not manage it", async () => {
    const { id } = await made(ada);
    const member = await takeOver(grace, id);
    expect([member.status, member.json.error.code]).toEqual([403, "forbidden"]);
    const [foreign, unknown] = [await takeOver(katherine, id), await takeOver(katherine, randomUUID())];
    expect([foreign.status, bytes(foreign.text)]).toEqual([404, bytes(unknown.text)]);
  });
});

describe("the number of others' only-me accounts", () => {
  it("is told to admins alone, and counts neither their own nor what is disconnected", async () => {
    const count = async (as: SignedIn) =>
      (await server.call(listConnections, "/api/v1/connections", { as })).json.others_only_me_count;
    expect(await count(ada)).toBe(0);
    await made(ada, "only_me");
    await made(grace);
    await made(grace, "only_me");
    const gone = await made(grace, "only_me");
    await go.disconnect(grace, gone.id);
    expect([await count(ada), await count(grace), await count(mary), await count(katherine)]).toEqual([
      1,
      null,
      null,
      0,
    ]);
    const answer = await server.call(listConnections, "/api/v1/connections?owner=only_me", { as: ada });
    expect([answer.json.total_count, answer.json.others_only_me_count]).toEqual([1, 1]);
  });
});
