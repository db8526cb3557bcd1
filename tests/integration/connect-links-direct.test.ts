import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { linkTenant } from "@/lib/connect/link-tenant";
import { startAttempt } from "@/lib/db/attempts";
import { findLink, makeLink, revokeLink } from "@/lib/db/links";
import { startDirect } from "@/lib/oauth/authorize";
import { directKey } from "@/lib/oauth/direct-key";
import { Browser, type DirectWorld, openDirectWorld } from "../support/direct";

let world: DirectWorld;
let ada: Tenant;
const email = "mary@nowhere.test";

beforeAll(async () => {
  world = await openDirectWorld();
  ada = world.db.tenant("org_acme", "user_ada", "admin");
});
afterAll(() => world?.close());

/** A link, and the way to the provider of whoever it was made for. */
async function follow() {
  const token = randomBytes(32).toString("base64url");
  const link = await makeLink(ada, { connector: "discord", email, token, most: 50 });
  const mary = linkTenant("user_mary", "org_acme");
  const start = async () => {
    const attempt = await startAttempt(mary, {
      connector: "discord",
      integrationKey: directKey("discord"),
      visibility: "everyone",
      linkId: link.id,
    });
    const begun = await startDirect(mary, attempt);
    const browser = new Browser().take(begun);
    const back = await browser.consent(begun.authorizationUrl, /Ada/);
    return { attempt, land: () => browser.land(back) };
  };
  return { link, token, mary, start };
}
const kept = (id: string) => world.db.sql`select connection_id from oauth_credentials where connection_id = ${id}`;

it("a link is used by a sign-in without Nango as well, for the owner, and whoever asked is told", async () => {
  const { link, token, start } = await follow();
  const { attempt, land } = await start();
  expect((await land()).text).toContain("is connected");
  expect(await world.row(attempt.id)).toMatchObject({
    owner_id: "org_acme",
    connected_by: "user_mary",
    contact_id: "user_ada",
    auth_method: "direct",
  });
  expect(await findLink(token, [email])).toMatchObject({ id: link.id, status: "used" });
  const told = await world.db
    .sql`select user_id from notices where kind = 'link_used' and connection_id = ${attempt.id}`;
  expect(told).toEqual([{ user_id: "user_ada" }]);
});

it("what comes back after the link was revoked, or was followed again, keeps no token", async () => {
  const { link, token, mary, start } = await follow();
  const [earlier, later] = [await start(), await start()];
  await earlier.land();
  expect(await world.attemptOf(mary, earlier.attempt.id)).toMatchObject({ status: "cancelled" });
  await revokeLink(ada, link.id);
  await later.land();
  expect(await world.attemptOf(mary, later.attempt.id)).toMatchObject({ status: "cancelled" });
  for (const { attempt } of [earlier, later]) {
    expect(await world.row(attempt.id)).toBeUndefined();
    expect(await kept(attempt.id)).toEqual([]);
  }
  expect(await findLink(token, [email])).toMatchObject({ status: "revoked" });
});
