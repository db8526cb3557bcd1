/** Probes of what providers pushed. */
import { randomUUID } from "node:crypto";
import type { Tenant } from "@/lib/auth/tenant";
import { listTriggerEvents } from "@/lib/db/trigger-events";
import { connect } from "../../support/connecting";
import type { DataFixture } from "../../support/tenants";
import { type Probes, peopleOf } from "../probing";

export const triggers = (db: DataFixture): Probes => {
  /** A connection about which its provider pushed something. */
  async function pushed(tenant: Tenant, visibility: "everyone" | "only_me" = "everyone") {
    const { id } = await connect(tenant, { visibility });
    const body = JSON.stringify({ type: "forward", payload: { text: randomUUID() } });
    await db.sql`insert into webhook_deliveries (body_sha256, body, type, integration_key, nango_connection_id)
      select sha256(convert_to(${body}, 'utf8')), convert_to(${body}, 'utf8'), 'forward', c.integration_key,
        c.nango_connection_id from connections c where c.id = ${id}`;
    return id;
  }
  const told = async (tenant: Tenant, connectionId?: string) =>
    (await listTriggerEvents(tenant, { connectionId, limit: 10, maxBytes: 1_000 })).events.length > 0;

  return {
    "patchbay.list_trigger_events": {
      "another owner reads it": async () => {
        const { ada, katherine } = peopleOf(db);
        const id = await pushed(ada);
        return async () => (await told(katherine)) || (await told(katherine, id));
      },
      "a colleague reads what is about an only-me one": async () => {
        const { ada, grace } = peopleOf(db);
        const id = await pushed(grace, "only_me");
        return async () => (await told(ada)) || (await told(ada, id));
      },
    },
  };
};
