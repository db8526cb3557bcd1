/** Probes of what happens when people leave, come back, or are gone. */
import { randomUUID } from "node:crypto";
import type { Tenant } from "@/lib/auth/tenant";
import { confirmAttempt, startAttempt } from "@/lib/db/attempts";
import { listDepartures } from "@/lib/db/departures";
import type { Visibility } from "@/lib/db/vocabulary";
import { connect } from "../../support/connecting";
import type { DataFixture } from "../../support/tenants";
import { changes, type Probes, peopleOf } from "../probing";

export const leaving = (db: DataFixture): Probes => {
  const { sql } = db;
  const onlyMe = { visibility: "only_me" } as const;
  const leave = (owner: string, user: string, contact: string | null = null, admins: string[] = []) =>
    sql`select patchbay.leave(${owner}, ${user}, ${contact}, 'left', ${admins}::text[])`;
  const attempt = (tenant: Tenant) =>
    startAttempt(tenant, { connector: "github", integrationKey: "github", visibility: "everyone" });
  async function key(owner: string, user: string): Promise<string> {
    await sql`insert into people (user_id) values (${user}) on conflict do nothing`;
    const [row] = await sql`insert into api_keys (owner_id, created_by, name, prefix, key_hash)
      values (${owner}, ${user}, 'k', 'p', sha256(${randomUUID()}::bytea)) returning id`;
    return row?.id;
  }
  async function notice(owner: string, user: string): Promise<string> {
    const [row] = await sql`insert into notices (owner_id, user_id, event_id, kind, connector)
      values (${owner}, ${user}, floor(random() * 1e15)::bigint, 'recovered', 'github') returning id`;
    return row?.id;
  }
  /** Somebody of one world alone: to be forgotten without harm to others. */
  function stranger(acme: string) {
    const user = `user_${randomUUID()}`;
    return { user, inAcme: db.tenant(acme, user), alone: db.tenant(user, user) };
  }
  const rename = () => sql`update people set name = user_id where deleted_at is null`;
  const gone = (
    id: string,
  ) => sql`update connections set status = 'disconnected', reason_code = 'by_person', label = 'kept',
    disconnected_at = now(), is_default = false where id = ${id}`;

  /** The deed is done about Grace in Acme. It must reach neither Grace in Globex, nor Ada in Acme. */
  const reaches = (
    table: string,
    arrange: (tenant: Tenant) => Promise<string>,
    deed: (acme: string) => Promise<unknown>,
  ) => ({
    "it reaches the same person at another owner": async () => {
      const { acme, graceElsewhere } = peopleOf(db);
      const id = await arrange(graceElsewhere);
      return () => changes(db, table, id, () => deed(acme));
    },
    "it reaches a colleague": async () => {
      const { acme, ada } = peopleOf(db);
      const id = await arrange(ada);
      return () => changes(db, table, id, () => deed(acme));
    },
  });
  const shared = async (tenant: Tenant) => (await connect(tenant)).id;
  const alone = async (tenant: Tenant) => (await connect(tenant, onlyMe)).id;
  const left = async (tenant: Tenant) => {
    const { id } = await connect(tenant);
    await leave(tenant.ownerId, tenant.userId);
    return id;
  };
  const discard = (acme: string) => sql`select patchbay.discard_quarantine_of(${acme}, 'user_grace')`;
  /** A second completion of an attempt. */
  async function held(tenant: Tenant, visibility: Visibility = "only_me"): Promise<string> {
    const { attemptId, facts } = await connect(tenant, { visibility });
    const connectionId = `nango-${randomUUID()}`;
    await confirmAttempt(attemptId, { ...facts, connectionId }, "webhook");
    const [row] = await sql`select id from quarantined_connections where nango_connection_id = ${connectionId}`;
    return row?.id;
  }
  /** What is known of somebody's leaving, in the report and on what they had connected. */
  const standing = async ({ ownerId, userId }: Tenant) => {
    const [row] = await sql`select
      (select jsonb_agg(to_jsonb(d)) from departures d where owner_id = ${ownerId} and user_id = ${userId}) as report,
      (select jsonb_agg(to_jsonb(c)) from connections c where owner_id = ${ownerId} and connected_by = ${userId}) as theirs`;
    return JSON.stringify(row);
  };
  return {
    "patchbay.leave": {
      "it goes under somebody else's name": async () => {
        const { acme, grace } = peopleOf(db);
        await connect(grace);
        await rename();
        return async () => {
          await leave(acme, "user_grace", "user_ada", ["user_ada"]);
          const [told] = await sql`select person from notices where owner_id = ${acme} and user_id = 'user_ada'`;
          return told?.person !== "user_grace";
        };
      },
    },
    "patchbay.cancel_attempts_of": reaches(
      "connection_attempts",
      async (tenant) => (await attempt(tenant)).id,
      (acme) => sql`select patchbay.cancel_attempts_of(${acme}, 'user_grace')`,
    ),
    "patchbay.end_connections_of": reaches(
      "connections",
      alone,
      (acme) => sql`select patchbay.end_connections_of(${acme}, 'owner_left', 'user_grace')`,
    ),
    "patchbay.revoke_keys_of": reaches(
      "api_keys",
      ({ ownerId, userId }) => key(ownerId, userId),
      (acme) => sql`select patchbay.revoke_keys_of(${acme}, 'owner_left', 'user_grace')`,
    ),
    "patchbay.hand_over": {
      ...reaches("connections", shared, (acme) => sql`select patchbay.hand_over(${acme}, 'user_grace', null)`),
      "others are said to have stayed": async () => {
        const { acme, ada, grace, graceElsewhere } = peopleOf(db);
        const [{ id }] = [await connect(grace), await connect(ada), await connect(graceElsewhere)];
        return async () => {
          const [row] = await sql`select patchbay.hand_over(${acme}, 'user_grace', null) as stayed`;
          return String(row?.stayed) !== id;
        };
      },
    },
    "patchbay.departure_of": {
      "somebody else, or the same person at another owner, counts as having left": async () => {
        const { acme, ada, graceElsewhere } = peopleOf(db);
        for (const tenant of [ada, graceElsewhere]) await leave(tenant.ownerId, tenant.userId);
        return async () => {
          const [row] = await sql`select (patchbay.departure_of(${acme}, 'user_grace')).id`;
          return row?.id !== null;
        };
      },
    },
    "patchbay.take_over": {
      "another owner's is taken": async () => {
        const { acme, graceElsewhere } = peopleOf(db);
        const id = await left(graceElsewhere);
        return () => changes(db, "connections", id, () => sql`select patchbay.take_over(${acme}, 'user_ada')`);
      },
      "it goes under somebody else's name": async () => {
        const { acme, grace } = peopleOf(db);
        await left(grace);
        await rename();
        return async () => {
          await sql`select patchbay.take_over(${acme}, 'user_ada')`;
          const told = await sql`select person from notices where owner_id = ${acme} and user_id = 'user_ada'`;
          return told.some(({ person }) => person !== "user_grace");
        };
      },
    },
    "patchbay.lock_connectors_of": {
      "another owner's are locked": async () => {
        const { acme, globex, katherine } = peopleOf(db);
        await connect(katherine);
        return async () => {
          const held = await sql.reserve();
          await held`begin`;
          await held`select patchbay.lock_connectors_of(${acme})`;
          const [free] = await sql`
            select pg_try_advisory_xact_lock(hashtextextended(${globex} || chr(31) || 'github', 2)) as free`;
          await held`rollback`;
          held.release();
          return free?.free !== true;
        };
      },
    },
    "patchbay.discard_quarantine_of": {
      ...reaches("quarantined_connections", held, (acme) => discard(acme)),
      "what is everyone's goes": async () => {
        const { acme, grace } = peopleOf(db);
        const id = await held(grace, "everyone");
        return () => changes(db, "quarantined_connections", id, () => discard(acme));
      },
    },
    "patchbay.come_back": {
      "a colleague, or the same person at another owner, is a member again": async () => {
        const { acme, ada, grace, graceElsewhere } = peopleOf(db);
        for (const tenant of [ada, grace, graceElsewhere]) await left(tenant);
        return async () => {
          const before = [await standing(ada), await standing(graceElsewhere)];
          await sql`select patchbay.come_back(${acme}, 'user_grace')`;
          return before.join() !== [await standing(ada), await standing(graceElsewhere)].join();
        };
      },
    },
    "patchbay.end_owner": reaches(
      "notices",
      async ({ userId }) => notice(peopleOf(db).globex, userId),
      (acme) => sql`select patchbay.end_owner(${acme}, 'owner_deleted')`,
    ),
    "patchbay.owners_of": {
      "others' owners, or the person's own, are among them": async () => {
        const { acme, katherine } = peopleOf(db);
        const { user, inAcme, alone: bySelf } = stranger(acme);
        const [asked, signedIn] = [peopleOf(db), peopleOf(db)];
        await connect(katherine);
        await connect(inAcme);
        await connect(bySelf);
        await key(user, user);
        await key(katherine.ownerId, katherine.userId);
        await leave(katherine.ownerId, katherine.userId);
        await leave(user, user);
        await sql`update connections set contact_id = ${user} where id = ${(await connect(asked.ada)).id}`;
        await sql`update connections set signed_in_by = ${user} where id = ${(await connect(signedIn.ada)).id}`;
        const theirs = [acme, asked.acme, signedIn.acme].sort().join();
        return async () => {
          const found = await sql`select owner_id from patchbay.owners_of(${user}) as owner_id`;
          return (
            found
              .map(({ owner_id }) => owner_id)
              .sort()
              .join() !== theirs
          );
        };
      },
    },
    "patchbay.forget_person": {
      "another person is forgotten": async () => {
        const { acme, ada } = peopleOf(db);
        const { user } = stranger(acme);
        await connect(ada);
        await rename();
        await sql`insert into people (user_id) values (${user})`;
        return async () => {
          await sql`select patchbay.forget_person(${user})`;
          return (await sql`select 1 from people where user_id = 'user_ada' and name is null`).length > 0;
        };
      },
      "another person's tombstone is emptied": async () => {
        const { acme, ada } = peopleOf(db);
        const { id } = await connect(ada, onlyMe);
        await gone(id);
        return () => changes(db, "connections", id, () => sql`select patchbay.forget_person(${stranger(acme).user})`);
      },
      "what was everyone's is emptied": async () => {
        const { acme } = peopleOf(db);
        const { user, inAcme } = stranger(acme);
        const { id } = await connect(inAcme);
        await gone(id);
        return () => changes(db, "connections", id, () => sql`select patchbay.forget_person(${user})`);
      },
      "another person's notices go": async () => {
        const { acme } = peopleOf(db);
        const id = await notice(acme, "user_ada");
        return () => changes(db, "notices", id, () => sql`select patchbay.forget_person(${stranger(acme).user})`);
      },
      "another person who left loses their name": async () => {
        const { acme, grace } = peopleOf(db);
        await connect(grace);
        await rename();
        await leave(acme, "user_grace", "user_ada", ["user_ada"]);
        const [told] = await sql`select id from notices where owner_id = ${acme} and user_id = 'user_ada'`;
        return () => changes(db, "notices", told?.id, () => sql`select patchbay.forget_person(${stranger(acme).user})`);
      },
    },
    "patchbay.is_forgotten": {
      "somebody else's, or what was everyone's, counts as forgotten": async () => {
        const { acme, ada } = peopleOf(db);
        const { user, inAcme } = stranger(acme);
        const ids = [(await connect(ada, onlyMe)).id, (await connect(inAcme)).id];
        await sql`select patchbay.forget_person(${user})`;
        return async () =>
          (await sql`select 1 from unnest(${ids}::uuid[]) as id where patchbay.is_forgotten(id)`).length > 0;
      },
    },
    "patchbay.list_departures": {
      "another owner's are listed or counted": async () => {
        const { acme, grace, katherine, globex } = peopleOf(db);
        await connect(grace);
        await leave(acme, "user_grace");
        await leave(globex, "user_dorothy");
        return async () => {
          const { departures, totalCount } = await listDepartures(katherine);
          return totalCount !== 1 || departures.length !== 1;
        };
      },
      "it goes under somebody else's name": async () => {
        const { acme, ada, grace } = peopleOf(db);
        await connect(grace);
        await leave(acme, "user_grace", "user_ada", ["user_ada"]);
        await rename();
        return async () => {
          const { departures } = await listDepartures(ada);
          return departures.some(({ person, contact }) => person.name !== person.id || contact?.name !== contact?.id);
        };
      },
      "what the reader may not see is named": async () => {
        const { acme, ada, grace, katherine } = peopleOf(db);
        const hidden = [(await connect(grace, onlyMe)).id, (await connect(katherine)).id];
        await leave(acme, "user_dorothy");
        await sql`update departures set stayed = ${hidden}::uuid[] where owner_id = ${acme}`;
        return async () => (await listDepartures(ada)).departures.some(({ stayed }) => stayed.length > 0);
      },
    },
  };
};
