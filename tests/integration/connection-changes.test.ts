import { afterAll, beforeAll, expect, it } from "vitest";
import { PATCH } from "@/app/api/v1/connections/[id]/route";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let ada: SignedIn;
let first: string;
let second: string;

beforeAll(async () => {
  server = await startServer();
  ada = await server.signIn("ada@acme.test", "acme");
  const go = journeyOf(server);
  first = (await go.connect(ada)).connection.id;
  second = (await go.connect(ada)).connection.id;
});
afterAll(() => server?.close());

const patch = (id: string, body: object) =>
  server.call(PATCH, `/api/v1/connections/${id}`, { as: ada, method: "PATCH", params: { id }, body });
const stands = async () =>
  (await server.sql`select id, is_default, label from connections order by number`).map((row) => ({ ...row }));

it("a name and being the default are changed together, each alone, or not at all", async () => {
  const before = await stands();
  expect(before.map(({ id, is_default }) => [id, is_default])).toEqual([
    [first, true],
    [second, false],
  ]);
  // The database refuses the second half.
  await server.sql`alter table connections add constraint no_such_name check (label <> 'refused')`;
  expect((await patch(second, { label: "refused", is_default: true })).status).toBe(500);
  expect(await stands()).toEqual(before);
  // And the first: what is disconnected is no default, though it may have a name.
  const disconnect = (at: Date | null) => server.sql`
    update connections set status = ${at ? "disconnected" : "connected"}, reason_code = ${at ? "by_person" : null},
      disconnected_at = ${at}, is_default = false where id = ${second}`;
  await disconnect(new Date());
  const refused = await patch(second, { label: "Both", is_default: true });
  expect([refused.status, refused.json.error.code]).toEqual([409, "connection_disconnected"]);
  await disconnect(null);
  expect(await stands()).toEqual(before);

  expect((await patch(second, { label: "Both", is_default: true })).json.connection).toMatchObject({
    ...{ label: "Both", is_default: true },
  });
  expect((await patch(first, { is_default: true })).json.connection).toMatchObject({ label: null, is_default: true });
  expect((await patch(second, { label: null })).json.connection).toMatchObject({ label: null, is_default: false });
  expect((await patch(second, {})).status).toBe(400);
});
