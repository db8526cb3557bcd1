/** Probes of what waits in quarantine, and of what operators import. */
import { randomUUID } from "node:crypto";
import type { Tenant } from "@/lib/auth/tenant";
import { confirmAttempt } from "@/lib/db/attempts";
import { factsToJson, type NangoConnectionFacts } from "@/lib/db/facts";
import { deleteQuarantined, listQuarantine } from "@/lib/db/quarantine";
import { importConnection } from "@/lib/db/reconcile";
import type { Visibility } from "@/lib/db/vocabulary";
import { connect } from "../../support/connecting";
import type { DataFixture } from "../../support/tenants";
import { changes, type Deed, type Probe, type Probes, peopleOf, refusal, worked } from "../probing";

export const quarantine = (db: DataFixture): Probes => {
  /** A second completion of an attempt of the tenant's. */
  async function held(tenant: Tenant, visibility: Visibility = "everyone") {
    const { attemptId, facts } = await connect(tenant, { visibility });
    const second = { ...facts, connectionId: `nango-${randomUUID()}` };
    const { verdict } = await confirmAttempt(attemptId, second, "webhook");
    if (verdict !== "quarantined") throw new Error(`not quarantined: ${verdict}`);
    const [row] =
      await db.sql`select id from quarantined_connections where nango_connection_id = ${second.connectionId}`;
    return { id: row?.id as string, attemptId, facts: second };
  }
  /** Past the check that precedes reading Nango: the function itself must hold. */
  const adopt = async ({ ownerId, userId, role }: Tenant, id: string, facts: NangoConnectionFacts) => {
    const [row] = await db.sql`select patchbay.adopt_quarantined(${ownerId}, ${userId}, ${role === "admin"}, ${id},
      ${db.sql.json(factsToJson(facts))}) as id`;
    return row?.id;
  };
  const listed = async (tenant: Tenant, id: string) =>
    (await listQuarantine(tenant)).items.find((item) => item.id === id);

  /** Adopted although what Nango holds carries these tags. */
  const adoptedWith = (tags: (globex: string) => Record<string, string>) => async () => {
    const { ada, grace, globex } = peopleOf(db);
    const { id, facts } = await held(grace);
    return () => worked(adopt(ada, id, { ...facts, tags: { ...facts.tags, ...tags(globex) } }));
  };
  const byOthers = (deed: (tenant: Tenant, id: string, facts: NangoConnectionFacts) => Promise<unknown>) => ({
    "another owner's administrator does it": async () => {
      const { ada, adaElsewhere } = peopleOf(db);
      const { id, facts } = await held(ada);
      return () => changes(db, "quarantined_connections", id, () => deed(adaElsewhere, id, facts));
    },
    "a member does it": async () => {
      const { ada, grace } = peopleOf(db);
      const { id, facts } = await held(ada);
      return () => changes(db, "quarantined_connections", id, () => deed(grace, id, facts));
    },
    "an administrator does it to what is a colleague's alone": async () => {
      const { ada, grace } = peopleOf(db);
      const { id, facts } = await held(grace, "only_me");
      return () => changes(db, "quarantined_connections", id, () => deed(ada, id, facts));
    },
  });

  return {
    "patchbay.list_quarantine": {
      "another owner's is listed": async () => {
        const { ada, katherine } = peopleOf(db);
        await held(ada);
        return async () => (await listQuarantine(katherine)).items.length > 0;
      },
      "another owner's is counted": async () => {
        const { ada, katherine } = peopleOf(db);
        await held(ada);
        await held(katherine);
        return async () => (await listQuarantine(katherine)).totalCount !== 1;
      },
      "a colleague's only-me one is listed to an administrator": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await held(grace, "only_me");
        return async () => (await listed(ada, id)) !== undefined;
      },
      "a colleague's only-me one is counted as one's own": async () => {
        const { ada, grace } = peopleOf(db);
        await held(grace, "only_me");
        await held(ada);
        return async () => (await listQuarantine(ada)).totalCount !== 1;
      },
      "another owner's sign-in is offered": async () => {
        const { ada, globex } = peopleOf(db);
        const { id } = await held(ada);
        await db.sql`update quarantined_connections set tags = tags || ${db.sql.json({ organization_id: globex })}
          where id = ${id}`;
        return async () => (await listed(ada, id))?.canAdopt !== false;
      },
      "everyone's is listed to a member": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await held(ada);
        return async () => (await listed(grace, id)) !== undefined;
      },
      "another owner's attempt is told": async () => {
        const { ada, katherine } = peopleOf(db);
        const { id } = await held(ada);
        const foreign = await connect(katherine);
        await db.sql`update quarantined_connections set attempt_id = ${foreign.attemptId} where id = ${id}`;
        return async () => (await listed(ada, id))?.startedBy !== null;
      },
      "another owner's connection is told": async () => {
        const { ada, katherine } = peopleOf(db);
        const { id } = await held(ada);
        const { facts } = await connect(katherine);
        await db.sql`update quarantined_connections set attempt_id = null, nango_connection_id = ${facts.connectionId}
          where id = ${id}`;
        return async () => (await listed(ada, id))?.startedBy !== null;
      },
      "it goes under somebody else's name": async () => {
        const { ada, grace } = peopleOf(db);
        await held(grace);
        await held(ada);
        await db.sql`update people set name = user_id`;
        return async () => (await listQuarantine(ada)).items.some(({ startedBy }) => startedBy?.name !== startedBy?.id);
      },
    },
    "patchbay.count_others_quarantine": {
      "another owner's is counted": async () => {
        const { ada, katherine } = peopleOf(db);
        await held(ada, "only_me");
        return async () => (await listQuarantine(katherine)).othersOnlyMeCount > 0;
      },
      "one's own is counted, or a colleague's is not": async () => {
        const { ada, grace } = peopleOf(db);
        await held(ada, "only_me");
        await held(grace, "only_me");
        return async () => (await listQuarantine(ada)).othersOnlyMeCount !== 1;
      },
    },
    "patchbay.lock_quarantined": {
      ...byOthers((tenant, id) => deleteQuarantined(tenant, id)),
      "another owner hears that it exists": async () => {
        const { ada, dorothy } = peopleOf(db);
        const { id } = await held(ada);
        return async () => (await refusal(deleteQuarantined(dorothy, id))) !== "not_found";
      },
      "it is deleted by who owned it when the call began": async () => {
        const { ada, globex } = peopleOf(db);
        const { id, facts } = await held(ada);
        return () => changedOwnerMeanwhile(ada, globex, id, facts.connectionId);
      },
    },
    "patchbay.adopt_quarantined": {
      ...byOthers(adopt),
      "another owner's sign-in is adopted": adoptedWith((globex) => ({ organization_id: globex })),
      "it becomes the connection of another owner's attempt": async () => {
        const { ada, katherine } = peopleOf(db);
        const { id } = await held(ada);
        const foreign = await held(katherine);
        await db.sql`update quarantined_connections set attempt_id = ${foreign.attemptId} where id = ${id}`;
        const [row] = await db.sql`select nango_connection_id as name from quarantined_connections where id = ${id}`;
        return () => worked(adopt(ada, id, { ...foreign.facts, connectionId: row?.name }));
      },
    },
    "patchbay.can_adopt": {
      "another person's sign-in is adopted": adoptedWith(() => ({ end_user_id: "user_ada" })),
      "another owner's sign-in is adopted": adoptedWith((globex) => ({ organization_id: globex })),
    },
    "patchbay.delete_quarantined": byOthers((tenant, id) => deleteQuarantined(tenant, id)),
    "patchbay.import_connection": {
      "another owner's connection is imported": importedAs((people) => people.adaElsewhere),
      "a colleague's connection is imported as one's own": importedAs((people) => people.grace),
    },
  };

  function importedAs(whose: (people: ReturnType<typeof peopleOf>) => Tenant): Probe {
    return async () => {
      const people = peopleOf(db);
      const { facts } = await connect(people.ada);
      const { ownerId, userId } = whose(people);
      return () =>
        worked(
          importConnection(
            { ...facts, ownerId, connector: "github", by: userId },
            async () => facts,
            async () => true,
          ),
        );
    };
  }

  /** The call waits for the lock of the connection at Nango; when it gets it, the owner is another. */
  async function changedOwnerMeanwhile(tenant: Tenant, owner: string, id: string, name: string): ReturnType<Deed> {
    let call: Promise<boolean> = Promise.resolve(false);
    await db.sql.begin(async (sql) => {
      await sql`select patchbay.lock_nango_connection('github', ${name})`;
      call = worked(deleteQuarantined(tenant, id).then(() => true));
      // The call is in the queue for the lock, and has read the old owner.
      for (let waits = false; !waits; ) {
        const [row] = await sql`select exists (select 1 from pg_locks where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())) as waits`;
        waits = row?.waits;
      }
      await sql`update quarantined_connections set owner_id = ${owner} where id = ${id}`;
    });
    return call;
  }
};
