import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LinkView } from "@/lib/api/link-views";
import { openLink } from "@/lib/connect/links";
import { type LinkWorld, marys, openLinkWorld } from "./connect-links-world";

let world: LinkWorld;
let server: LinkWorld["server"];
let links: LinkWorld["links"];
let ada: LinkWorld["ada"];
let grace: LinkWorld["grace"];
let katherine: LinkWorld["katherine"];
let mary: LinkWorld["mary"];
let linkRow: LinkWorld["linkRow"];
let attemptsOf: LinkWorld["attemptsOf"];
let connectionsOf: LinkWorld["connectionsOf"];
let expire: LinkWorld["expire"];
let noticesOf: LinkWorld["noticesOf"];

beforeAll(async () => {
  world = await openLinkWorld();
  ({ server, links, ada, grace, katherine, mary, linkRow, attemptsOf, connectionsOf, expire, noticesOf } = world);
});
afterAll(() => world?.close());
beforeEach(() => world.reset());

const heldReason = async (nangoId: string) =>
  (await server.sql`select reason_code from quarantined_connections where nango_connection_id = ${nangoId}`)[0]
    ?.reason_code;

describe("no cross-binding", () => {
  it("of two tabs only the later counts, whichever finishes first: 20 links", async () => {
    const losers: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const { link, token } = await links.ask(ada, marys);
      const [earlier, later] = [await links.start(mary, token), await links.start(mary, token)];
      // The session of the earlier tab ends with it; a sign-in that was faster than that is quarantined.
      const order = round % 2 ? [earlier, later] : [later, earlier];
      const finished = [];
      for (const tab of order) {
        const nangoId = await links.finish(tab);
        finished.push({ tab, nangoId });
        const answer = await links.confirm(mary, token, tab.attemptId, nangoId);
        expect(answer.json.attempt.status).toBe(tab === later ? "confirmed" : "cancelled");
      }
      const rows = await connectionsOf(link.id);
      expect(rows).toHaveLength(1);
      const [won, lost] = [finished.find(({ tab }) => tab === later), finished.find(({ tab }) => tab === earlier)];
      expect(rows[0]?.nango_connection_id).toBe(won?.nangoId);
      losers.push(lost?.nangoId ?? "");
    }
    await server.runJobs();
    expect(losers).toHaveLength(20);
    expect(await server.sql`select 1 from connections where nango_connection_id = any (${losers})`).toHaveLength(0);
  });

  it("starts, finishes and a revocation at the same time make one connection or none: 20 links", async () => {
    for (let round = 0; round < 20; round += 1) {
      const { link, token } = await links.ask(ada, marys);
      const opened = await Promise.all([1, 2, 3].map(() => links.open(mary, token)));
      // A start that was overtaken while Nango answered has ended already.
      const tabs = opened.filter(({ status }) => status === 201).map(({ json }) => json);
      const codes = opened.filter(({ status }) => status !== 201).map(({ json }) => json.error.code);
      expect(
        codes.every((code) => code === "attempt_finished"),
        codes.join(),
      ).toBe(true);
      expect(tabs.length).toBeGreaterThan(0);
      const ids = await Promise.all(tabs.map((tab) => links.finish(tab)));
      const answers = await Promise.all([
        ...tabs.map((tab, index) => links.confirm(mary, token, tab.attemptId, ids[index])),
        round % 2 ? links.revoke(ada, link.id) : links.open(mary, token),
        links.read(mary, token, tabs[0]?.attemptId ?? ""),
      ]);
      for (const answer of answers) expect(answer.status, answer.text).toBeLessThan(500);
      const rows = await connectionsOf(link.id);
      expect(rows.length).toBeLessThanOrEqual(1);
      const row = await linkRow(link.id);
      expect(row?.connection_id ?? null).toBe(rows[0]?.id ?? null);
      expect(row?.used_at !== null).toBe(rows.length === 1);
      if (row?.revoked_at) expect(rows).toEqual([]);
      const confirmed = (await attemptsOf(link.id)).filter(({ status }) => status === "confirmed");
      expect(confirmed).toHaveLength(rows.length);
    }
  });

  it("a finish that is replayed ten times, or a second one, changes nothing", async () => {
    const { link, token } = await links.ask(ada, marys);
    const session = await links.start(mary, token);
    const [first, second] = [await links.finish(session), await links.finish(session, "sk-other")];
    await links.confirm(mary, token, session.attemptId, first);
    const events = () => server.sql`select id from connection_events where owner_id = ${ada.ownerId}`;
    const before = (await events()).length;
    for (let replay = 0; replay < 10; replay += 1) {
      const answer = await links.confirm(mary, token, session.attemptId, first);
      expect(answer.json.attempt.status).toBe("confirmed");
    }
    expect((await events()).length).toBe(before);
    expect(await connectionsOf(link.id)).toHaveLength(1);
    expect(await noticesOf(ada, "openai")).toSatisfy(
      (found: { connection_id: string }[]) => new Set(found.map((each) => each.connection_id)).size === found.length,
    );
    await links.confirm(mary, token, session.attemptId, second);
    expect((await server.sql`select 1 from connections where nango_connection_id = ${second}`).length).toBe(0);
  });

  it("ids of another link, another person or another attempt are unknown: 60 swaps", async () => {
    const acmes = await links.ask(ada, marys);
    await server.sql`update connect_links set revoked_at = now()
      where owner_id = ${katherine.ownerId} and used_at is null and revoked_at is null`;
    const globexs = await links.ask(katherine, marys);
    const graces = await links.ask(ada, "grace@acme.test");
    const invited = [
      { as: mary, ...acmes, ...(await links.start(mary, acmes.token)) },
      { as: mary, ...globexs, ...(await links.start(mary, globexs.token)) },
      { as: grace, ...graces, ...(await links.start(grace, graces.token)) },
    ];
    const ids = await Promise.all(invited.map((each) => links.finish(each)));
    let swaps = 0;
    for (const one of invited) {
      for (const [index, other] of invited.entries()) {
        for (const as of [mary, grace, ada, katherine]) {
          if (as === one.as && one === other) continue;
          const unknown = one !== other || as !== one.as;
          const answers = [
            await links.read(as, one.token, other.attemptId),
            await links.confirm(as, one.token, other.attemptId, ids[index]),
          ];
          for (const answer of answers) {
            if (unknown) expect(answer.status).toBe(404);
            swaps += 1;
          }
        }
      }
    }
    for (const { link } of invited) expect(await connectionsOf(link.id)).toEqual([]);
    // The right attempt with the connection of another: what it claims is its own all the same.
    for (const [index, one] of invited.entries()) {
      const foreign = await links.confirm(one.as, one.token, one.attemptId, ids[(index + 1) % 3]);
      expect([foreign.status, foreign.json.attempt?.status]).toEqual([200, "confirmed"]);
      swaps += 1;
    }
    expect(swaps).toBeGreaterThanOrEqual(60);
    const claimed = await Promise.all(invited.map(async ({ link }) => await connectionsOf(link.id)));
    expect(claimed.map((rows) => rows.map((row) => row.nango_connection_id))).toEqual(ids.map((id) => [id]));
    const owners = await Promise.all(invited.map(async ({ link }) => (await connectionsOf(link.id))[0]?.owner_id));
    expect(owners).toEqual([ada.ownerId, katherine.ownerId, ada.ownerId]);
  });
});

describe("a link that ends while its frame is open", () => {
  it("brings nothing any more: what completes is quarantined, and the session is deleted", async () => {
    const { link, token } = await links.ask(ada, marys);
    const session = await links.start(mary, token);
    expect((await links.revoke(ada, link.id)).json.link.status).toBe("revoked");
    const nangoId = await links.finish(session);
    const answer = await links.confirm(mary, token, session.attemptId, nangoId);
    expect(answer.json.attempt).toMatchObject({ status: "cancelled", outcome: "cancelled" });
    expect(await connectionsOf(link.id)).toEqual([]);
    await server.sql`select patchbay.apply_facts(${server.sql.json({
      integration_key: "openai",
      connection_id: nangoId,
      instance: "localhost:3999",
      tags: {
        organization_id: ada.orgId as string,
        end_user_id: mary.userId,
        connector: "openai",
        attempt_id: session.attemptId,
        instance: "localhost:3999",
      },
    })}, 'webhook')`;
    expect(await heldReason(nangoId)).toBe("attempt_cancelled");
    server.wire.calls.length = 0;
    await server.runJobs();
    expect(server.wire.calls.map(({ method, path }) => `${method} ${path}`)).toContain("DELETE /connect/session");
    // Again is no error, and after a use it is.
    expect((await links.revoke(ada, link.id)).status).toBe(200);
    const used = await links.ask(ada, marys);
    await links.follow(mary, used.token);
    const late = await links.revoke(ada, used.link.id);
    expect([late.status, late.json.error.code]).toEqual([409, "link_finished"]);
  });

  it("may be finished when it merely ran out meanwhile", async () => {
    const { link, token } = await links.ask(ada, marys);
    const session = await links.start(mary, token);
    await expire(link.id);
    const nangoId = await links.finish(session);
    expect((await links.confirm(mary, token, session.attemptId, nangoId)).json.attempt.status).toBe("confirmed");
    expect((await linkRow(link.id))?.connection_id).not.toBeNull();
  });

  it("ends with its maker, and with its owner", async () => {
    const [first, second] = [await links.ask(ada, marys), await links.ask(grace, "grace@acme.test")];
    const session = await links.start(mary, first.token);
    const [{ count } = { count: 0 }] =
      await server.sql`select patchbay.revoke_links_of(${ada.ownerId}, ${ada.userId}) as count`;
    expect(count).toBe(1);
    expect((await openLink(mary.userId, first.token)).status).toBe("revoked");
    expect((await links.read(mary, first.token, session.attemptId)).json.attempt.status).toBe("cancelled");
    expect((await openLink(grace.userId, second.token)).status).toBe("open");
    await server.sql`select patchbay.revoke_links_of(${ada.ownerId}, null)`;
    expect((await openLink(grace.userId, second.token)).status).toBe("revoked");
  });

  it("forgets the address of somebody who is deleted, and opens for nobody then", async () => {
    const [open, used, others] = [
      await links.ask(ada, marys),
      await links.ask(ada, marys),
      await links.ask(ada, "grace@acme.test"),
    ];
    await links.follow(mary, used.token);
    await server.sql`select patchbay.forget_links_of(${mary.userId}, ${marys})`;
    expect(await server.sql`select 1 from connect_links where email = ${marys}`).toEqual([]);
    expect((await linkRow(open.link.id))?.revoked_at).not.toBeNull();
    expect((await links.open(mary, open.token)).status).toBe(404);
    expect((await linkRow(others.link.id))?.email).toBe("grace@acme.test");
    expect((await links.list(ada)).json.links.find(({ id }: LinkView) => id === used.link.id)).toMatchObject({
      email: null,
      status: "used",
    });
  });
});
