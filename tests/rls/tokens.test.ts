import { createHmac } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/database";
import { seed } from "./actors";

let db: TestDatabase;
let url: string;

beforeAll(async () => {
  db = await openTestDatabase();
  await seed(db);
  await db.sql`create function public.complain(p_code text) returns void language plpgsql as
    $$ begin raise exception using errcode = p_code, message = 'said so'; end $$`;
  url = (await db.gateway()).url;
});
afterAll(() => db.close());

/** The raw door, without a client that would tidy requests up. */
async function knock(headers: Record<string, string>, path = "/rest/v1/connections?select=id") {
  const response = await fetch(`${url}${path}`, { headers });
  return { status: response.status, body: (await response.json()) as unknown };
}

const ask = (token: string, path?: string) =>
  knock({ apikey: db.publishableKey, authorization: `Bearer ${token}` }, path);
/** A table and a function of what people are told, beside the connections themselves. */
const doors = [
  undefined,
  "/rest/v1/notices?select=id",
  "/rest/v1/rpc/list_notices?p_owner=org_acme&p_user=user_ada",
  "/rest/v1/rpc/list_connections?p_owner=org_acme&p_user=user_ada",
];
const claims = { sub: "user_ada", o: { id: "org_acme", rol: "admin" } };
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("the owner that a token acts for", () => {
  const owner = async (given: Record<string, unknown>) => {
    const token = await db.tokens.sign({ sub: "user_ada", ...given });
    const client = createClient(url, db.publishableKey, { accessToken: async () => token });
    return (await client.rpc("requesting_owner_id")).data as string | null;
  };

  it("is the organisation of either version of the token, else the person", async () => {
    expect(await owner({ o: { id: "org_acme" } })).toBe("org_acme");
    expect(await owner({ org_id: "org_acme" })).toBe("org_acme");
    expect(await owner({ o: { id: "org_acme" }, org_id: "org_other" })).toBe("org_acme");
    expect(await owner({})).toBe("user_ada");
    expect(await owner({ "o.id": "org_acme" })).toBe("user_ada");
  });

  it("is nobody when the token is malformed, never somebody else", async () => {
    expect(await owner({ o: {} })).toBeNull();
    expect(await owner({ o: { id: "" } })).toBeNull();
    expect(await owner({ o: "org_acme" })).toBeNull();
    expect(await owner({ o: [] })).toBeNull();
    expect(await owner({ org_id: "" })).toBeNull();
  });
});

describe("the door", () => {
  it("answers nobody without a key and nobody with a wrong one", async () => {
    expect((await knock({})).status).toBe(401);
    expect((await knock({ apikey: "sb_publishable_standin_wrong" })).status).toBe(401);
    expect((await knock({ authorization: `Bearer ${await db.tokens.sign(claims)}` })).status).toBe(401);
  });

  it("takes a good token", async () => {
    for (const path of doors) {
      const { status, body } = await ask(await db.tokens.sign(claims), path);
      expect([path, status, (body as unknown[]).length]).toEqual([path, 200, 1]);
    }
  });

  it("refuses tokens that are expired, early, from elsewhere, nobody's, unsigned or signed by a secret", async () => {
    const now = Math.floor(Date.now() / 1000);
    const { sign, forge } = db.tokens;
    const good = await sign(claims);
    const [head = "", payload = "", signature = ""] = good.split(".");
    const inner = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
    const none = `${encode({ alg: "none", typ: "JWT" })}.${payload}.`;
    const hs256 = (secret: string) => {
      const start = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ ...inner, role: "postgres" })}`;
      return `${start}.${createHmac("sha256", secret).update(start).digest("base64url")}`;
    };
    const bad = {
      expired: await sign({ ...claims, exp: now - 1 }),
      early: await sign({ ...claims, nbf: now + 3600 }),
      "without an end": await sign({ ...claims, exp: null }),
      "without a person": await sign({ ...claims, sub: null }),
      "of another issuer": await sign({ ...claims, iss: "https://elsewhere.test" }),
      "without an issuer": await sign({ ...claims, iss: null }),
      forged: await forge(claims),
      unsigned: none,
      "signed by a known secret": hs256("unsafe-secret-change-me"),
      "signed by the public key's text": hs256(db.tokens.jwksUrl),
      "with another payload": `${head}.${encode({ ...inner, sub: "user_vera" })}.${signature}`,
      "cut short": good.slice(0, -4),
      nonsense: "a.b.c",
      "the secret key's look-alike": `${db.secretKey}x`,
    };
    for (const [name, token] of Object.entries(bad)) {
      for (const path of doors) {
        const { status, body } = await ask(token, path);
        expect([name, path, status]).toEqual([name, path, 401]);
        expect(JSON.stringify(body)).not.toContain('id":');
      }
    }
  });

  it("gives no token a role beyond its own, whatever it asks for", async () => {
    for (const role of ["postgres", "service_role", "supabase_admin", "authenticator", "anon", "", 7, null]) {
      const { status } = await ask(await db.tokens.sign({ ...claims, role }));
      expect([role, status]).toEqual([role, 401]);
    }
  });

  it("shows nothing but the REST API", async () => {
    const headers = { apikey: db.secretKey };
    for (const path of [
      "/",
      "/_system/info",
      "/_system/config",
      "/auth/v1/settings",
      "/storage/v1/bucket",
      "/rest/v1/../../_system/info",
    ]) {
      const { status, body } = await knock(headers, path);
      expect([path, status]).toEqual([path, 404]);
      expect(JSON.stringify(body)).not.toContain("postgres://");
    }
  });

  it("answers errors of the database as PostgREST does, in whatever number they come", async () => {
    const fresh = createClient(url, db.publishableKey, { accessToken: () => db.tokens.sign(claims) });
    const seen: Record<string, unknown> = {};
    for (const code of ["PB400", "P0001", "23514", "40001", "57014"]) {
      const { error, status } = await fresh.rpc("complain", { p_code: code });
      seen[code] = [status, error?.code, error?.message];
    }
    expect(seen).toEqual({
      PB400: [400, "PB400", "said so"],
      P0001: [400, "P0001", "said so"],
      "23514": [400, "23514", "said so"],
      "40001": [500, "40001", "said so"],
      "57014": [500, "57014", "said so"],
    });
  });

  it("keeps tenants apart when two hundred requests of all of them are in the air", async () => {
    const callers = [
      { sub: "user_grace", o: { id: "org_acme" }, sees: 1 },
      { sub: "user_vera", o: { id: "org_acme" }, sees: 2 },
      { sub: "user_katherine", o: { id: "org_globex" }, sees: 1 },
      { sub: "user_mary", sees: 1 },
      { sub: "user_nobody", sees: 0 },
    ];
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const { sees, ...who } = callers[n % callers.length] as (typeof callers)[number];
        const { data } = await createClient(url, db.publishableKey, { accessToken: () => db.tokens.sign(who) })
          .from("connections")
          .select("owner_id");
        const owner = "o" in who && who.o ? who.o.id : who.sub;
        return data?.length === sees && data.every((row) => row.owner_id === owner);
      }),
    );
    expect(answers.filter((right) => !right)).toHaveLength(0);
  });
});
