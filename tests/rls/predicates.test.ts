/** The second lock: what holds where no token does (API keys, jobs), and that each of its parts is missed when it is gone. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  attemptMinted,
  claimAttemptPoll,
  closeAttempt,
  failAttempt,
  getAttempt,
  startAttempt,
} from "@/lib/db/attempts";
import {
  connectionCounts,
  disconnectConnection,
  getConnection,
  listConnections,
  setLabel,
  undoDisconnect,
} from "@/lib/db/connections";
import { listConnectionEvents } from "@/lib/db/events";
import { blockedConnectors, mayConnect } from "@/lib/db/policies";
import { connect } from "../support/connecting";
import { type DataFixture, openDataFixture } from "../support/tenants";

let db: DataFixture;
let admin: postgres.Sql;

beforeAll(async () => {
  db = await openDataFixture();
  admin = postgres(db.adminUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await admin.end();
  await db.close();
});

let round = 0;

/** Two organisations and a colleague, new for each round, since some probes would change what they reach. */
async function world() {
  round += 1;
  const [acme, globex] = [`org_acme_${round}`, `org_globex_${round}`];
  const ada = db.tenant(acme, "user_ada", "admin");
  const colleague = db.tenant(acme, "user_grace");
  const katherine = db.tenant(globex, "user_katherine", "admin");
  // The same person, acting for another owner: only the owner tells the two apart.
  const adaElsewhere = db.tenant(globex, "user_ada", "admin");
  const shared = await connect(ada);
  const own = await connect(colleague, { visibility: "only_me" });
  const gone = await connect(ada, { connector: "sendgrid" });
  await disconnectConnection(ada, gone.id);
  const attempt = await startAttempt(ada, { connector: "github", integrationKey: "github", visibility: "everyone" });
  await db.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
    values (${acme}, 'connector', 'github', 'block', 'user_ada')`;
  return { ada, colleague, katherine, adaElsewhere, shared, own, gone, attempt };
}

type World = Awaited<ReturnType<typeof world>>;

const worked = (call: Promise<unknown>) =>
  call.then(
    (result) => result !== null && result !== false,
    () => false,
  );

/** Each is true when somebody got what is not theirs. */
const probes: Record<string, ((w: World) => Promise<boolean>)[]> = {
  "public.list_connections": [
    async ({ katherine }) => (await listConnections(katherine, {}, "key")).totalCount > 0,
    async ({ katherine, shared }) => worked(getConnection(katherine, shared.id, "key")),
    async ({ ada, own }) => worked(getConnection(ada, own.id, "key")),
    async ({ ada, own }) => (await listConnections(ada, {}, "key")).connections.some((row) => row.id === own.id),
  ],
  "public.connection_counts": [
    async ({ katherine }) => Object.keys(await connectionCounts(katherine, "key")).length > 0,
  ],
  "public.list_connection_events": [
    async ({ ada, own }) => (await listConnectionEvents(ada, own.id, {}, "key")).length > 0,
    async ({ katherine, shared }) => (await listConnectionEvents(katherine, shared.id, {}, "key")).length > 0,
  ],
  "public.may_connect": [async ({ katherine }) => !(await mayConnect(katherine, "github", "key"))],
  "public.blocked_connectors": [async ({ katherine }) => (await blockedConnectors(katherine, "key")).length > 0],
  "patchbay.lock_managed": [
    // The answer is read with the tenant's predicate afterwards; what counts is whether the row changed.
    async ({ katherine, shared }) => {
      await worked(setLabel(katherine, shared.id, "stolen"));
      await worked(undoDisconnect(katherine, shared.id));
      await worked(disconnectConnection(katherine, shared.id));
      const [row] = await db.sql`select label, status from connections where id = ${shared.id}`;
      return row?.label !== null || row?.status !== "connected";
    },
    async ({ ada, own }) => {
      await worked(setLabel(ada, own.id, "stolen"));
      const [row] = await db.sql`select label from connections where id = ${own.id}`;
      return row?.label !== null;
    },
  ],
  "patchbay.get_attempt": [
    async ({ adaElsewhere, attempt }) => worked(getAttempt(adaElsewhere, attempt.id)),
    async ({ colleague, attempt }) => worked(getAttempt(colleague, attempt.id)),
  ],
  "patchbay.claim_attempt_poll": [
    async ({ adaElsewhere, attempt }) => claimAttemptPoll(adaElsewhere, attempt.id),
    async ({ colleague, attempt }) => claimAttemptPoll(colleague, attempt.id),
  ],
  "patchbay.attempt_minted": [
    async ({ adaElsewhere, attempt }) =>
      attemptMinted(adaElsewhere, attempt.id, { token: "stolen", expiresAt: new Date().toISOString() }),
    async ({ colleague, attempt }) =>
      attemptMinted(colleague, attempt.id, { token: "stolen", expiresAt: new Date().toISOString() }),
  ],
  "patchbay.fail_attempt": [
    async ({ adaElsewhere, attempt }) => worked(failAttempt(adaElsewhere, attempt.id, "not_configured")),
    async ({ colleague, attempt }) => worked(failAttempt(colleague, attempt.id, "not_configured")),
  ],
  "patchbay.close_attempt": [
    async ({ adaElsewhere, attempt }) => worked(closeAttempt(adaElsewhere, attempt.id, "closed")),
    async ({ colleague, attempt }) => worked(closeAttempt(colleague, attempt.id, "closed")),
  ],
};

/** A world for each probe of a function, made while everything still works. */
async function worldsFor(name: string): Promise<World[]> {
  const worlds: World[] = [];
  for (const _ of probes[name] ?? []) worlds.push(await world());
  return worlds;
}

async function leaks(name: string, worlds: World[]): Promise<boolean> {
  const results: boolean[] = [];
  for (const [index, probe] of (probes[name] ?? []).entries()) results.push(await probe(worlds[index] as World));
  return results.some(Boolean);
}

async function definitions(): Promise<{ name: string; text: string }[]> {
  return admin<{ name: string; text: string }[]>`
    select n.nspname || '.' || p.proname as name, pg_get_functiondef(p.oid) as text
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('public', 'patchbay')`;
}

it("no function of lib/db gives a tenant what is not theirs, without row policies in the way", async () => {
  for (const name of Object.keys(probes)) {
    expect([name, await leaks(name, await worldsFor(name))]).toEqual([name, false]);
  }
});

it("every function that takes an owner is probed", async () => {
  const takesOwner = (await definitions()).filter(({ text }) => /\bp_owner text\b/.test(text)).map(({ name }) => name);
  // Through lock_managed: the three mutations. start_attempt writes for the owner given and reads nothing of theirs but
  // may_connect. quarantine is not called for a tenant.
  const covered = ["patchbay.set_label", "patchbay.disconnect_connection", "patchbay.undo_disconnect"];
  const writers = ["patchbay.start_attempt", "patchbay.quarantine", "patchbay.lock_owner_connector"];
  expect(takesOwner.filter((name) => !probes[name] && !covered.includes(name) && !writers.includes(name))).toEqual([]);
});

/** Where the owner is compared once more than it takes: before the visible connection, and to leave early. */
const saidTwice = new Set(["public.list_connection_events", "public.blocked_connectors"]);

it("each predicate that is taken out is noticed", async () => {
  await admin.unsafe(`create function patchbay.always(text, text, text, text, text) returns boolean language sql immutable
    return true; grant execute on function patchbay.always(text, text, text, text, text) to public`);
  const originals = new Map((await definitions()).map(({ name, text }) => [name, text]));
  const cuts: [pattern: RegExp, replacement: string][] = [
    [/patchbay\.connection_visible\(/g, "patchbay.always("],
    [/((?:\w+\.)?owner_id) = (?:\w+\.)?p_owner/g, "$1 is not null"],
    [/((?:\w+\.)?started_by) = (?:\w+\.)?p_user/g, "$1 is not null"],
  ];
  let mutants = 0;
  for (const name of Object.keys(probes)) {
    const original = originals.get(name) as string;
    for (const [pattern, replacement] of cuts) {
      const mutant = original.replace(pattern, replacement);
      if (mutant === original || (saidTwice.has(name) && replacement.startsWith("$1"))) continue;
      mutants += 1;
      const worlds = await worldsFor(name);
      await admin.unsafe(mutant);
      try {
        // A mutant that cannot even run is noticed as well.
        const noticed = await leaks(name, worlds).catch(() => true);
        expect([name, replacement, noticed]).toEqual([name, replacement, true]);
      } finally {
        await admin.unsafe(original);
      }
    }
  }
  expect(mutants).toBeGreaterThanOrEqual(13);
}, 60_000);

it("the one definition of visible is noticed when it says yes to everything", async () => {
  const original = (await definitions()).find(({ name }) => name === "patchbay.connection_visible")?.text as string;
  const worlds = await worldsFor("public.list_connections");
  const { katherine } = await world();
  await admin.unsafe(original.replace(/RETURN [\s\S]*$/, "RETURN true"));
  try {
    expect((await listConnections(katherine)).totalCount).toBeGreaterThan(0);
    expect(await leaks("public.list_connections", worlds)).toBe(true);
  } finally {
    await admin.unsafe(original);
  }
});
