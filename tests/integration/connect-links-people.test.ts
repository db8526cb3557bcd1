import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as readOwnAttempt } from "@/app/api/nango/attempts/[id]/route";
import { linkTenant } from "@/lib/connect/link-tenant";
import { openLink } from "@/lib/connect/links";
import { type LinkWorld, marys, openLinkWorld } from "./connect-links-world";

let world: LinkWorld;
let server: LinkWorld["server"];
let links: LinkWorld["links"];
let go: LinkWorld["go"];
let clerkWire: LinkWorld["clerkWire"];
let ada: LinkWorld["ada"];
let grace: LinkWorld["grace"];
let katherine: LinkWorld["katherine"];
let mary: LinkWorld["mary"];
let attemptsOf: LinkWorld["attemptsOf"];
let expire: LinkWorld["expire"];

beforeAll(async () => {
  world = await openLinkWorld();
  ({ server, links, go, clerkWire, ada, grace, katherine, mary, attemptsOf, expire } = world);
});
afterAll(() => world?.close());
beforeEach(() => world.reset());

const withoutId = (text: string) => text.replace(/"request_id":"[^"]*"/, "");

describe("somebody whom a link was not made for", () => {
  it("is refused in the same words whatever the link is, and nothing is minted", async () => {
    const open = await links.ask(ada, marys);
    const [used, revoked, expired] = [
      await links.ask(ada, marys),
      await links.ask(ada, marys),
      await links.ask(ada, marys),
    ];
    const { attemptId, nangoId } = await links.follow(mary, used.token);
    await links.revoke(ada, revoked.link.id);
    await expire(expired.link.id);
    const under = await links.start(mary, open.token);
    server.wire.calls.length = 0;

    const tokens = [
      ...[open, used, revoked, expired].map(({ token }) => token),
      ...[open.token.slice(1), `${open.token}A`, open.token.toLowerCase(), [...open.token].reverse().join("")],
      ...["A".repeat(43), "x", " ", "%00", "\u0000", "..", "null", "é".repeat(43), "'; drop table connect_links; --"],
      ...["x".repeat(200), "x".repeat(4_000), open.link.id, Buffer.from(open.token).toString("hex").slice(0, 64)],
    ];
    const refusal = withoutId((await links.open(grace, "B".repeat(43))).text);
    let refused = 0;
    // Those who are signed in, the admin who made the links among them; and the right person with what is no token.
    for (const as of [ada, grace, katherine]) {
      for (const token of tokens) {
        const answers = [
          await links.open(as, token),
          await links.read(as, token, under.attemptId),
          await links.confirm(as, token, attemptId, nangoId),
          await links.cancel(as, token, under.attemptId),
        ];
        for (const answer of answers) {
          expect([answer.status, withoutId(answer.text)], `${as.userId} with ${token.slice(0, 50)}`).toEqual([
            404,
            refusal,
          ]);
          refused += 1;
        }
      }
    }
    for (const token of tokens.slice(4)) {
      expect(withoutId((await links.open(mary, token)).text), token.slice(0, 50)).toBe(refusal);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(200);
    expect(server.wire.calls).toEqual([]);
    expect(await attemptsOf(open.link.id)).toMatchObject([{ id: under.attemptId, status: "open" }]);
    expect((await links.open(undefined, open.token)).status).toBe(401);
  });

  it("is anybody who merely entered the address without proving it", async () => {
    const { token } = await links.ask(ada, marys);
    const user = await (
      await fetch(`${server.clerk.url}/v1/users/${katherine.userId}`, {
        headers: { authorization: `Bearer ${server.clerk.secretKey}` },
      })
    ).json();
    const [address] = user.email_addresses;
    for (const verification of [{ status: "unverified" }, { status: "expired" }, { status: "failed" }, null]) {
      const claimed = { ...address, id: "idn_claimed", email_address: marys, verification };
      const body = JSON.stringify({ ...user, email_addresses: [address, claimed] });
      clerkWire.trouble({ kind: "answer", status: 200, body }, { path: `/v1/users/${katherine.userId}` });
      expect((await links.open(katherine, token)).status, JSON.stringify(verification)).toBe(404);
    }
    const proven = { ...address, id: "idn_proven", email_address: marys.toUpperCase() };
    const body = JSON.stringify({ ...user, email_addresses: [address, proven] });
    clerkWire.trouble({ kind: "answer", status: 200, body }, { path: `/v1/users/${katherine.userId}` });
    await expect(openLink(katherine.userId, token)).resolves.toMatchObject({ status: "open" });
  });

  it("stays out while Clerk cannot say whose address it is", async () => {
    const { token } = await links.ask(ada, marys);
    clerkWire.trouble({ kind: "cut" });
    const answer = await links.open(mary, token);
    expect([answer.status, answer.json.error.code]).toEqual([503, "auth_unavailable"]);
    expect(server.wire.calls).toEqual([]);
  });
});

describe("the right person", () => {
  it("is told that a link was used, revoked, or is over, and by whom they were asked", async () => {
    const [used, revoked, expired] = [
      await links.ask(ada, marys),
      await links.ask(ada, marys),
      await links.ask(ada, marys),
    ];
    await links.follow(mary, used.token);
    await links.revoke(ada, revoked.link.id);
    await expire(expired.link.id);
    const cases = [
      ["used", used],
      ["revoked", revoked],
      ["expired", expired],
    ] as const;
    for (const [status, { token }] of cases) {
      expect(await openLink(mary.userId, token)).toMatchObject({ status, asker: { id: ada.userId } });
      const answer = await links.open(mary, token);
      expect([answer.status, answer.json.error.code], status).toEqual([409, "link_finished"]);
    }
    expect(await openLink(mary.userId, (await links.ask(ada, marys)).token)).toMatchObject({
      status: "open",
      organizationName: "Acme Inc",
    });
  });

  it("may decline, close and start again; each start ends the one before", async () => {
    const { link, token } = await links.ask(ada, marys);
    const first = await links.start(mary, token);
    expect((await links.cancel(mary, token, first.attemptId, "denied")).json.attempt.status).toBe("failed");
    const second = await links.start(mary, token);
    expect((await links.cancel(mary, token, second.attemptId, "closed")).json.attempt.status).toBe("abandoned");
    const third = await links.start(mary, token);
    expect((await links.read(mary, token, third.attemptId)).json.attempt.status).toBe("open");
    expect((await attemptsOf(link.id)).map(({ status }) => status)).toEqual(["cancelled", "cancelled", "open"]);
  });

  it("acts for the organisation on the attempts of the link, and on nothing else", async () => {
    const { token } = await links.ask(ada, marys);
    const { attemptId } = await links.start(mary, token);
    // Not an attempt of hers in what she acts for otherwise.
    const own = await server.call(readOwnAttempt, `/api/nango/attempts/${attemptId}`, {
      as: mary,
      params: { id: attemptId },
    });
    expect(own.status).toBe(404);
    const tenant = linkTenant(mary.userId, ada.ownerId);
    await expect(tenant.token()).rejects.toMatchObject({ code: "forbidden" });
    expect(tenant).toMatchObject({ role: "member", orgId: ada.ownerId });
    // A member's own attempts are not the link's either.
    const graces = await links.ask(ada, "grace@acme.test");
    const elsewhere = await go.start(grace);
    for (const act of [links.read, links.confirm, links.cancel])
      expect((await act(grace, graces.token, elsewhere.attemptId)).status).toBe(404);
  });

  it("cannot go on when who asked has left, or may not ask any more", async () => {
    const organization = (path: string, init: RequestInit) =>
      fetch(`${server.clerk.url}/v1/organizations/${ada.orgId}/memberships${path}`, {
        ...init,
        headers: { authorization: `Bearer ${server.clerk.secretKey}`, "content-type": "application/json" },
      });
    const body = (role: string) => JSON.stringify({ user_id: ada.userId, role });
    const { token } = await links.ask(ada, marys);
    const mine = await links.ask(grace, "grace@acme.test");
    try {
      await organization("", { method: "POST", body: body("org:member") });
      expect((await openLink(mary.userId, token)).status).toBe("revoked");
      expect((await links.open(mary, token)).json.error.code).toBe("link_finished");
      await organization(`/${ada.userId}`, { method: "DELETE" });
      expect((await links.open(mary, token)).json.error.code).toBe("link_finished");
      expect(server.wire.calls).toEqual([]);
      expect((await links.open(grace, mine.token)).status).toBe(201);
    } finally {
      await organization("", { method: "POST", body: body("org:admin") });
    }
    expect((await links.open(mary, token)).status).toBe(201);
  });
});
