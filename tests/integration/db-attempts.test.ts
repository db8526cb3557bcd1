import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import {
  attemptMinted,
  claimAttemptPoll,
  closeAttempt,
  confirmAttempt,
  eraseSessionToken,
  expireAttempts,
  failAttempt,
  getAttempt,
  sessionToken,
  startAttempt,
} from "@/lib/db/attempts";
import { connectionCounts, getConnection, listConnections } from "@/lib/db/connections";
import type { NangoConnectionFacts } from "@/lib/db/facts";
import { type DataFixture, openDataFixture } from "../support/tenants";

let db: DataFixture;
let ada: Tenant;
let count = 0;

beforeAll(async () => {
  db = await openDataFixture();
  ada = db.tenant("org_acme", "user_ada", "admin");
});
afterAll(() => db.close());

async function begin(tenant: Tenant, connector = "github", visibility: "everyone" | "only_me" = "everyone") {
  const attempt = await startAttempt(tenant, { connector, integrationKey: connector, visibility });
  const expiresAt = new Date(Date.now() + 30 * 60_000).toISOString();
  await attemptMinted(tenant, attempt.id, { token: `session-of-${attempt.id}`, expiresAt });
  return attempt;
}

/** What Nango says after a person finished an attempt. */
function finished(
  tenant: Tenant,
  attempt: { id: string; integrationKey: string; connector: string },
): NangoConnectionFacts {
  count += 1;
  return {
    integrationKey: attempt.integrationKey,
    connectionId: `nango-${count}`,
    authError: false,
    tags: {
      ...(tenant.orgId ? { organization_id: tenant.orgId } : {}),
      end_user_id: tenant.userId,
      connector: attempt.connector,
      attempt_id: attempt.id,
      instance: "test",
    },
  };
}

const jobs = async (task: string, id: string) =>
  (
    await db.sql`select count(*)::int as n from graphile_worker._private_jobs j
      join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = ${task} and j.payload::text like ${`%${id}%`}`
  )[0]?.n as number;

const quarantine = async (facts: NangoConnectionFacts) =>
  (await db.sql`select * from quarantined_connections where nango_connection_id = ${facts.connectionId}`)[0];

describe("starting", () => {
  it("refuses unknown, dead and blocked connectors and writes nothing", async () => {
    await db.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
      values ('org_strict', 'category', 'development', 'block', 'user_x')`;
    const strict = db.tenant("org_strict", "user_x", "admin");
    const start = (tenant: Tenant, connector: string) =>
      startAttempt(tenant, { connector, integrationKey: connector, visibility: "everyone" });
    await expect(start(ada, "nothing")).rejects.toMatchObject({ code: "unknown_connector" });
    await expect(start(ada, "when2meet")).rejects.toMatchObject({ code: "connector_unavailable" });
    await expect(start(strict, "github")).rejects.toMatchObject({ code: "connector_blocked" });
    expect(await db.sql`select id from connection_attempts where owner_id = 'org_strict'`).toHaveLength(0);
    await db.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
      values ('org_strict', 'connector', 'github', 'allow', 'user_x')`;
    await expect(start(strict, "github")).resolves.toMatchObject({ status: "open" });
  });

  it("takes one that the catalogue does not show: it is hidden from lists, not closed", async () => {
    expect(await db.sql`select listed from connectors where slug = 'bamboohr'`).toEqual([{ listed: false }]);
    expect(await begin(ada, "bamboohr")).toMatchObject({ status: "open", connector: "bamboohr" });
  });

  it("gives an attempt to nobody but the person who started it, for the same owner", async () => {
    const attempt = await begin(ada);
    expect(await getAttempt(ada, attempt.id)).toMatchObject({ status: "open", outcome: null });
    expect(await getAttempt(db.tenant("org_acme", "user_grace"), attempt.id)).toBeNull();
    expect(await getAttempt(db.tenant("user_ada", "user_ada"), attempt.id)).toBeNull();
    await expect(
      closeAttempt(db.tenant("org_acme", "user_grace", "admin"), attempt.id, "closed"),
    ).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await getAttempt(ada, "no-uuid")).toBeNull();
  });

  it("lets one of many simultaneous polls ask Nango", async () => {
    const attempt = await begin(ada);
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimAttemptPoll(ada, attempt.id)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await claimAttemptPoll(db.tenant("org_acme", "user_grace"), attempt.id)).toBe(false);
  });
});

describe("finishing", () => {
  it("makes one connection however often and from wherever it is confirmed", async () => {
    const attempt = await begin(ada);
    const facts = finished(ada, attempt);
    const results = await Promise.all(
      (["page", "poll", "webhook", "page"] as const).map((source) => confirmAttempt(attempt.id, facts, source)),
    );
    const id = results[0]?.connectionId as string;
    expect(results.map((result) => [result.verdict, result.connectionId])).toEqual(Array(4).fill(["applied", id]));
    expect(await getAttempt(ada, attempt.id)).toMatchObject({
      status: "confirmed",
      outcome: "connected",
      connectionId: id,
    });
    expect(await getConnection(ada, id)).toMatchObject({
      status: "connected",
      connectedBy: { id: "user_ada" },
      number: 1,
    });
    expect(await db.sql`select type from connection_events where connection_id = ${id}`).toHaveLength(1);
    expect(await jobs("delete_session", attempt.id)).toBe(1);
    expect(await jobs("identify_connection", id)).toBe(1);
    expect((await connectionCounts(ada)).github?.connected).toBe(1);
  });

  it("quarantines the second connection of one attempt", async () => {
    const attempt = await begin(ada);
    const [first, second] = [finished(ada, attempt), finished(ada, attempt)];
    const results = await Promise.all([
      confirmAttempt(attempt.id, first, "page"),
      confirmAttempt(attempt.id, second, "webhook"),
    ]);
    expect(results.map((result) => result.verdict).sort()).toEqual(["applied", "quarantined"]);
    expect(results.find((result) => result.verdict === "quarantined")?.reason).toBe("attempt_used");
  });

  it("quarantines what a cancelled attempt still completes", async () => {
    const attempt = await begin(ada);
    expect(await closeAttempt(ada, attempt.id, "cancelled")).toMatchObject({
      status: "cancelled",
      outcome: "cancelled",
    });
    expect(await jobs("delete_session", attempt.id)).toBe(1);
    const facts = finished(ada, attempt);
    expect(await confirmAttempt(attempt.id, facts, "webhook")).toMatchObject({
      verdict: "quarantined",
      reason: "attempt_cancelled",
      connectionId: null,
    });
    expect(await quarantine(facts)).toMatchObject({
      owner_id: "org_acme",
      reason_code: "attempt_cancelled",
      seen_count: 1,
    });
  });

  it.each(["closed", "denied", "failed"] as const)("still counts when it was %s before, in time", async (reason) => {
    const attempt = await begin(ada);
    await closeAttempt(ada, attempt.id, reason);
    expect(await confirmAttempt(attempt.id, finished(ada, attempt), "poll")).toMatchObject({ verdict: "applied" });
    expect(await closeAttempt(ada, attempt.id, "cancelled")).toMatchObject({ status: "confirmed" });
  });

  it("no longer counts ten minutes after the session ended", async () => {
    const attempt = await begin(ada);
    const endedAgo = (minutes: number) => db.sql`
      update connection_attempts set session_expires_at = now() - make_interval(mins => ${minutes}) where id = ${attempt.id}`;
    await endedAgo(9);
    expect(await getAttempt(ada, attempt.id)).toMatchObject({ status: "open" });
    await endedAgo(11);
    const facts = finished(ada, attempt);
    expect(await confirmAttempt(attempt.id, facts, "webhook")).toMatchObject({
      verdict: "quarantined",
      reason: "attempt_expired",
    });
    expect(await claimAttemptPoll(ada, attempt.id)).toBe(false);
    expect(await getAttempt(ada, attempt.id)).toMatchObject({ status: "expired", outcome: "expired" });
  });

  it("believes nothing but its own tags", async () => {
    const attempt = await begin(ada);
    const other = await begin(ada);
    const facts = finished(ada, attempt);
    const claim = (tags: Record<string, string | undefined>, integrationKey = facts.integrationKey) => {
      count += 1;
      const merged = Object.fromEntries(
        Object.entries({ ...facts.tags, ...tags }).filter(([, value]) => value !== undefined),
      );
      return confirmAttempt(
        merged.attempt_id ?? attempt.id,
        { ...facts, connectionId: `nango-${count}`, integrationKey, tags: merged as Record<string, string> },
        "webhook",
      );
    };
    expect(await claim({ organization_id: "org_globex" })).toMatchObject({ reason: "tags_mismatch" });
    expect(await claim({ organization_id: undefined })).toMatchObject({ reason: "tags_mismatch" });
    expect(await claim({ end_user_id: "user_grace" })).toMatchObject({ reason: "tags_mismatch" });
    expect(await claim({ connector: "sendgrid" })).toMatchObject({ reason: "tags_mismatch" });
    expect(await claim({}, "sendgrid")).toMatchObject({ reason: "tags_mismatch" });
    expect(await claim({ instance: "elsewhere" })).toMatchObject({ reason: "foreign_instance" });
    expect(await claim({ instance: undefined })).toMatchObject({ reason: "missing_tags" });
    expect(await claim({ attempt_id: "00000000-0000-4000-8000-000000000000" })).toMatchObject({
      reason: "unknown_attempt",
    });
    expect(await confirmAttempt(other.id, facts, "page")).toMatchObject({
      verdict: "refused",
      reason: "connection_mismatch",
    });
    expect(await getAttempt(ada, attempt.id)).toMatchObject({ status: "open" });
  });

  it("keeps pending apart from connected and says when it becomes so", async () => {
    const attempt = await begin(ada);
    const facts = finished(ada, attempt);
    const { connectionId } = await confirmAttempt(attempt.id, { ...facts, pending: true }, "page");
    expect(await getConnection(ada, connectionId as string)).toMatchObject({ status: "pending", connectedAt: null });
    // A read that does not tell changes nothing.
    await confirmAttempt(attempt.id, facts, "poll");
    expect(await getConnection(ada, connectionId as string)).toMatchObject({ status: "pending" });
    await confirmAttempt(attempt.id, { ...facts, pending: false }, "poll");
    const row = await getConnection(ada, connectionId as string);
    expect(row).toMatchObject({ status: "connected" });
    expect(row?.connectedAt).not.toBeNull();
  });
});

describe("the session token", () => {
  it("is kept until its job took it, and erased when its time is over", async () => {
    const [used, old] = [await begin(ada), await begin(ada)];
    expect(await sessionToken(used.id)).toBe(`session-of-${used.id}`);
    await eraseSessionToken(used.id);
    expect(await sessionToken(used.id)).toBeNull();
    await db.sql`update connection_attempts set session_expires_at = now() - interval '11 minutes' where id = ${old.id}`;
    expect(await expireAttempts()).toBeGreaterThanOrEqual(1);
    expect(await sessionToken(old.id)).toBeNull();
    expect(await getAttempt(ada, old.id)).toMatchObject({ status: "expired" });
  });

  it("is not kept for an attempt that ended while it was minted", async () => {
    const attempt = await startAttempt(ada, { connector: "github", integrationKey: "github", visibility: "everyone" });
    await closeAttempt(ada, attempt.id, "cancelled");
    expect(await attemptMinted(ada, attempt.id, { token: "late", expiresAt: new Date().toISOString() })).toBe(false);
    expect(await sessionToken(attempt.id)).toBeNull();
  });

  it("never comes to be when minting fails", async () => {
    const attempt = await startAttempt(ada, { connector: "github", integrationKey: "github", visibility: "everyone" });
    expect(await failAttempt(ada, attempt.id, "not_configured")).toMatchObject({
      status: "failed",
      outcome: "not_configured",
    });
    expect(await failAttempt(ada, attempt.id, "nango_unavailable")).toBeNull();
  });
});

describe("numbers and defaults", () => {
  it("numbers an owner's connections of a connector without gaps or repeats under load", async () => {
    const busy = db.tenant("org_busy", "user_busy");
    const attempts = await Promise.all(Array.from({ length: 6 }, () => begin(busy, "sendgrid")));
    await Promise.all(attempts.map((attempt) => confirmAttempt(attempt.id, finished(busy, attempt), "page")));
    const { connections } = await listConnections(busy);
    expect(connections.map((row) => row.number).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(connections.filter((row) => row.isDefault)).toHaveLength(1);
  });

  it("keeps one default for everyone and one for each person's own", async () => {
    const [one, two] = [db.tenant("org_defaults", "user_one"), db.tenant("org_defaults", "user_two")];
    for (const [tenant, visibility] of [
      [one, "everyone"],
      [one, "only_me"],
      [two, "only_me"],
      [two, "only_me"],
    ] as const) {
      const attempt = await begin(tenant, "github", visibility);
      await confirmAttempt(attempt.id, finished(tenant, attempt), "page");
    }
    const defaults = await db.sql`select connected_by, visibility from connections
      where owner_id = 'org_defaults' and is_default order by visibility, connected_by`;
    expect(defaults.map((row) => `${row.visibility} ${row.connected_by}`)).toEqual([
      "everyone user_one",
      "only_me user_one",
      "only_me user_two",
    ]);
  });
});
