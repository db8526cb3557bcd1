/** The second lock: what holds where no token does (API keys, jobs), and that each of its parts is missed when it is gone. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DataFixture, openDataFixture } from "../support/tenants";
import { type Definition, definitionsOf, mutantsOf, openGates } from "./mutants";
import { attempts } from "./probes/attempts";
import { direct } from "./probes/direct";
import { keys, requests } from "./probes/keys";
import { leaving } from "./probes/leaving";
import { links } from "./probes/links";
import { managing } from "./probes/managing";
import { quarantine } from "./probes/quarantine";
import { history, listing, notices, rules } from "./probes/reading";
import { sharing } from "./probes/sharing";
import { triggers } from "./probes/triggers";
import { usage } from "./probes/usage";
import type { Probes } from "./probing";

let db: DataFixture;
let admin: postgres.Sql;
let definitions: Definition[];
/** By the table that the functions are about. */
let probes: Record<string, Probes>;

beforeAll(async () => {
  db = await openDataFixture();
  admin = postgres(db.adminUrl, { max: 1, onnotice: () => {} });
  definitions = await definitionsOf(admin);
  await admin.unsafe(openGates);
  probes = {
    connections: { ...listing(db), ...managing(db), ...sharing(db) },
    departures: leaving(db),
    connection_events: history(db),
    connection_attempts: attempts(db),
    connector_policies: rules(db),
    quarantined_connections: quarantine(db),
    notices: notices(db),
    connect_links: links(db),
    oauth_states: direct(db),
    action_usage: usage(db),
    webhook_deliveries: triggers(db),
    api_keys: keys(db),
    idempotent_requests: requests(db),
  };
});
afterAll(async () => {
  await admin.end();
  await db.close();
});

const tables = [
  ...["connections", "connection_events", "connection_attempts", "connector_policies", "quarantined_connections"],
  "notices",
  "departures",
  "connect_links",
  "oauth_states",
  "action_usage",
  "api_keys",
  "idempotent_requests",
  "webhook_deliveries",
];

/** Predicates without which nothing changes, since another says the same. */
const saidTwice = new Set([
  // The visible twin is of the owner asked for, and so is the row.
  "public.list_connections: o.owner_id = m.owner_id",
  "patchbay.has_twin: o.owner_id = p_row.owner_id",
  // The report names connections of its own owner.
  "patchbay.take_over: d.owner_id = p_owner",
  // Only saves locks that nobody waits for.
  "patchbay.lock_connectors_of: owner_id = p_owner",
  // Only saves asking may_connect() about each connector.
  "public.blocked_connectors: p.owner_id = blocked_connectors.p_owner",
]);

/** Take an owner and compare it with nothing: they write what is new, or are called with what was checked. */
const writers = [
  "patchbay.quarantine",
  "patchbay.quarantine_again",
  "patchbay.lock_owner_connector",
  "patchbay.count_request",
];

const probesOf = (name: string) =>
  Object.assign({}, ...Object.values(probes).map((group) => group[name])) as Probes[string];

describe.each(tables)("functions about %s", (table) => {
  it("give nobody what is not theirs, without row policies in the way", async () => {
    for (const [name, group] of Object.entries(probes[table] ?? {})) {
      for (const [title, probe] of Object.entries(group)) {
        const deed = await probe();
        expect(`${name}: ${title}: ${await deed()}`).toBe(`${name}: ${title}: false`);
      }
    }
  });
});

it("every function that takes an owner, or compares owners or persons, is probed", () => {
  const concerned = definitions.filter((one) => /\bp_owner text\b/.test(one.text) || mutantsOf(one).length > 0);
  const names = concerned.map(({ name }) => name).filter((name) => !writers.includes(name));
  expect(names.filter((name) => Object.keys(probesOf(name)).length === 0)).toEqual([]);
  // Nor is a function probed that is no more, nor one that compares nothing.
  const probed = Object.values(probes).flatMap((group) => Object.keys(group));
  expect(probed.filter((name) => !names.includes(name))).toEqual([]);
  const mutants = concerned.flatMap(mutantsOf).map(({ name, predicate }) => `${name}: ${predicate}`);
  expect(mutants.length - saidTwice.size).toBeGreaterThanOrEqual(80);
  const predicates = new Set(mutants);
  expect([...saidTwice].filter((predicate) => !predicates.has(predicate))).toEqual([]);
  for (const name of writers) {
    expect(concerned.filter((one) => one.name === name).flatMap(mutantsOf)).toEqual([]);
  }
});

describe.each(tables)("functions about %s: each predicate that is taken out is noticed", (table) => {
  it("one at a time", async () => {
    const survivors: string[] = [];
    for (const [name, group] of Object.entries(probes[table] ?? {})) {
      const original = definitions.find((one) => one.name === name) as Definition;
      for (const mutant of mutantsOf(original)) {
        const where = `${name}: ${mutant.predicate}`;
        if (saidTwice.has(where)) continue;
        const deeds = await Promise.all(Object.values(group).map((probe) => probe()));
        await admin.unsafe(mutant.text);
        try {
          let noticed = false;
          // A mutant that cannot even run is noticed as well.
          for (const deed of deeds) noticed ||= await deed().catch(() => true);
          if (!noticed) survivors.push(where);
        } finally {
          await admin.unsafe(original.text);
        }
      }
    }
    expect(survivors).toEqual([]);
  }, 300_000);
});
