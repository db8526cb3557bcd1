import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { disconnectConnection, undoDisconnect } from "@/lib/db/connections";
import { resetEnv } from "@/lib/env";
import { lookAt } from "@/lib/jobs/look";
import { probeDue } from "@/lib/jobs/probe";
import { retagConnection } from "@/lib/jobs/retag";
import { retain } from "@/lib/jobs/retain";
import { type DirectWorld, openDirectWorld } from "../support/direct";

let world: DirectWorld;
let ada: Tenant;
let owners = 0;

beforeAll(async () => {
  // Whoever asks Nango gets no answer: nothing here may.
  world = await openDirectWorld({ NANGO_HOST: "http://127.0.0.1:9" });
});
afterAll(() => world?.close());
beforeEach(async () => {
  ada = world.db.tenant(`org_acme_${owners++}`, "user_ada", "admin");
  await world.control("/reset", {});
  // Whoever holds the same account counts, of whatever owner: those of the tests before do not.
  await world.db.sql`update connections set account_id = null`;
});

const revocations = () => world.calls("service=generic&host=discord.com&path=/api/oauth2/token/revoke");
/** The undo time is over. */
async function remoteDeleteIsDue(id: string): Promise<void> {
  await world.db.sql`update connections set remote_delete_after = now() - interval '1 second' where id = ${id}`;
  await world.db.sql`update graphile_worker._private_jobs set run_at = now() where key = ${`remote_delete:${id}`}`;
}
const receipt = async (id: string) => {
  const row = await world.row(id);
  return [row?.status, row?.remote_result, row?.upstream_result];
};

describe("disconnecting a direct connection", () => {
  it("takes effect at once, takes the access back after the undo time, and deletes the tokens", async () => {
    const id = await world.connect(ada);
    await disconnectConnection(ada, id);
    expect((await world.row(id))?.status).toBe("disconnected");
    await world.runJobs();
    expect(await revocations()).toEqual([]);
    expect(await world.stored(id)).toBeDefined();
    await remoteDeleteIsDue(id);
    await world.runJobs();
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "revoked"]);
    expect(await revocations()).toHaveLength(1);
    expect(await world.stored(id)).toBeUndefined();
    const { grants } = await world.control("/grants?service=generic");
    expect(grants.map(({ revoked }: { revoked: boolean }) => revoked)).toEqual([true]);
  });

  it("can be undone for as long as the tokens are there, and then works as before", async () => {
    const id = await world.connect(ada);
    await disconnectConnection(ada, id);
    await undoDisconnect(ada, id);
    await remoteDeleteIsDue(id);
    await world.runJobs();
    await lookAt(id);
    expect(await world.row(id)).toMatchObject({ status: "connected", is_default: true });
    expect(await revocations()).toEqual([]);
  });

  it("leaves the access alone while another connection holds the same account", async () => {
    const [id, other] = [await world.connect(ada), await world.connect(ada)];
    await disconnectConnection(ada, id);
    await remoteDeleteIsDue(id);
    await world.runJobs();
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "kept_in_use"]);
    expect(await world.stored(id)).toBeUndefined();
    await lookAt(other);
    expect((await world.row(other))?.status).toBe("connected");
    // The last one takes it back.
    await disconnectConnection(ada, other);
    await remoteDeleteIsDue(other);
    await world.runJobs();
    expect(await receipt(other)).toEqual(["disconnected", "deleted", "revoked"]);
  });

  it("says so where the provider has no such call", async () => {
    const id = await world.connect(ada, "github", /ada/i);
    await disconnectConnection(ada, id);
    await remoteDeleteIsDue(id);
    await world.runJobs();
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "not_supported"]);
  });

  it("uses Slack's own call there", async () => {
    const id = await world.connect(ada, "slack", /Ada/i);
    await disconnectConnection(ada, id);
    await remoteDeleteIsDue(id);
    await world.runJobs();
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "revoked"]);
  });

  it("tries again while the provider does not answer, and gives up on it rather than keep the tokens", async () => {
    const id = await world.connect(ada);
    await disconnectConnection(ada, id);
    await remoteDeleteIsDue(id);
    await world.control("/faults", {
      service: "generic",
      host: "discord.com",
      path: "/api/oauth2/token/revoke",
      kind: "500",
      times: 100,
    });
    const tries = async () => Number((await world.row(id))?.error_count);
    for (let round = 1; round <= 5; round++) {
      await world.runJobs();
      expect(await tries()).toBe(round);
      expect(await world.stored(id)).toBeDefined();
      await remoteDeleteIsDue(id);
    }
    await world.runJobs();
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "failed"]);
    expect(await world.stored(id)).toBeUndefined();
  });

  it("is done when the tokens are gone already", async () => {
    const id = await world.connect(ada);
    await disconnectConnection(ada, id);
    await remoteDeleteIsDue(id);
    await world.db.sql`delete from oauth_credentials where connection_id = ${id}`;
    await world.runJobs();
    expect(await receipt(id)).toEqual(["disconnected", "already_gone", null]);
  });

  it("never deletes the tokens of a connection that is in use", async () => {
    const id = await world.connect(ada);
    await world.db.sql`select patchbay.delete_credentials(${id})`;
    expect(await world.stored(id)).toBeDefined();
  });
});

describe("looks at a direct connection", () => {
  it("come by the clock, and find out that access was revoked", async () => {
    const id = await world.connect(ada, "github", /ada/i);
    await world.control("/revoke", { service: "github" });
    await world.db.sql`update connections set next_probe_at = now() - interval '1 minute' where id = ${id}`;
    await probeDue();
    await world.runJobs();
    expect(await world.row(id)).toMatchObject({ status: "needs_attention", reason_code: "auth_failed" });
    const row = await world.row(id);
    expect(Date.parse(row?.next_probe_at)).toBeGreaterThan(Date.now());
    expect(await world.db.sql`select 1 from patchbay.nango_budget where used > 0`).toHaveLength(0);
  });

  it("come for no more of one owner than the budget, and postpone the rest", async () => {
    const id = await world.connect(ada, "github", /ada/i);
    process.env.PROBE_BUDGET_PER_HOUR = "1";
    resetEnv();
    try {
      await world.db.sql`update connections set last_probed_at = now() where id = ${id}`;
      await world.db.sql`update connections set next_probe_at = now() - interval '1 minute' where id = ${id}`;
      await probeDue();
      expect(await world.db.sql`select 1 from graphile_worker._private_jobs where key = ${`identify:${id}`}`).toEqual(
        [],
      );
      expect(Date.parse((await world.row(id))?.next_probe_at)).toBeGreaterThan(Date.now() + 3_500_000);
    } finally {
      delete process.env.PROBE_BUDGET_PER_HOUR;
      resetEnv();
    }
  });

  it("decide nothing while the provider is in trouble, and recover by themselves", async () => {
    const id = await world.connect(ada, "github", /ada/i);
    const trouble = (kind: string, times = 1) =>
      world.control("/faults", { service: "github", path: "/user", kind, times });
    for (const kind of ["500", "429"]) {
      await trouble(kind);
      await expect(lookAt(id)).rejects.toMatchObject({ code: "direct_unreachable" });
    }
    expect((await world.row(id))?.status).toBe("connected");
    await trouble("401", 2);
    await lookAt(id);
    expect((await world.row(id))?.status).toBe("needs_attention");
    await lookAt(id);
    expect(await world.row(id)).toMatchObject({ status: "connected", reason_code: null });
  });

  it("have nothing to do with tags", async () => {
    const id = await world.connect(ada);
    await expect(retagConnection(id)).resolves.toBeUndefined();
  });
});

describe("what is over", () => {
  it("is forgotten: states after a day, tokens with their connection", async () => {
    const { attempt } = await world.start(ada);
    await world.db.sql`update oauth_states set expires_at = now() - interval '2 days' where attempt_id = ${attempt.id}`;
    const { attempt: fresh } = await world.start(ada);
    await retain();
    const left = await world.db
      .sql`select attempt_id from oauth_states where attempt_id in (${attempt.id}, ${fresh.id})`;
    expect(left.map((row) => row.attempt_id)).toEqual([fresh.id]);
  });
});
