import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as readEvents } from "@/app/api/v1/connections/[id]/events/route";
import { DELETE as disconnect, GET as read, PATCH as relabel } from "@/app/api/v1/connections/[id]/route";
import { GET as list } from "@/app/api/v1/connections/route";
import { newKey } from "@/lib/auth/api-key";
import { keysOf } from "@/tests/support/api-keys";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

/** Keys of the API: made by people, used without them. */

let server: Server;
let keys: ReturnType<typeof keysOf>;
let ada: SignedIn;
let grace: SignedIn;
let joan: SignedIn;
let katherine: SignedIn;
let mary: SignedIn;
let shared: string;
let adasOwn: string;
let marys: string;

beforeAll(async () => {
  server = await startServer();
  keys = keysOf(server);
  [ada, grace, joan, katherine, mary] = await Promise.all([
    server.signIn("ada@acme.test", "acme"),
    server.signIn("grace@acme.test", "acme"),
    server.signIn("joan@both.test", "acme"),
    server.signIn("katherine@globex.test", "globex"),
    server.signIn("mary@nowhere.test", null),
  ]);
  const go = journeyOf(server);
  shared = (await go.connect(grace)).connection.id;
  adasOwn = (await go.connect(ada, "openai", { visibility: "only_me" })).connection.id;
  marys = (await go.connect(mary)).connection.id;
});
afterAll(() => server?.close());

const listBy = (key: string, headers: Record<string, string> = {}) =>
  server.call(list, "/api/v1/connections", { key, headers });
const idsBy = async (key: string) => (await listBy(key)).json.connections.map(({ id }: { id: string }) => id);
const bytes = (text: string) => text.replace(/"request_id":"[^"]*"/, "");
const unknown = "00000000-0000-4000-8000-000000000000";

describe("a new key", () => {
  it("is shown once, and kept as a digest alone", async () => {
    const { status, json } = await keys.make(grace, ["connections:read"], { name: " Nightly export " });
    expect(status).toBe(201);
    expect(json.key).toMatch(/^pby_[0-9A-Za-z]{49}$/);
    expect(json.api_key).toMatchObject({
      name: "Nightly export",
      prefix: json.key.slice(0, 10),
      scopes: ["connections:read"],
      status: "active",
      created_by: { id: grace.userId },
      expires_at: null,
      last_used_at: null,
      revoked_at: null,
    });
    expect((await keys.list(grace)).text).not.toContain(json.key);
    expect((await keys.list(ada)).text).not.toContain(json.key);
    const tables = await server.sql<{ name: string }[]>`select format('%I.%I', schemaname, tablename) as name
      from pg_tables where schemaname in ('public', 'patchbay', 'graphile_worker')`;
    for (const { name } of tables) {
      const rows = await server.sql.unsafe(`select to_jsonb(t)::text as row from ${name} t`);
      expect(
        rows.filter(({ row }) => row.includes(json.key.slice(10))),
        name,
      ).toEqual([]);
    }
    const [row] = await server.sql`
      select key_hash = sha256(convert_to(${json.key}, 'utf8')) as fits from api_keys where id = ${json.api_key.id}`;
    expect(row?.fits).toBe(true);
  });

  it("opens what its scopes say at once", async () => {
    const { key } = await keys.made(grace, ["connections:read"]);
    expect(await idsBy(key)).toEqual([shared]);
  });

  it("needs a name, scopes that exist, and an end in days or none", async () => {
    const wrong: object[] = [
      { name: "" },
      { name: "   " },
      { name: "a".repeat(81) },
      { scopes: [] },
      { scopes: ["everything"] },
      { scopes: ["actions:run:../x"] },
      { expires_in_days: 0 },
      { expires_in_days: 3_651 },
      { expires_in_days: 1.5 },
      { expires_in_days: undefined },
      { owner_id: "" },
      { key: "pby_mine" },
    ];
    for (const more of wrong) {
      const { status, json } = await keys.make(grace, undefined, more);
      expect([status, json.error.code], JSON.stringify(more)).toEqual([400, "invalid_request"]);
    }
    const none = await keys.make(grace, ["actions:run:no-such-thing"]);
    expect([none.status, none.json.error.code]).toEqual([404, "unknown_connector"]);
    const elsewhere = await keys.make(grace, undefined, { owner_id: katherine.orgId });
    expect([elsewhere.status, elsewhere.json.error.code]).toEqual([409, "owner_mismatch"]);
  });

  it("is one of at most fifty that a person has", async () => {
    const { id } = await keys.made(joan);
    await server.sql`insert into api_keys (owner_id, created_by, name, prefix, key_hash)
      select ${joan.ownerId}, ${joan.userId}, 'old', 'pby_', sha256(convert_to('joan ' || n, 'utf8'))
      from generate_series(1, 49) n`;
    const refused = await keys.make(joan);
    expect([refused.status, refused.json.error.code]).toEqual([409, "too_many_keys"]);
    await keys.revoke(joan, id);
    expect((await keys.make(joan)).status).toBe(201);
    await server.sql`update api_keys set expires_at = now() where created_by = ${joan.userId}`;
  });
});

describe("what a key may", () => {
  it("is what a member may with everyone's accounts: its maker's own are unknown to it", async () => {
    const { key } = await keys.made(ada);
    expect(await idsBy(key)).toEqual([shared]);
    // Ada is an administrator, and her key is not.
    expect((await listBy(key)).json.others_only_me_count).toBeNull();
    const at = (id: string) => ({ key, params: { id } });
    const path = (id: string) => `/api/v1/connections/${id}`;
    expect((await server.call(read, path(shared), at(shared))).json.connection.can_manage).toBe(false);
    const forbidden = await server.call(relabel, path(shared), {
      ...at(shared),
      method: "PATCH",
      body: { label: "x" },
    });
    expect([forbidden.status, forbidden.json.error.code]).toEqual([403, "forbidden"]);
    const deeds = (id: string) => [
      server.call(read, path(id), at(id)),
      server.call(readEvents, `${path(id)}/events`, at(id)),
      server.call(relabel, path(id), { ...at(id), method: "PATCH", body: { label: "stolen" } }),
      server.call(relabel, path(id), { ...at(id), method: "PATCH", body: { is_default: true } }),
      server.call(disconnect, path(id), { ...at(id), method: "DELETE", body: {} }),
    ];
    const expected = await Promise.all(deeds(unknown));
    const before = await server.sql`select * from connections order by id`;
    for (const id of [adasOwn, marys]) {
      const answers = await Promise.all(deeds(id));
      for (const [n, answer] of answers.entries())
        expect([answer.status, bytes(answer.text)], `${n}`).toEqual([404, bytes(expected[n]?.text ?? "")]);
    }
    expect(await server.sql`select * from connections order by id`).toEqual(before);
  });

  it("ends at its owner's accounts", async () => {
    expect(await idsBy((await keys.made(katherine)).key)).toEqual([]);
    expect(await idsBy((await keys.made(mary)).key)).toEqual([marys]);
  });

  it("is done in its maker's name, and the history names the key", async () => {
    const { key } = await keys.made(grace);
    const answer = await server.call(relabel, `/api/v1/connections/${shared}`, {
      key,
      method: "PATCH",
      params: { id: shared },
      body: { label: "by a script" },
    });
    expect(answer.json.connection.label).toBe("by a script");
    const { json } = await server.call(readEvents, `/api/v1/connections/${shared}/events`, {
      key,
      params: { id: shared },
    });
    expect(json.events[0]).toMatchObject({
      type: "labelled",
      actor: { kind: "person", id: grace.userId },
      data: { label: "by a script", via: "key", key: key.slice(0, 10) },
    });
  });

  it("is no page's business: the origin of a request does not matter, and a cookie beside the key does not count", async () => {
    const { key } = await keys.made(grace, ["connections:read"]);
    const headers = { origin: "https://elsewhere.test", "sec-fetch-site": "cross-site" };
    expect((await listBy(key, headers)).status).toBe(200);
    const cookie = `__session=${await katherine.token()}; __client_uat=1`;
    expect((await listBy(key, { cookie })).json.connections.map(({ id }: { id: string }) => id)).toEqual([shared]);
    // Nor does a good cookie help a bad key.
    for (const bad of [newKey().text, `${key.slice(0, -1)}~`, "pby_"]) {
      const answer = await listBy(bad, { cookie });
      expect([answer.status, answer.json.error.code], bad).toEqual([401, "unauthenticated"]);
    }
  });
});

describe("a key that ended", () => {
  const codeBy = async (key: string) => {
    const { status, json } = await listBy(key);
    return status === 200 ? 200 : [status, json.error.code];
  };

  it("by being revoked opens nothing from then on, and revoking it again changes nothing", async () => {
    const { key, id } = await keys.made(grace);
    expect(await codeBy(key)).toBe(200);
    const revoked = await keys.revoke(grace, id);
    expect([revoked.status, revoked.json.api_key.status]).toEqual([200, "revoked"]);
    expect(await codeBy(key)).toEqual([401, "unauthenticated"]);
    expect(bytes((await keys.revoke(ada, id)).text)).toBe(bytes(revoked.text));
  });

  it("by its time says the same as one that never was", async () => {
    const { key, id } = await keys.made(grace, undefined, { expires_in_days: 30 });
    const listed = async () => (await keys.list(grace)).json.api_keys.find((each: { id: string }) => each.id === id);
    expect(Date.parse((await listed()).expires_at) / 86_400_000).toBeCloseTo(Date.now() / 86_400_000 + 30, 1);
    expect(await codeBy(key)).toBe(200);
    await server.sql`update api_keys set expires_at = now() where id = ${id}`;
    expect((await listed()).status).toBe("expired");
    expect([(await listBy(key)).status, bytes((await listBy(key)).text)]).toEqual([
      401,
      bytes((await listBy(newKey().text)).text),
    ]);
  });

  it("by its maker's leaving is dead, and says why", async () => {
    const { key, id } = await keys.made(joan);
    expect(await codeBy(key)).toBe(200);
    await server.sql`select patchbay.leave(${joan.ownerId}, ${joan.userId}, ${ada.userId}, 'left')`;
    expect(await codeBy(key)).toEqual([401, "unauthenticated"]);
    const listed = (await keys.list(ada, "?limit=200")).json.api_keys.find((each: { id: string }) => each.id === id);
    expect([listed.status, listed.revoked_why]).toEqual(["revoked", "owner_left"]);
  });
});

it("its last use is kept, to the minute", async () => {
  const { key, id } = await keys.made(grace);
  const lastUse = async () => (await server.sql`select last_used_at::text as at from api_keys where id = ${id}`)[0]?.at;
  expect(await lastUse()).toBeNull();
  await listBy(key);
  const first = await lastUse();
  expect(first).not.toBeNull();
  await Promise.all(Array.from({ length: 5 }, () => listBy(key)));
  expect(await lastUse()).toBe(first);
  await server.sql`update api_keys set last_used_at = now() - interval '61 seconds' where id = ${id}`;
  await listBy(key);
  expect(Date.parse(await lastUse())).toBeGreaterThanOrEqual(Date.parse(first));
});

describe("whose keys are whose", () => {
  it("members see and revoke their own, administrators all of the organisation's", async () => {
    const { id: adas } = await keys.made(ada);
    const { key, id: graces } = await keys.made(grace);
    const seenBy = async (as: SignedIn) =>
      (await keys.list(as, "?limit=200")).json.api_keys.map((each: { id: string }) => each.id);
    expect(await seenBy(grace)).toContain(graces);
    expect(await seenBy(grace)).not.toContain(adas);
    expect(await seenBy(ada)).toEqual(expect.arrayContaining([adas, graces]));
    expect(await seenBy(katherine)).not.toContain(graces);
    const none = await keys.revoke(katherine, unknown);
    for (const [as, id] of [
      [grace, adas],
      [katherine, graces],
      [mary, adas],
      [grace, "not-an-id"],
    ] as const) {
      const answer = await keys.revoke(as, id);
      expect([answer.status, bytes(answer.text)]).toEqual([404, bytes(none.text)]);
    }
    expect((await listBy(key)).status).toBe(200);
    expect((await keys.revoke(ada, graces)).status).toBe(200);
    expect((await listBy(key)).status).toBe(401);
  });

  it("a list has pages", async () => {
    await keys.made(mary);
    await keys.made(mary);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = cursor === "" ? "?limit=1" : `?limit=1&cursor=${cursor}`;
      const { json } = await keys.list(mary, query);
      expect(json.api_keys).toHaveLength(1);
      seen.push(json.api_keys[0].id);
      cursor = json.next_cursor;
    }
    const { json } = await keys.list(mary);
    expect(seen).toEqual(json.api_keys.map(({ id }: { id: string }) => id));
    expect(json.total_count).toBe(seen.length);
  });
});
