import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { disconnectConnection, undoDisconnect } from "@/lib/db/connections";
import { resetEnv } from "@/lib/env";
import { lookAt } from "@/lib/jobs/look";
import { probeDue } from "@/lib/jobs/probe";
import { retagConnection } from "@/lib/jobs/retag";
import { retain } from "@/lib/jobs/retain";
import { freshToken, renewToken } from "@/lib/oauth/refresh";
import { revokeDirect } from "@/lib/oauth/revoke";
import { type DirectWorld, openDirectWorld } from "../support/direct";
import { eventually } from "../support/eventually";

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
  // Whoever may hold the same account counts, of whatever owner: those of the tests before do not.
  await world.db.sql`update connections set remote_deleted_at = coalesce(remote_deleted_at, now())`;
});

const revocation = { service: "generic", host: "discord.com", path: "/api/oauth2/token/revoke" };
const revocations = () => world.calls("service=generic&host=discord.com&path=/api/oauth2/token/revoke");
/** The undo time is over. */
async function remoteDeleteIsDue(id: string): Promise<void> {
  await world.db.sql`update connections set remote_delete_after = now() - interval '1 second' where id = ${id}`;
  await world.db.sql`update graphile_worker._private_jobs set run_at = now() where key = ${`remote_delete:${id}`}`;
}
/** Disconnects, and lets the undo time pass. */
async function disconnect(id: string): Promise<void> {
  await disconnectConnection(ada, id);
  await remoteDeleteIsDue(id);
  await world.runJobs();
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
    await disconnect(id);
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "kept_in_use"]);
    expect(await world.stored(id)).toBeUndefined();
    await lookAt(other);
    expect((await world.row(other))?.status).toBe("connected");
    // The last one takes it back.
    await disconnect(other);
    expect(await receipt(other)).toEqual(["disconnected", "deleted", "revoked"]);
  });

  it("leaves the access alone while nobody knows yet whose account another connection of the connector holds", async () => {
    const [id, other] = [await world.connect(ada), await world.connect(ada, "discord", /Grace/)];
    await world.db.sql`update connections set account_id = null where id = ${other}`;
    await disconnect(id);
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "kept_in_use"]);
    expect(await revocations()).toEqual([]);
  });

  it("leaves the access alone while it is not known whose account it is itself", async () => {
    const [id] = [await world.connect(ada), await world.connect(ada, "discord", /Grace/)];
    await world.db.sql`update connections set account_id = null where id = ${id}`;
    await disconnect(id);
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "kept_in_use"]);
  });

  it("takes the access back while others hold other accounts, and works on for these", async () => {
    const [id, other] = [await world.connect(ada), await world.connect(ada, "discord", /Grace/)];
    await disconnect(id);
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "revoked"]);
    await lookAt(other);
    expect((await world.row(other))?.status).toBe("connected");
  });

  it("counts the account that somebody has signed in as since, not the one before", async () => {
    const [id, other] = [await world.connect(ada), await world.connect(ada, "discord", /Grace/)];
    const { browser, authorizationUrl } = await world.startAgain(ada, other);
    await browser.land(await browser.consent(authorizationUrl, /Ada/));
    await world.runJobs();
    expect((await world.row(other))?.reason_code).toBe("account_mismatch");
    await disconnect(id);
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "kept_in_use"]);
  });

  describe("at Google, which forgets all that a person let an application do", () => {
    const settings = ["OAUTH_GOOGLE_DRIVE_CLIENT_ID", "OAUTH_GOOGLE_DRIVE_CLIENT_SECRET"] as const;
    const signInToDriveAs = (client: { clientId: string; clientSecret: string }) => {
      [process.env[settings[0]], process.env[settings[1]]] = [client.clientId, client.clientSecret];
      resetEnv();
    };
    afterEach(() => {
      for (const name of settings) delete process.env[name];
      resetEnv();
    });
    const atGoogle = () => world.calls("service=google&path=/revoke");

    it("leaves the access alone while another connector of the same application is connected", async () => {
      signInToDriveAs(world.providers.directClient("gmail"));
      const [gmail, drive] = [await world.connect(ada, "gmail"), await world.connect(ada, "google-drive")];
      await disconnect(gmail);
      expect(await receipt(gmail)).toEqual(["disconnected", "deleted", "kept_in_use"]);
      expect(await atGoogle()).toEqual([]);
      await lookAt(drive);
      expect((await world.row(drive))?.status).toBe("connected");
      // The last one takes everything back.
      await disconnect(drive);
      expect(await receipt(drive)).toEqual(["disconnected", "deleted", "revoked"]);
      const { grants } = await world.control("/grants?service=google");
      expect(grants.map(({ revoked }: { revoked: boolean }) => revoked)).toEqual([true, true]);
    });

    it("takes it back while another connector has an application of its own", async () => {
      signInToDriveAs(world.providers.directClient("google-drive"));
      const [gmail, drive] = [await world.connect(ada, "gmail"), await world.connect(ada, "google-drive")];
      await disconnect(gmail);
      expect(await receipt(gmail)).toEqual(["disconnected", "deleted", "revoked"]);
      await lookAt(drive);
      expect((await world.row(drive))?.status).toBe("connected");
    });
  });

  it("takes back what is valid last, whoever renews meanwhile", async () => {
    const id = await world.connect(ada);
    const others = await world.db.sql.reserve();
    await disconnectConnection(ada, id);
    await remoteDeleteIsDue(id);
    // Somebody who began before the disconnect is renewing.
    await world.db
      .sql`update oauth_credentials set expires_at = now() - interval '1 minute' where connection_id = ${id}`;
    await world.control("/faults", {
      service: "generic",
      host: "discord.com",
      path: "/api/oauth2/token",
      kind: "slow",
      ms: 1_000,
    });
    const renewing = freshToken({ id, connector: "discord" });
    await eventually(async () => {
      const [row] = await others`select 1 from oauth_credentials where connection_id = ${id} for update skip locked`;
      return row === undefined;
    }, "somebody renews");
    others.release();
    await world.runJobs();
    expect(await renewing).toMatchObject({ ok: true, version: 2 });
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "revoked"]);
    const { grants } = await world.control("/grants?service=generic");
    expect(grants.map(({ revoked }: { revoked: boolean }) => revoked)).toEqual([true]);
  });

  it("renews nothing while the access is being taken back, nor after", async () => {
    const id = await world.connect(ada);
    await disconnectConnection(ada, id);
    await remoteDeleteIsDue(id);
    await world.control("/faults", { ...revocation, kind: "slow", ms: 1_000 });
    const revoking = revokeDirect({ id, connector: "discord" });
    const held = await world.db.sql.reserve();
    await eventually(async () => {
      const [row] = await held`select 1 from oauth_credentials where connection_id = ${id} for update skip locked`;
      return row === undefined;
    }, "it is being taken back");
    held.release();
    await world.control("/calls", undefined, "DELETE");
    expect(await renewToken({ id, connector: "discord" }, 1)).toEqual({ ok: false });
    expect(await revoking).toBe("revoked");
    const paths = (await world.calls("service=generic&host=discord.com")).map(({ path }) => path);
    expect(paths).toEqual(["/api/oauth2/token/revoke"]);
  });

  it("says so where the provider has no such call", async () => {
    const id = await world.connect(ada, "github", /ada/i);
    await disconnect(id);
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "not_supported"]);
  });

  it("uses Slack's own call there", async () => {
    const id = await world.connect(ada, "slack", /Ada/i);
    await disconnect(id);
    expect(await receipt(id)).toEqual(["disconnected", "deleted", "revoked"]);
  });

  it("tries again while the provider does not answer, and gives up on it rather than keep the tokens", async () => {
    const id = await world.connect(ada);
    await disconnectConnection(ada, id);
    await remoteDeleteIsDue(id);
    await world.control("/faults", { ...revocation, kind: "500", times: 100 });
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
