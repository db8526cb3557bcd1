/** Probes of the functions that read: what is listed, counted and told. */
import {
  becomeContact,
  connectionCounts,
  disconnectConnection,
  getConnection,
  listConnections,
} from "@/lib/db/connections";
import { listConnectionEvents } from "@/lib/db/events";
import { listNotices, seeNotices, writeNotices } from "@/lib/db/notices";
import { blockedConnectors, mayConnect } from "@/lib/db/policies";
import { connect } from "../../support/connecting";
import type { DataFixture } from "../../support/tenants";
import { block, changes, connectAs, type Probes, peopleOf } from "../probing";

export const listing = (db: DataFixture): Probes => ({
  "public.list_connections": {
    "another owner lists them": async () => {
      const { ada, katherine } = peopleOf(db);
      const { id } = await connect(ada);
      return async () =>
        (await listConnections(katherine, {}, "key")).totalCount > 0 ||
        (await getConnection(katherine, id, "key")) !== null;
    },
    "others are counted": async () => {
      const { ada, grace, katherine } = peopleOf(db);
      await connect(ada);
      await connect(grace, { visibility: "only_me" });
      await connect(katherine);
      return async () => (await listConnections(ada, {}, "key")).totalCount !== 1;
    },
    "a colleague lists an only-me one": async () => {
      const { ada, grace } = peopleOf(db);
      const { id } = await connect(grace, { visibility: "only_me" });
      return async () =>
        (await listConnections(ada, {}, "key")).totalCount > 0 || (await getConnection(ada, id, "key")) !== null;
    },
    "a twin is an only-me one of a colleague": async () => {
      const { ada, grace } = peopleOf(db);
      const id = await connectAs(db, ada, "octocat");
      await connectAs(db, grace, "octocat", true);
      return async () => (await getConnection(ada, id, "key"))?.twinId !== null;
    },
    "somebody else is said to be asked about it": async () => {
      const { ada, grace } = peopleOf(db);
      const ids = [(await connect(grace)).id, (await connect(ada)).id];
      await becomeContact(ada, ids[0] as string);
      await db.sql`update connections set contact_id = 'user_grace' where id = ${ids[1] as string}`;
      await db.sql`update people set name = user_id`;
      return async () => {
        const rows = await Promise.all(ids.map((id) => getConnection(ada, id, "key")));
        return rows.some((row) => row?.contact?.name !== row?.contact?.id);
      };
    },
    "a connection goes under somebody else's name": async () => {
      const { ada, grace } = peopleOf(db);
      const ids = [(await connect(ada)).id, (await connect(grace)).id];
      await db.sql`update people set name = user_id`;
      return async () => {
        const rows = await Promise.all(ids.map((id) => getConnection(ada, id, "key")));
        return rows.some((row) => row?.connectedBy.name !== row?.connectedBy.id);
      };
    },
  },
  "patchbay.connection_matches": {
    "mine are others'": async () => {
      const { ada, grace } = peopleOf(db);
      await connect(grace);
      return async () => (await listConnections(ada, { owner: "mine" }, "key")).totalCount > 0;
    },
  },
  "patchbay.connection_visible": {
    "another owner lists them": async () => {
      const { ada, katherine } = peopleOf(db);
      await connect(ada);
      return async () => (await listConnections(katherine, {}, "key")).totalCount > 0;
    },
    "a colleague lists an only-me one": async () => {
      const { ada, grace } = peopleOf(db);
      await connect(grace, { visibility: "only_me" });
      return async () => (await listConnections(ada, {}, "key")).totalCount > 0;
    },
    "under a token, another owner lists them": async () => {
      const { ada, katherine } = peopleOf(db);
      await connect(ada);
      return async () => (await listConnections(katherine)).totalCount > 0;
    },
    "under a token, a colleague lists an only-me one": async () => {
      const { ada, grace } = peopleOf(db);
      await connect(grace, { visibility: "only_me" });
      return async () => (await listConnections(ada)).totalCount > 0;
    },
  },
  "public.connection_counts": {
    "another owner counts them": async () => {
      const { ada, katherine } = peopleOf(db);
      await connect(ada);
      return async () => Object.keys(await connectionCounts(katherine, "key")).length > 0;
    },
    "a colleague counts an only-me one": async () => {
      const { ada, grace } = peopleOf(db);
      await connect(grace, { visibility: "only_me" });
      return async () => Object.keys(await connectionCounts(ada, "key")).length > 0;
    },
  },
});

export const history = (db: DataFixture): Probes => ({
  "public.list_connection_events": {
    "another owner reads it": async () => {
      const { ada, katherine } = peopleOf(db);
      const { id } = await connect(ada);
      return async () => (await listConnectionEvents(katherine, id, {}, "key")).events.length > 0;
    },
    "a colleague reads that of an only-me one": async () => {
      const { ada, grace } = peopleOf(db);
      const { id } = await connect(grace, { visibility: "only_me" });
      return async () => (await listConnectionEvents(ada, id, {}, "key")).events.length > 0;
    },
    "an event of another owner's is shown": async () => {
      const { ada, globex } = peopleOf(db);
      const { id } = await connect(ada);
      await db.sql`insert into connection_events (owner_id, connection_id, type, actor_kind)
        values (${globex}, ${id}, 'recovered', 'system')`;
      return async () => (await listConnectionEvents(ada, id, {}, "key")).events.some((e) => e.type === "recovered");
    },
    "it goes under somebody else's name": async () => {
      const { ada, grace } = peopleOf(db);
      const { id } = await connect(ada);
      await connect(grace);
      await db.sql`update people set name = user_id`;
      return async () =>
        (await listConnectionEvents(ada, id, {}, "key")).events.some(({ actor }) => actor.name !== actor.id);
    },
  },
  "patchbay.write_notices": {
    "whoever is asked about it is not told": async () => {
      const { ada, grace } = peopleOf(db);
      const { id } = await connect(grace);
      await becomeContact(ada, id);
      const [event] =
        await db.sql`insert into connection_events (owner_id, connection_id, type, reason_code, actor_kind)
        values (${grace.ownerId}, ${id}, 'needs_attention', 'auth_failed', 'system') returning id`;
      return async () => {
        const count = await writeNotices(event?.id);
        const told = await db.sql`select user_id from notices where event_id = ${event?.id} order by 1`;
        const names = told.map(({ user_id }) => user_id).join();
        return count !== 2 || names !== `${ada.userId},${grace.userId}`;
      };
    },
    "nobody is told of what somebody else did to theirs": async () => {
      const { ada, grace } = peopleOf(db);
      const { id } = await connect(grace);
      await disconnectConnection(ada, id);
      const [event] =
        await db.sql`select id from connection_events where connection_id = ${id} and type = 'disconnected'`;
      return async () => (await writeNotices(event?.id)) !== 1;
    },
  },
});

export const rules = (db: DataFixture): Probes => ({
  "public.may_connect": {
    "another owner's rule for the connector counts": async () => {
      const { acme, katherine } = peopleOf(db);
      await block(db, acme, "connector", "github");
      return async () => !(await mayConnect(katherine, "github", "key"));
    },
    "another owner's rule for the category counts": async () => {
      const { acme, katherine } = peopleOf(db);
      await block(db, acme, "category", "development");
      return async () => !(await mayConnect(katherine, "github", "key"));
    },
  },
  "public.blocked_connectors": {
    "another owner's rule is told": async () => {
      const { acme, katherine } = peopleOf(db);
      await block(db, acme, "connector", "github");
      return async () => (await blockedConnectors(katherine, "key")).length > 0;
    },
    "one's own is not": async () => {
      const { acme, ada } = peopleOf(db);
      await block(db, acme, "connector", "github");
      return async () => (await blockedConnectors(ada, "key")).join() !== "github";
    },
  },
});

/** One notice each: Ada's and Grace's in Acme, Grace's in Globex. */
async function told(db: DataFixture) {
  const people = peopleOf(db);
  const ids: string[] = [];
  for (const { ownerId, userId } of [people.grace, people.graceElsewhere, people.ada]) {
    const [row] = await db.sql`
      insert into notices (owner_id, user_id, event_id, kind, connector)
      values (${ownerId}, ${userId}, floor(random() * 1e15)::bigint, 'recovered', 'github') returning id`;
    ids.push(row?.id);
  }
  return { ...people, graces: ids[0] as string, last: ids[2] as string };
}

export const notices = (db: DataFixture): Probes => ({
  "public.list_notices": {
    "who may use what the reader may not see is told": async () => {
      const { ada, grace, katherine } = peopleOf(db);
      for (const { id } of [await connect(grace, { visibility: "only_me" }), await connect(katherine)])
        await db.sql`insert into notices (owner_id, user_id, event_id, kind, connector, connection_id)
          values (${ada.ownerId}, ${ada.userId}, floor(random() * 1e15)::bigint, 'recovered', 'github', ${id})`;
      return async () => (await listNotices(ada, 50, "key")).notices.some(({ visibility }) => visibility !== null);
    },
    "a colleague's or another owner's is listed": async () => {
      const { grace } = await told(db);
      return async () => (await listNotices(grace, 50, "key")).notices.length !== 1;
    },
    "a colleague's or another owner's is counted": async () => {
      const { grace } = await told(db);
      return async () => (await listNotices(grace, 50, "key")).unseenCount !== 1;
    },
  },
  "patchbay.see_notices": {
    "a colleague marks it as seen": async () => {
      const { ada, graces, last } = await told(db);
      return () => changes(db, "notices", graces, () => seeNotices(ada, last));
    },
    "the same person marks it for another owner": async () => {
      const { graceElsewhere, graces, last } = await told(db);
      return () => changes(db, "notices", graces, () => seeNotices(graceElsewhere, last));
    },
  },
});
