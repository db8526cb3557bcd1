/** Who knocks, and what there is to reach: two organisations, a person alone, and rows of each kind for all of them. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { TestDatabase } from "../support/database";

export const actors = [
  "anon", // no token, the publishable key
  "mary", // signed in, in no organisation
  "grace", // member of Acme
  "ada", // admin of Acme
  "joan", // in Acme and Globex, acting for Acme
  "katherine", // admin of Globex
  "dorothy", // member of Globex
  "v1", // Grace with a token of the old version
  "expired",
  "forged", // by a key of somebody else's
  "foreign", // by the right key for another issuer
  "no_role", // a good token without role: authenticated
  "root", // a good token that asks for role: postgres
  "service", // the secret key
] as const;
export type Actor = (typeof actors)[number];

/** own: the actor's owner's. private: a colleague's only-me one. other: another owner's. */
export const targets = ["own", "private", "other"] as const;
export type Target = (typeof targets)[number];

type Home = { owner: string; user: string };
export const homes: Record<Actor, Home> = {
  anon: { owner: "org_acme", user: "user_ada" },
  mary: { owner: "user_mary", user: "user_mary" },
  grace: { owner: "org_acme", user: "user_grace" },
  ada: { owner: "org_acme", user: "user_ada" },
  joan: { owner: "org_acme", user: "user_joan" },
  katherine: { owner: "org_globex", user: "user_katherine" },
  dorothy: { owner: "org_globex", user: "user_dorothy" },
  v1: { owner: "org_acme", user: "user_grace" },
  expired: { owner: "org_acme", user: "user_ada" },
  forged: { owner: "org_acme", user: "user_ada" },
  foreign: { owner: "org_acme", user: "user_ada" },
  no_role: { owner: "org_acme", user: "user_ada" },
  root: { owner: "org_acme", user: "user_ada" },
  service: { owner: "org_acme", user: "user_ada" },
};

export type ApiClient = SupabaseClient;

/** A token lives for a minute, and all the cells may take longer on a busy machine. */
function renewed(sign: () => Promise<string>): () => Promise<string> {
  let token: Promise<string> | undefined;
  let signedAt = 0;
  return () => {
    if (token === undefined || Date.now() - signedAt > 20_000) {
      signedAt = Date.now();
      token = sign();
    }
    return token;
  };
}

/** A client of the REST API per actor, as supabase-js makes it. */
export async function clientsOf(db: TestDatabase): Promise<Record<Actor, ApiClient>> {
  const { url } = await db.gateway();
  const acme = (rol: string) => ({ o: { id: "org_acme", rol } });
  const past = Math.floor(Date.now() / 1000) - 120;
  const { sign, forge } = db.tokens;
  const tokens: Record<Exclude<Actor, "anon" | "service">, () => Promise<string>> = {
    mary: renewed(() => sign({ sub: "user_mary" })),
    grace: renewed(() => sign({ sub: "user_grace", ...acme("member") })),
    ada: renewed(() => sign({ sub: "user_ada", ...acme("admin") })),
    joan: renewed(() => sign({ sub: "user_joan", ...acme("member") })),
    katherine: renewed(() => sign({ sub: "user_katherine", o: { id: "org_globex", rol: "admin" } })),
    dorothy: renewed(() => sign({ sub: "user_dorothy", o: { id: "org_globex", rol: "member" } })),
    v1: renewed(() => sign({ sub: "user_grace", v: null, org_id: "org_acme", org_role: "org:member" })),
    expired: renewed(() => sign({ sub: "user_ada", ...acme("admin"), iat: past, nbf: past, exp: past + 60 })),
    forged: renewed(() => forge({ sub: "user_ada", ...acme("admin") })),
    foreign: renewed(() => sign({ sub: "user_ada", ...acme("admin"), iss: "https://elsewhere.test" })),
    no_role: renewed(() => sign({ sub: "user_ada", ...acme("admin"), role: null })),
    root: renewed(() => sign({ sub: "user_ada", ...acme("admin"), role: "postgres" })),
  };
  const make = (actor: Actor) => {
    const key = actor === "service" ? db.secretKey : db.publishableKey;
    if (actor === "anon" || actor === "service") return createClient(url, key, { auth: { persistSession: false } });
    return createClient(url, key, { accessToken: tokens[actor] });
  };
  return Object.fromEntries(actors.map((actor) => [actor, make(actor)])) as unknown as Record<Actor, ApiClient>;
}

/** Stable ids, so that a failing cell can be found in the data. */
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** Every connection of the tests: number, owner, who connected it, who sees it. */
const connections = [
  { n: 1, owner: "org_acme", by: "user_grace", visibility: "everyone" },
  { n: 2, owner: "org_acme", by: "user_vera", visibility: "only_me" },
  { n: 3, owner: "org_globex", by: "user_katherine", visibility: "everyone" },
  { n: 4, owner: "org_globex", by: "user_edith", visibility: "only_me" },
  { n: 5, owner: "user_mary", by: "user_mary", visibility: "only_me" },
] as const;

const people = ["ada", "grace", "joan", "katherine", "dorothy", "mary", "vera", "edith"].map((name) => `user_${name}`);

/** Fills an empty database, as its owner. */
export async function seed(db: TestDatabase): Promise<void> {
  const { sql } = db;
  const manifest = sql.json({});
  await sql`insert into connectors (slug, name, category, status, listed, version, manifest, manifest_hash) values
    ('github', 'GitHub', 'development', 'stable', true, '1', ${manifest}, 'a'),
    ('secret', 'Secret', 'development', 'stable', false, '1', ${manifest}, 'b')`;
  for (const person of people)
    await sql`insert into people (user_id, name, email) values (${person}, ${person}, 'a@b.test')`;
  for (const { n, owner, by, visibility } of connections) {
    await sql`insert into connections (id, owner_id, visibility, connector, integration_key, nango_connection_id, status,
        number, connected_by, connected_at)
      values (${id(n)}, ${owner}, ${visibility}, 'github', 'github', ${`nango-${n}`}, 'connected', ${n}, ${by}, now())`;
    await sql`insert into connection_events (owner_id, connection_id, type, actor_kind, actor_id)
      values (${owner}, ${id(n)}, 'connected', 'person', ${by})`;
  }
  // Attempts are seen by whoever started them, so everybody has one.
  for (const [index, { owner, user }] of attemptHomes.entries()) {
    await sql`insert into connection_attempts (id, owner_id, started_by, connector, integration_key, visibility, instance,
        session_token) values (${id(100 + index)}, ${owner}, ${user}, 'github', 'github', 'everyone', 'test', 'secret')`;
  }
  await sql`insert into connector_policies (id, owner_id, subject_kind, subject, effect, created_by) values
    (${id(201)}, 'org_acme', 'connector', 'github', 'block', 'user_ada'),
    (${id(202)}, 'org_globex', 'connector', 'github', 'block', 'user_katherine'),
    (${id(203)}, 'user_mary', 'connector', 'github', 'block', 'user_mary')`;
  await sql`insert into quarantined_connections (id, owner_id, integration_key, nango_connection_id, reason_code) values
    (${id(301)}, 'org_acme', 'github', 'q-1', 'attempt_used'), (${id(302)}, 'org_globex', 'github', 'q-2', 'attempt_used')`;
  for (const [index, { owner, user }] of noticeHomes.entries()) {
    await sql`insert into notices (owner_id, user_id, event_id, kind, connector)
      values (${owner}, ${user}, ${index + 1}, 'recovered', 'github')`;
  }
  for (const [n, owner, user] of [
    [1, "org_acme", "user_ada"],
    [2, "org_globex", "user_katherine"],
  ] as const) {
    await sql`insert into api_keys (id, owner_id, created_by, name, prefix, key_hash)
      values (${id(400 + n)}, ${owner}, ${user}, 'key', 'pby_', sha256(${`key ${n}`}::bytea))`;
    await sql`insert into departures (id, owner_id, user_id, why) values (${id(500 + n)}, ${owner}, ${user}, 'left')`;
    await sql`insert into clerk_deliveries (svix_id, type) values (${`msg_${n}`}, 'user.updated')`;
  }
  await sql`insert into connect_links (id, owner_id, created_by, connector, email, token_hash) values
    (${id(401)}, 'org_acme', 'user_ada', 'github', 'a@b.test', sha256('a')),
    (${id(402)}, 'org_globex', 'user_katherine', 'github', 'a@b.test', sha256('b'))`;
  await sql`insert into oauth_credentials (connection_id, owner_id, key_id, access_token) values
    (${id(1)}, 'org_acme', 'k1', 'x'), (${id(3)}, 'org_globex', 'k1', 'x')`;
  await sql`insert into oauth_states (state_hash, attempt_id, owner_id, user_id, browser_hash, redirect_uri, expires_at)
    values (sha256('a'), ${id(100)}, 'org_acme', 'user_ada', sha256('a'), 'http://localhost', now()),
      (sha256('b'), ${id(101)}, 'org_globex', 'user_katherine', sha256('b'), 'http://localhost', now())`;
  await sql`insert into action_usage (connection_id, action, day, owner_id) values
    (${id(1)}, 'x', '2026-11-21', 'org_acme'), (${id(3)}, 'x', '2026-11-21', 'org_globex')`;
  await sql`insert into webhook_deliveries (body_sha256, body) values (sha256('a'), 'a'), (sha256('b'), 'b')`;
}

const attemptHomes: Home[] = [
  ...new Map(Object.values(homes).map((home) => [`${home.owner} ${home.user}`, home])).values(),
  { owner: "org_acme", user: "user_vera" },
  { owner: "org_globex", user: "user_edith" },
  // The same person for another owner.
  { owner: "org_globex", user: "user_joan" },
];

/** Notices are told to one person for one owner, as attempts are started; numbered from 1. */
const noticeHomes = attemptHomes;

const noticeOf = (owner: string, user: string) =>
  noticeHomes.findIndex((home) => home.owner === owner && home.user === user) + 1;

const attemptOf = (owner: string, user: string) =>
  id(100 + attemptHomes.findIndex((home) => home.owner === owner && home.user === user));

/** The row of a relation that a target means for an actor: its key column and value. */
export function rowOf(relation: string, actor: Actor, target: Target): [column: string, value: string | number] {
  const { owner, user } = homes[actor];
  const globex = owner === "org_globex";
  const personal = owner === "user_mary";
  const connection = { own: personal ? 5 : globex ? 3 : 1, private: globex ? 4 : 2, other: globex ? 1 : 3 }[target];
  switch (relation) {
    case "connections":
      return ["id", id(connection)];
    case "connection_events":
      return ["connection_id", id(connection)];
    case "connection_attempts":
      if (target === "own") return ["id", attemptOf(owner, user)];
      if (target === "private")
        return ["id", globex ? attemptOf("org_globex", "user_edith") : attemptOf("org_acme", "user_vera")];
      // A person in both sees the attempts of the owner she acts for only.
      return ["id", globex ? attemptOf("org_acme", "user_ada") : attemptOf("org_globex", "user_joan")];
    case "notices":
      if (target === "own") return ["id", noticeOf(owner, user)];
      if (target === "private")
        return ["id", globex ? noticeOf("org_globex", "user_edith") : noticeOf("org_acme", "user_vera")];
      return ["id", globex ? noticeOf("org_acme", "user_ada") : noticeOf("org_globex", "user_joan")];
    case "connector_policies":
      return ["id", id({ own: personal ? 203 : globex ? 202 : 201, private: 203, other: globex ? 201 : 202 }[target])];
    case "quarantined_connections":
      return ["id", id(target === "other" ? 302 : 301)];
    case "api_keys":
      return ["id", id(target === "other" ? 402 : 401)];
    case "departures":
      return ["id", id(target === "other" ? 502 : 501)];
    case "clerk_deliveries":
      return ["svix_id", target === "other" ? "msg_2" : "msg_1"];
    case "connect_links":
      return ["id", id(target === "other" ? 402 : 401)];
    case "action_usage":
    case "oauth_credentials":
      return ["connection_id", id(target === "other" ? 3 : 1)];
    case "oauth_states":
      return ["attempt_id", id(target === "other" ? 101 : 100)];
    case "webhook_deliveries":
      return ["id", target === "other" ? 2 : 1];
    case "connectors":
      return ["slug", target === "own" ? "github" : "secret"];
    case "people":
      // private: a colleague who shares nothing.
      return [
        "user_id",
        { own: user, private: globex ? "user_edith" : "user_vera", other: globex ? "user_grace" : "user_katherine" }[
          target
        ],
      ];
    default:
      throw new Error(`tests/rls/actors.ts does not say which row of ${relation} is whose`);
  }
}
