import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SignedIn } from "@/tests/support/people";
import { type Caller, openUnifiedWorld, type UnifiedWorld } from "./unified-world";

/** A connection that a call names, and what a key learns of one that it may not use. */

let world: UnifiedWorld;
let ada: SignedIn;
let hubspot: { id: string; nangoId: string };
let salesforce: { id: string; nangoId: string };

beforeAll(async () => {
  world = await openUnifiedWorld();
  ada = await world.server.signIn("ada@acme.test", "acme");
  hubspot = await world.connect(ada, "hubspot");
  salesforce = await world.connect(ada, "salesforce");
});
afterAll(() => world?.close());

const list = (connectionId?: string, providerConfigKey?: string) => ({
  ...{ provider: "nango", resource: "crm.contact", operation: "list" },
  params: { ...(connectionId && { connectionId }), ...(providerConfigKey && { providerConfigKey }) },
});

it("is found by its id at Nango however many accounts there are", async () => {
  const { sql } = world.server;
  // Among all that could be used it comes last.
  await sql`update connections set is_default = false where id = ${salesforce.id}`;
  await sql`
    insert into connections
    select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'number', 100 + n,
      'nango_connection_id', 'copy-' || n, 'is_default', false, 'signed_in_attempt', null, 'attempt_id', null))).*
    from connections c, generate_series(1, 120) n where c.id = ${hubspot.id}`;
  for (const [named, found] of [
    [hubspot.nangoId, hubspot.id],
    [salesforce.nangoId, salesforce.id],
    [salesforce.id.toUpperCase(), salesforce.id],
  ] as const)
    expect((await world.done({ as: ada }, "crm.contact", "list", list(named))).connectionId).toBe(found);
  await sql`update connections set status = 'disconnected', reason_code = 'by_person', disconnected_at = now()
    where nango_connection_id like 'copy-%'`;
});

it("of a name at Nango that two services gave out is asked for, unless the service is named", async () => {
  const { sql } = world.server;
  const before = salesforce.nangoId;
  await sql`update connections set nango_connection_id = ${hubspot.nangoId} where id = ${salesforce.id}`;
  const { status, json } = await world.call({ as: ada }, list(hubspot.nangoId));
  expect([status, json.error.code]).toEqual([409, "connection_choice"]);
  const choices: { id: string; connector: string }[] = json.error.choices;
  expect(choices.map(({ id, connector }) => [connector, id]).sort()).toEqual([
    ["hubspot", hubspot.id],
    ["salesforce", salesforce.id],
  ]);
  const { connectionId } = await world.done(
    ...([{ as: ada }, "crm.contact", "list", list(hubspot.nangoId, "hubspot")] as const),
  );
  expect(connectionId).toBe(hubspot.id);
  await sql`update connections set nango_connection_id = ${before} where id = ${salesforce.id}`;
});

describe("a key that may not use a service", () => {
  const answer = async (who: Caller, body: object) => {
    const { status, text } = await world.call(who, body);
    return [status, text.replace(/"request_id":"[^"]+"/, "")];
  };

  it("learns nothing of its connections, not even how they stand", async () => {
    const { key } = await world.keys.made(ada, ["actions:read:hubspot"]);
    const unknown = await answer({ key }, list("00000000-0000-4000-8000-000000000000"));
    expect(unknown[0]).toBe(404);
    for (const [status, reason] of [
      ["connected", null],
      ["needs_attention", "auth_failed"],
      ["needs_attention", "account_mismatch"],
    ] as const) {
      await world.server
        .sql`update connections set status = ${status}, reason_code = ${reason} where id = ${salesforce.id}`;
      for (const named of [salesforce.id, salesforce.nangoId])
        expect(await answer({ key }, list(named)), `${status} ${reason}`).toEqual(unknown);
      // Where the service is named it is the scope that lacks, as for the service's own actions.
      const { json } = await world.call({ key }, list(salesforce.id, "salesforce"));
      expect(json.error).toMatchObject({ code: "insufficient_scope", scope: "actions:read:salesforce" });
    }
    expect((await world.call({ key }, list(hubspot.id))).status).toBe(200);
  });

  it("and has the scope for none of them is told so", async () => {
    const { key } = await world.keys.made(ada, ["actions:run:slack"]);
    for (const named of [hubspot.id, salesforce.nangoId, "no-such-connection"])
      expect(await world.codeOf({ key }, list(named))).toBe("insufficient_scope");
  });
});
