/** Probes of who may use a connection, and who is asked about it. */
import type { Tenant } from "@/lib/auth/tenant";
import { startReconnect } from "@/lib/db/attempts";
import { becomeContact, countOthersOnlyMe, getConnection, setVisibility } from "@/lib/db/connections";
import { connect } from "../../support/connecting";
import type { DataFixture } from "../../support/tenants";
import { changes, type Probes, peopleOf } from "../probing";

export const sharing = (db: DataFixture): Probes => {
  const onlyMe = { visibility: "only_me" } as const;
  const opens = (who: "ada" | "graceElsewhere") => async () => {
    const people = peopleOf(db);
    const { id } = await connect(people.grace);
    return () => changes(db, "connections", id, () => setVisibility(people[who], id, "only_me"));
  };
  const isDefault = async (tenant: Tenant, id: string) => (await getConnection(tenant, id, "key"))?.isDefault;

  return {
    "patchbay.set_visibility": {
      "an administrator does it": opens("ada"),
      "an administrator does it who has signed in on it": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await connect(grace);
        await db.sql`update connections set signed_in_by = ${ada.userId} where id = ${id}`;
        return () => changes(db, "connections", id, () => setVisibility(ada, id, "only_me"));
      },
      "it becomes one person's alone while another signs in": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await connect(grace);
        await startReconnect(ada, id);
        return () => changes(db, "connections", id, () => setVisibility(grace, id, "only_me"));
      },
      "one's own sign-in stands in the way": async () => {
        const { grace } = peopleOf(db);
        const { id } = await connect(grace);
        await startReconnect(grace, id);
        return async () => !(await changes(db, "connections", id, () => setVisibility(grace, id, "only_me")));
      },
      "it becomes one person's alone with another's sign-in": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await connect(grace);
        await db.sql`update connections set signed_in_by = ${ada.userId} where id = ${id}`;
        return () => changes(db, "connections", id, () => setVisibility(grace, id, "only_me"));
      },
      "the same person does it for another owner": opens("graceElsewhere"),
      "whoever connected it may not": async () => {
        const { grace } = peopleOf(db);
        const { id } = await connect(grace);
        return async () => !(await changes(db, "connections", id, () => setVisibility(grace, id, "only_me")));
      },
      "another owner's keep it from being the default": async () => {
        const { grace, katherine } = peopleOf(db);
        const { id } = await connect(grace, onlyMe);
        await connect(katherine);
        return async () => {
          await setVisibility(grace, id, "everyone");
          return !(await isDefault(grace, id));
        };
      },
      "a colleague's only-me ones keep it from being the default": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await connect(grace);
        await connect(ada, onlyMe);
        return async () => {
          await setVisibility(grace, id, "only_me");
          return !(await isDefault(grace, id));
        };
      },
    },
    "patchbay.become_contact": {
      "another owner's administrator does it": async () => {
        const { grace, adaElsewhere } = peopleOf(db);
        const { id } = await connect(grace);
        return () => changes(db, "connections", id, () => becomeContact(adaElsewhere, id));
      },
      "an administrator may not": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await connect(grace);
        return async () => !(await changes(db, "connections", id, () => becomeContact(ada, id)));
      },
    },
    "patchbay.count_others_only_me": {
      "another owner's, or one's own, are counted, or others' are not": async () => {
        const { ada, grace, katherine } = peopleOf(db);
        await connect(ada, onlyMe);
        await connect(grace, onlyMe);
        await connect(katherine, onlyMe);
        return async () => (await countOthersOnlyMe(ada)) !== 1;
      },
    },
  };
};
