/** Probes of what actions may run on, and of whose use is counted. */
import { countFailure, countUse, usableConnections } from "@/lib/db/action-usage";
import { connect } from "../../support/connecting";
import { asKey, type DataFixture } from "../../support/tenants";
import { type Probes, peopleOf } from "../probing";

export const usage = (db: DataFixture): Probes => {
  const uses = async (id: string) => {
    const [row] = await db.sql`
      select coalesce(sum(calls), 0)::int as calls, coalesce(sum(failures), 0)::int as failures from action_usage
      where connection_id = ${id}`;
    return { calls: row?.calls as number, failures: row?.failures as number };
  };
  const isDoubted = async (id: string) =>
    (await db.sql`select suspect_since from connections where id = ${id}`)[0]?.suspect_since !== null;

  return {
    "patchbay.usable_connections": {
      "another owner's is among them": async () => {
        const { grace, graceElsewhere } = peopleOf(db);
        const { id } = await connect(grace);
        return async () => (await usableConnections(graceElsewhere, ["github"])).some((each) => each.id === id);
      },
      "another owner's is found by its id": async () => {
        const { grace, katherine } = peopleOf(db);
        const { id } = await connect(grace);
        return async () => (await usableConnections(katherine, ["github"], id)).length > 0;
      },
      "another's is found by its id at Nango": async () => {
        const { ada, grace, katherine } = peopleOf(db);
        const { facts } = await connect(grace, { visibility: "only_me" });
        const name = facts.connectionId;
        return async () =>
          (await usableConnections(katherine, ["github"], name, true)).length +
            (await usableConnections(ada, ["github"], name, true)).length >
          0;
      },
      "a colleague's only-me one is found": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await connect(grace, { visibility: "only_me" });
        return async () => (await usableConnections(ada, ["github"], id)).length > 0;
      },
      "a key finds its maker's only-me one": async () => {
        const { grace } = peopleOf(db);
        await connect(grace, { visibility: "only_me" });
        return async () => (await usableConnections(asKey(grace), ["github"])).length > 0;
      },
    },
    "patchbay.count_use": {
      "another owner's use is counted": async () => {
        const { grace, graceElsewhere } = peopleOf(db);
        const { id } = await connect(grace);
        return async () => {
          await countUse(graceElsewhere, id, "get_repository");
          return (await uses(id)).calls > 0;
        };
      },
    },
    "patchbay.count_failure": {
      "another owner's failure is counted": async () => {
        const { grace, graceElsewhere } = peopleOf(db);
        const { id } = await connect(grace);
        await countUse(grace, id, "get_repository");
        return async () => {
          await countFailure(graceElsewhere, id, "get_repository", false);
          return (await uses(id)).failures > 0;
        };
      },
      "another owner's is doubted": async () => {
        const { grace, katherine } = peopleOf(db);
        const { id } = await connect(grace);
        return async () => {
          await countFailure(katherine, id, "get_repository", true);
          return isDoubted(id);
        };
      },
    },
  };
};
