/** Probes of attempts, and of what they claim. */
import { randomUUID } from "node:crypto";
import type { Tenant } from "@/lib/auth/tenant";
import {
  attemptMinted,
  claimAttemptPoll,
  closeAttempt,
  confirmAttempt,
  failAttempt,
  getAttempt,
  startAttempt,
  startReconnect,
} from "@/lib/db/attempts";
import { connect, factsOf } from "../../support/connecting";
import type { DataFixture } from "../../support/tenants";
import { block, changes, type Probes, peopleOf, worked } from "../probing";

export const attempts = (db: DataFixture): Probes => {
  const start = (tenant: Tenant) =>
    startAttempt(tenant, { connector: "github", integrationKey: "github", visibility: "everyone" });

  /** Neither the same person for another owner, nor an administrator of the same owner. */
  const byOthers = (deed: (tenant: Tenant, id: string) => Promise<unknown>) => ({
    "the same person does it for another owner": async () => {
      const { grace, graceElsewhere } = peopleOf(db);
      const { id } = await start(grace);
      return async () => {
        const changed = changes(db, "connection_attempts", id, () => deed(graceElsewhere, id));
        return (await changed) || (await worked(deed(graceElsewhere, id)));
      };
    },
    "an administrator does it": async () => {
      const { ada, grace } = peopleOf(db);
      const { id } = await start(grace);
      return async () => {
        const changed = changes(db, "connection_attempts", id, () => deed(ada, id));
        return (await changed) || (await worked(deed(ada, id)));
      };
    },
  });

  /** Ends an attempt whose time is over, as its own person's look would. */
  const expiredBy = (who: "graceElsewhere" | "ada") => async () => {
    const people = peopleOf(db);
    const { id } = await start(people.grace);
    await db.sql`update connection_attempts set session_expires_at = now() - interval '20 minutes' where id = ${id}`;
    return () => changes(db, "connection_attempts", id, () => getAttempt(people[who], id));
  };

  /** What Nango says of a completed attempt, but for tags that are somebody else's. */
  const claimedWith = (tags: (globex: string) => Record<string, string>) => async () => {
    const { grace, globex } = peopleOf(db);
    const attempt = await start(grace);
    const facts = factsOf(grace, attempt);
    const foreign = { ...facts, tags: { ...facts.tags, ...tags(globex) } };
    return async () => (await confirmAttempt(attempt.id, foreign, "page")).connectionId !== null;
  };

  return {
    "patchbay.start_attempt": {
      "somebody starts what their owner blocks": async () => {
        const { acme, ada } = peopleOf(db);
        await block(db, acme, "connector", "github");
        return () => worked(start(ada));
      },
    },
    "patchbay.get_attempt": {
      ...byOthers(getAttempt),
      "the same person ends it for another owner": expiredBy("graceElsewhere"),
      "an administrator ends it by looking": expiredBy("ada"),
    },
    "patchbay.claim_attempt_poll": byOthers(claimAttemptPoll),
    "patchbay.attempt_minted": byOthers((tenant, id) =>
      attemptMinted(tenant, id, { token: "stolen", expiresAt: new Date(Date.now() + 60_000).toISOString() }),
    ),
    "patchbay.fail_attempt": byOthers((tenant, id) => failAttempt(tenant, id, "not_configured")),
    "patchbay.close_attempt": byOthers((tenant, id) => closeAttempt(tenant, id, "closed")),
    "patchbay.start_reconnect": {
      "the same person reconnects for another owner": async () => {
        const { ada, adaElsewhere } = peopleOf(db);
        const { id } = await connect(ada);
        return async () => {
          await worked(startReconnect(adaElsewhere, id));
          return (
            (await db.sql`select 1 from connection_attempts where connection_id = ${id} and is_reconnect`).length > 0
          );
        };
      },
      "a colleague without the right reconnects": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await connect(ada);
        return () => worked(startReconnect(grace, id));
      },
      "somebody reconnects what their owner blocks": async () => {
        const { acme, ada } = peopleOf(db);
        const { id } = await connect(ada);
        await block(db, acme, "connector", "github");
        return () => worked(startReconnect(ada, id));
      },
    },
    "patchbay.apply_facts": {
      "another person's sign-in is claimed": claimedWith(() => ({ end_user_id: "user_ada" })),
      "another owner's sign-in is claimed": claimedWith((globex) => ({ organization_id: globex })),
      "another owner's attempt is confirmed by it": async () => {
        const { ada, globex } = peopleOf(db);
        const { id, facts } = await connect(ada);
        const [foreign] = await db.sql`insert into connection_attempts
            (owner_id, started_by, connector, integration_key, visibility, instance, connection_id, is_reconnect)
          values (${globex}, 'user_ada', 'github', 'github', 'everyone', 'test', ${id}, true) returning id`;
        const tagged = { ...facts, tags: { ...facts.tags, attempt_id: foreign?.id } };
        return () => changes(db, "connection_attempts", foreign?.id, () => confirmAttempt(foreign?.id, tagged, "page"));
      },
    },
    "patchbay.wanted_tags": {
      "another owner's attempt is written at Nango": async () => {
        const { ada, katherine } = peopleOf(db);
        const { id, attemptId } = await connect(ada);
        const foreign = await connect(katherine);
        await db.sql`update connections set signed_in_attempt = ${foreign.attemptId} where id = ${id}`;
        return async () => (await wantedTags(id))?.attempt_id !== attemptId;
      },
      "the owner is left out": async () => {
        const { ada, acme } = peopleOf(db);
        const { id } = await connect(ada);
        return async () => (await wantedTags(id))?.organization_id !== acme;
      },
    },
  };

  async function wantedTags(id: string): Promise<Record<string, string> | null> {
    const [row] =
      await db.sql`select patchbay.wanted_tags(c, ${db.sql.json({ attempt_id: randomUUID() })}, 'test') as tags
      from connections c where c.id = ${id}`;
    return row?.tags;
  }
};
