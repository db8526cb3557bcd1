/** Probes of what people and jobs do to connections. */
import type { Tenant } from "@/lib/auth/tenant";
import { connectionForJob, setIdentity } from "@/lib/db/connection-jobs";
import {
  disconnectConnection,
  getConnection,
  keepAccount,
  requestCheck,
  setDefault,
  setLabel,
  undoDisconnect,
} from "@/lib/db/connections";
import { claimProbes } from "@/lib/db/upkeep";
import { connect } from "../../support/connecting";
import { asKey, type DataFixture } from "../../support/tenants";
import { changes, connectAs, type Probe, type Probes, peopleOf, refusal } from "../probing";

export const managing = (db: DataFixture): Probes => {
  /** Somebody who acts for another owner tries it. They are the same person: all else that is checked would let them. */
  const byAnotherOwner = (
    deed: (tenant: Tenant, id: string) => Promise<unknown>,
    prepare?: (id: string) => Promise<unknown>,
  ) => ({
    "another owner's administrator does it": async () => {
      const { ada, adaElsewhere } = peopleOf(db);
      const { id } = await connect(ada);
      await prepare?.(id);
      return () => changes(db, "connections", id, () => deed(adaElsewhere, id));
    },
    "a colleague without the right does it": async () => {
      const { ada, grace } = peopleOf(db);
      const { id } = await connect(ada);
      await prepare?.(id);
      return () => changes(db, "connections", id, () => deed(grace, id));
    },
  });
  const isDefault = async (tenant: Tenant, id: string) => (await getConnection(tenant, id, "key"))?.isDefault;
  const onlyMe = { visibility: "only_me" } as const;

  return {
    "patchbay.lock_managed": {
      ...byAnotherOwner((tenant, id) => setLabel(tenant, id, "stolen")),
      "an administrator does it to a colleague's only-me one": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await connect(grace, onlyMe);
        return () => changes(db, "connections", id, () => setLabel(ada, id, "stolen"));
      },
      "a key does it to its maker's only-me one": async () => {
        const { grace } = peopleOf(db);
        const { id } = await connect(grace, onlyMe);
        return () => changes(db, "connections", id, () => setLabel(asKey(grace), id, "stolen"));
      },
      "another owner hears that it exists": async () => {
        const { ada, dorothy } = peopleOf(db);
        const { id } = await connect(ada);
        return async () => (await refusal(setLabel(dorothy, id, "stolen"))) !== "not_found";
      },
    },
    "patchbay.set_label": byAnotherOwner((tenant, id) => setLabel(tenant, id, "stolen")),
    "patchbay.request_check": byAnotherOwner(
      requestCheck,
      (id) =>
        // The look of the connecting itself is over.
        db.sql`update connections set looking_since = null, checked_at = now() - interval '1 hour' where id = ${id}`,
    ),
    "patchbay.keep_account": byAnotherOwner(
      (tenant, id) => keepAccount(tenant, id, "B"),
      (id) =>
        db.sql`update connections set status = 'needs_attention', reason_code = 'account_mismatch', account_id = 'a',
        found_account_id = 'b', found_account_name = 'B', looking_since = null where id = ${id}`,
    ),
    "patchbay.disconnect_connection": byAnotherOwner(disconnectConnection),
    "patchbay.undo_disconnect": {
      "the same person undoes it for another owner": async () => {
        const { ada, adaElsewhere } = peopleOf(db);
        const { id } = await connect(ada);
        await disconnectConnection(ada, id);
        return () => changes(db, "connections", id, () => undoDisconnect(adaElsewhere, id));
      },
      "somebody undoes what an administrator did": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await connect(grace);
        await disconnectConnection(ada, id);
        return () => changes(db, "connections", id, () => undoDisconnect(grace, id));
      },
      "another owner's connection keeps it from being the default": async () => {
        const { ada, katherine } = peopleOf(db);
        const { id } = await connect(ada);
        await disconnectConnection(ada, id);
        await connect(katherine);
        return async () => !(await undoDisconnect(ada, id)).isDefault;
      },
      "a colleague's only-me one keeps it from being the default": async () => {
        const { ada, grace } = peopleOf(db);
        const { id } = await connect(grace, onlyMe);
        await disconnectConnection(grace, id);
        await connect(ada, onlyMe);
        return async () => !(await undoDisconnect(grace, id)).isDefault;
      },
    },
    "patchbay.set_default": {
      ...byAnotherOwner(setDefault, (id) => db.sql`update connections set is_default = false where id = ${id}`),
      "another owner loses its default": async () => {
        const { ada, katherine } = peopleOf(db);
        const [theirs] = [await connect(katherine), await connect(ada)];
        const second = await connect(ada);
        return async () => {
          await setDefault(ada, second.id);
          return !(await isDefault(katherine, theirs.id));
        };
      },
      "a colleague loses the default among only-me ones": async () => {
        const { ada, grace } = peopleOf(db);
        const [theirs] = [await connect(grace, onlyMe), await connect(ada, onlyMe)];
        const second = await connect(ada, onlyMe);
        return async () => {
          await setDefault(ada, second.id);
          return !(await isDefault(grace, theirs.id));
        };
      },
    },
    "patchbay.promote_last_default": {
      "another owner's connections keep the last one from it": async () => {
        const { ada, katherine } = peopleOf(db);
        const first = await connect(ada);
        const last = await connect(ada);
        await connect(katherine);
        return async () => {
          await disconnectConnection(ada, first.id);
          return !(await isDefault(ada, last.id));
        };
      },
      "a colleague's only-me ones keep the last one from it": async () => {
        const { ada, grace } = peopleOf(db);
        const first = await connect(ada, onlyMe);
        const last = await connect(ada, onlyMe);
        await connect(grace, onlyMe);
        return async () => {
          await disconnectConnection(ada, first.id);
          return !(await isDefault(ada, last.id));
        };
      },
    },
    "patchbay.create_connection": {
      "another owner's connections count": countsFor("everyone"),
      "a colleague's only-me ones keep the first from being the default": countsFor("only_me"),
    },
    "patchbay.has_twin": {
      "another owner's account is told as the same": async () => {
        const { ada, katherine } = peopleOf(db);
        await connectAs(db, katherine, "octocat");
        return toldOfTwin((await connect(ada)).id);
      },
      "a colleague's only-me account is told as the same": async () => {
        const { ada, grace } = peopleOf(db);
        await connectAs(db, grace, "octocat", true);
        return toldOfTwin((await connect(ada)).id);
      },
    },
    "patchbay.claim_probes": {
      "another owner's probes use up the budget": async () => {
        const { ada, katherine } = peopleOf(db);
        const [probed, late, theirs] = [await connect(ada), await connect(ada), await connect(katherine)];
        await db.sql`update connections set last_probed_at = now() - interval '10 minutes' where id = ${probed.id}`;
        await db.sql`update connections set next_probe_at = now() where id in ${db.sql([late.id, theirs.id])}`;
        return async () => {
          await claimProbes({ limit: 10, perOwnerPerHour: 1, everyHours: 24, callsPerMinute: 1_000 });
          const claimed = await db.sql`select id from connections
            where id in ${db.sql([late.id, theirs.id])} and last_probed_at is not null`;
          return claimed.length !== 1 || claimed[0]?.id !== theirs.id;
        };
      },
    },
  };

  function countsFor(visibility: "everyone" | "only_me"): Probe {
    return async () => {
      const { ada, grace, katherine } = peopleOf(db);
      await connect(katherine, { visibility });
      if (visibility === "only_me") await connect(grace, { visibility });
      return async () => {
        const { id } = await connect(ada, { visibility });
        const row = await getConnection(ada, id, "key");
        return !row?.isDefault || row.number !== (visibility === "only_me" ? 2 : 1);
      };
    };
  }

  async function toldOfTwin(id: string) {
    const row = await connectionForJob(id);
    return async () => {
      if (row) await setIdentity(row, { accountId: "octocat", accountName: "octocat" });
      const [event] =
        await db.sql`select data from connection_events where connection_id = ${id} and type = 'identified'`;
      return event?.data.duplicate !== undefined;
    };
  }
};
