/** Probes of direct sign-ins: whose attempt a state is made for, and whose the connection becomes. */
import { createHash, randomBytes } from "node:crypto";
import type { Tenant } from "@/lib/auth/tenant";
import { startAttempt } from "@/lib/db/attempts";
import { completeDirect, startDirectState } from "@/lib/db/oauth";
import { claimDirectProbes } from "@/lib/db/upkeep";
import type { DataFixture } from "../../support/tenants";
import { type Probes, peopleOf, worked } from "../probing";

export const direct = (db: DataFixture): Probes => {
  const start = (tenant: Tenant) =>
    startAttempt(tenant, { connector: "github", integrationKey: "direct/github", visibility: "everyone" });
  const hash = () => createHash("sha256").update(randomBytes(8)).digest();
  const begin = (tenant: Tenant, attemptId: string) =>
    startDirectState(tenant, {
      ...{ attemptId, stateHash: hash(), browserHash: hash(), verifier: null },
      ...{ redirectUri: "http://localhost:3999/oauth/callback", returnTo: null },
    });
  const complete = (attemptId: string) =>
    completeDirect(
      attemptId,
      { keyId: "k1", access: Buffer.from("x"), refresh: null, expiresAt: null },
      { scopesRequested: [], scopesGranted: null, signInEnds: null, signInDays: undefined },
    );
  /** A connection that has been due for a probe. */
  async function due(tenant: Tenant, probed: boolean): Promise<string> {
    const { id } = await start(tenant);
    await complete(id);
    await db.sql`update connections set next_probe_at = now() - interval '1 hour',
      last_probed_at = case when ${probed} then now() end where id = ${id}`;
    return id;
  }

  return {
    "patchbay.start_direct": {
      "the same person begins it for another owner": async () => {
        const { grace, graceElsewhere } = peopleOf(db);
        const { id } = await start(grace);
        return () => worked(begin(graceElsewhere, id));
      },
      "an administrator begins it": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await start(grace);
        return () => worked(begin(ada, id));
      },
    },
    "patchbay.forget_states_of": {
      "another person's sign-ins are forgotten": async () => {
        const { grace } = peopleOf(db);
        const { id } = await start(grace);
        await begin(grace, id);
        const deleted = `user_${randomBytes(4).toString("hex")}`;
        return async () => {
          await db.sql`select patchbay.forget_person(${deleted})`;
          return (await db.sql`select 1 from oauth_states where attempt_id = ${id}`).length === 0;
        };
      },
    },
    "patchbay.complete_direct": {
      "what an organisation's person signs in to is not the organisation's": async () => {
        const { acme, grace } = peopleOf(db);
        const { id } = await start(grace);
        return async () => {
          await complete(id);
          const [row] = await db.sql`select owner_id from connections where id = ${id}`;
          return row?.owner_id !== acme;
        };
      },
      "what a person signs in to by themselves has an organisation": async () => {
        const alone = db.tenant(`user_${randomBytes(4).toString("hex")}`, "user_mary");
        const own = { ...alone, ownerId: alone.ownerId, userId: alone.ownerId };
        const { id } = await start(own);
        return async () => (await complete(id)).verdict !== "applied";
      },
    },
    "patchbay.claim_direct_probes": {
      "another owner's probes use up the budget": async () => {
        const { ada, katherine } = peopleOf(db);
        await db.sql`update connections set next_probe_at = null where auth_method = 'direct'`;
        await due(katherine, true);
        await db.sql`update connections set next_probe_at = null where owner_id = ${katherine.ownerId}`;
        const id = await due(ada, false);
        return async () => {
          await claimDirectProbes({ limit: 10, perOwnerPerHour: 1, everyHours: 24 });
          const [row] = await db.sql`select last_probed_at from connections where id = ${id}`;
          return row?.last_probed_at === null;
        };
      },
      "an owner gets another's budget": async () => {
        const { ada, katherine } = peopleOf(db);
        await db.sql`update connections set next_probe_at = null where auth_method = 'direct'`;
        await due(katherine, true);
        await due(ada, false);
        await due(ada, false);
        return async () => {
          const { claimed } = await claimDirectProbes({ limit: 10, perOwnerPerHour: 1, everyHours: 24 });
          return claimed !== 1;
        };
      },
    },
  };
};
