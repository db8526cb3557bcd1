/** What the tests of connect links share: the server with a wire before Clerk, four people, and what is kept of a link. */
import { GET as listNotices } from "@/app/api/v1/notices/route";
import { resetEnv } from "@/lib/env";
import { journeyOf } from "@/tests/support/journey";
import { linksOf } from "@/tests/support/links";
import type { SignedIn } from "@/tests/support/people";
import { startRelay } from "@/tests/support/relay";
import { startServer } from "@/tests/support/server";

export const marys = "mary@nowhere.test";

export type LinkWorld = Awaited<ReturnType<typeof openLinkWorld>>;

export async function openLinkWorld() {
  const server = await startServer();
  /** Between the app and Clerk's Backend API. */
  const clerkWire = await startRelay(server.clerk.url);
  process.env.CLERK_API_URL = clerkWire.url;
  resetEnv();
  const { sql } = server;
  return {
    server,
    clerkWire,
    links: linksOf(server),
    go: journeyOf(server),
    /** Admin and member of acme, admin of globex, and somebody in no organisation at all. */
    ada: await server.signIn("ada@acme.test", "acme"),
    grace: await server.signIn("grace@acme.test", "acme"),
    katherine: await server.signIn("katherine@globex.test", "globex"),
    mary: await server.signIn(marys, null),
    /** As before each test, which counts its own. */
    reset: async () => {
      clerkWire.trouble({ kind: "none" });
      server.wire.calls.length = 0;
      await sql`update connect_links set revoked_at = now() where used_at is null and revoked_at is null`;
    },
    linkRow: async (id: string) => (await sql`select * from connect_links where id = ${id}`)[0],
    attemptsOf: (id: string) =>
      sql`select id, status, outcome from connection_attempts where link_id = ${id} order by created_at`,
    connectionsOf: (id: string) => sql`
      select c.* from connections c join connection_attempts a on a.connection_id = c.id where a.link_id = ${id}`,
    expire: (id: string) => sql`update connect_links set expires_at = now() - interval '1 second' where id = ${id}`,
    noticesOf: async (as: SignedIn, connector: string) =>
      (await server.call(listNotices, "/api/v1/notices", { as })).json.notices.filter(
        (each: { kind: string; connector: string }) => each.kind === "link_used" && each.connector === connector,
      ),
    close: async () => {
      await clerkWire.close();
      await server.close();
    },
  };
}
