/** What keys see and change of connections: the door without a token, where the functions' own predicate is the only lock. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { startReconnect } from "@/lib/db/attempts";
import {
  becomeContact,
  connectionCounts,
  disconnectConnection,
  getConnection,
  keepAccount,
  listConnections,
  requestCheck,
  setDefault,
  setLabel,
  setVisibility,
  undoDisconnect,
} from "@/lib/db/connections";
import { listConnectionEvents } from "@/lib/db/events";
import { listNotices } from "@/lib/db/notices";
import { connect } from "../support/connecting";
import { asKey, type DataFixture, openDataFixture } from "../support/tenants";
import { refusal } from "./probing";

let db: DataFixture;
let ada: Tenant;
let grace: Tenant;
let katherine: Tenant;
let mary: Tenant;
/** By whose they are. */
let rows: Record<"adaAlone" | "adaShared" | "graceAlone" | "graceShared" | "globexShared" | "mary", string>;

beforeAll(async () => {
  db = await openDataFixture();
  [ada, grace] = [db.tenant("org_acme", "user_ada", "admin"), db.tenant("org_acme", "user_grace")];
  [katherine, mary] = [db.tenant("org_globex", "user_katherine", "admin"), db.tenant("user_mary", "user_mary")];
  const made = async (tenant: Tenant, visibility: "everyone" | "only_me") => (await connect(tenant, { visibility })).id;
  rows = {
    adaAlone: await made(ada, "only_me"),
    adaShared: await made(ada, "everyone"),
    graceAlone: await made(grace, "only_me"),
    graceShared: await made(grace, "everyone"),
    globexShared: await made(katherine, "everyone"),
    mary: await made(mary, "only_me"),
  };
});
afterAll(() => db.close());

const ids = async (tenant: Tenant) => (await listConnections(tenant)).connections.map(({ id }) => id).sort();
const shared = () => [rows.adaShared, rows.graceShared].sort();

describe("a key", () => {
  it("lists what is everyone's in its organisation, and counts no more", async () => {
    for (const tenant of [asKey(ada), asKey(grace)]) {
      expect(await ids(tenant)).toEqual(shared());
      expect((await listConnections(tenant)).totalCount).toBe(2);
      expect(await connectionCounts(tenant)).toEqual({ github: { connected: 2, needsAttention: 0, pending: 0 } });
      expect((await listConnections(tenant, { owner: "only_me" })).totalCount).toBe(0);
    }
    // Its maker, in a session, sees their own beside it.
    expect(await ids(grace)).toEqual([...shared(), rows.graceAlone].sort());
    expect(await ids(asKey(katherine))).toEqual([rows.globexShared]);
  });

  it("of a person alone sees what is theirs", async () => {
    expect(await ids(asKey(mary))).toEqual([rows.mary]);
    expect((await setLabel(asKey(mary), rows.mary, "by key")).label).toBe("by key");
  });

  it("reads neither a connection nor its history that it may not list", async () => {
    for (const [tenant, id] of [
      [asKey(grace), rows.graceAlone],
      [asKey(ada), rows.adaAlone],
      [asKey(ada), rows.graceAlone],
      [asKey(grace), rows.globexShared],
      [asKey(mary), rows.graceShared],
      [asKey(grace), randomUUID()],
    ] as const) {
      expect(await getConnection(tenant, id)).toBeNull();
      expect((await listConnectionEvents(tenant, id)).events).toEqual([]);
    }
    expect(await getConnection(asKey(grace), rows.adaShared)).not.toBeNull();
    expect((await listConnectionEvents(asKey(grace), rows.adaShared)).events.length).toBeGreaterThan(0);
    expect((await listNotices(asKey(grace))).notices).toEqual([]);
  });

  const deeds: Record<string, (tenant: Tenant, id: string) => Promise<unknown>> = {
    label: (tenant, id) => setLabel(tenant, id, "stolen"),
    default: setDefault,
    check: requestCheck,
    visibility: (tenant, id) => setVisibility(tenant, id, "everyone"),
    contact: becomeContact,
    "keep account": (tenant, id) => keepAccount(tenant, id, "x"),
    reconnect: startReconnect,
    disconnect: disconnectConnection,
    undo: undoDisconnect,
  };

  it.each(Object.keys(deeds))("%s: what it may not see is unknown to it, and stays as it is", async (name) => {
    const all = async () => JSON.stringify(await db.sql`select to_jsonb(c) from connections c order by id`);
    const before = await all();
    for (const [tenant, id] of [
      [asKey(grace), rows.graceAlone],
      [asKey(ada), rows.adaAlone],
      [asKey(ada), rows.graceAlone],
      [asKey(ada), rows.globexShared],
      [asKey(mary), rows.graceShared],
      [asKey(ada), randomUUID()],
    ] as const)
      expect(await refusal(deeds[name]?.(tenant, id) ?? expect.fail(name)), id).toBe("not_found");
    expect(await all()).toBe(before);
  });

  it("has a member's rights, even if an administrator made it", async () => {
    expect(await refusal(setLabel(asKey(ada), rows.graceShared, "x"))).toBe("forbidden");
    expect((await getConnection(asKey(ada), rows.graceShared))?.canManage).toBe(false);
    expect((await setLabel(asKey(grace), rows.graceShared, "by key")).label).toBe("by key");
  });

  it("is named in the history beside its maker; people's own deeds name none", async () => {
    await setLabel(asKey(grace), rows.graceShared, "one");
    await setLabel(grace, rows.graceShared, "two");
    const { events } = await listConnectionEvents(grace, rows.graceShared, { limit: 2 });
    expect(events.map(({ actor, data }) => [actor.id, data])).toEqual([
      ["user_grace", { label: "two" }],
      ["user_grace", { label: "one", via: "key", key: "pby_abcdef" }],
    ]);
  });
});
