import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notAllowed } from "@/lib/http";
import { refuseMethod } from "@/lib/tools/mcp-door";
import { root } from "@/scripts/product/paths";
import { startApiServer } from "@/tests/support/api-server";
import { authorizingOf, type By } from "@/tests/support/authorizing";
import { APP_URL } from "@/tests/support/server";
import { type LinkWorld, openLinkWorld } from "./connect-links-world";

/**
 * Link checkers, proxies and crawlers send HEAD to whatever address they find. Next answers it with GET, so each GET that
 * changes something refuses HEAD, and the others change nothing.
 */

/** Every GET that changes something. */
const changing = [
  "api/connect/[token]/attempts/[id]",
  "api/cron/jobs",
  "api/cron/reconcile",
  "api/nango/attempts/[id]",
  "api/v1/connectors/[slug]/callback",
  "oauth/callback",
];

type Module = Record<string, unknown>;
const files = readdirSync(join(root, "app"), { recursive: true, encoding: "utf8" })
  .filter((file) => /(^|\/)route\.ts$/.test(file))
  .map((file) => file.replace(/\/route\.ts$/, ""))
  .sort();
const load = (file: string) => import(join(root, "app", file, "route.ts")) as Promise<Module>;

let world: LinkWorld;
let api: Awaited<ReturnType<typeof startApiServer>>;
let program: ReturnType<typeof authorizingOf>;

beforeAll(async () => {
  world = await openLinkWorld();
  api = await startApiServer(APP_URL);
  program = authorizingOf(world.server);
});
afterAll(async () => {
  await api?.close();
  await world?.close();
});

const send = async (method: string, path: string, as?: By, headers?: Record<string, string>) => {
  const token = typeof as === "string" ? as : await as?.token();
  return fetch(`${api.url}${path}`, {
    method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
  });
};

/** Everything that is kept, but for how often somebody called. */
async function kept(): Promise<Record<string, string[]>> {
  const tables = await world.server.sql`select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('public', 'patchbay', 'graphile_worker') and tablename <> 'request_counts'`;
  const rows: Record<string, string[]> = {};
  for (const { name } of tables)
    rows[name] = (await world.server.sql.unsafe(`select t::text as row from ${name} t order by 1`)).map(
      ({ row }) => row,
    );
  return rows;
}

describe("HEAD", () => {
  it.each(files)("%s refuses it, or answers it with a GET that changes nothing", async (file) => {
    const { GET, HEAD } = await load(file);
    expect(HEAD).toBe(changing.includes(file) ? notAllowed : undefined);
    if (changing.includes(file)) expect(GET).toBeTypeOf("function");
  });

  it("changes nothing at any address that has a GET, though each is about something that is there", async () => {
    const { ada, go, links, server } = world;
    // A sign-in at Nango that nobody has told us of yet, and one through a link.
    const session = await go.start(ada);
    await server.complete(session, "openai", { apiKey: "sk-good" });
    const open = await links.ask(ada, "ada@acme.test");
    const through = await links.start(ada, open.token);
    await links.finish(through);
    const { connection } = await go.connect(ada);
    const { state, code } = await program.connected(ada, ada);
    const asked = await program.askForLink(ada, { connector: "openai" });
    const secret = { authorization: "Bearer cron-secret-of-the-tests" };

    const values: Record<string, Record<string, string>> = {
      "api/nango/attempts/[id]": { id: session.attemptId },
      "api/connect/[token]/attempts/[id]": { token: open.token, id: through.attemptId },
      "api/v1/connect-sessions/[id]": { id: asked.json.id },
      "api/v1/connections/[id]": { id: connection.id },
      "api/v1/connections/[id]/events": { id: connection.id },
    };
    const query: Record<string, string> = {
      "api/v1/connectors/[slug]/callback": `?${new URLSearchParams({ state, code })}`,
    };
    const before = await kept();
    const answered: Record<string, number> = {};
    for (const file of files.filter((each) => each.startsWith("api/"))) {
      const { GET } = await load(file);
      if (!GET || GET === notAllowed || GET === refuseMethod) continue;
      const path = file.replace(/\[(?:\.\.\.)?(\w+)\]/g, (_, name: string) => values[file]?.[name] ?? "openai");
      const answer = await send("HEAD", `/${path}${query[file] ?? ""}`, ada, path.includes("/cron/") ? secret : {});
      answered[file] = answer.status;
      expect(await answer.text()).toBe("");
    }
    expect(await kept()).toEqual(before);
    for (const file of Object.keys(answered))
      expect(answered[file], file).toBe(changing.includes(file) ? 405 : file === "api/[...unknown]" ? 404 : 200);

    // What was not used up by it is still there to be used.
    const redeemed = await program.redeem(ada, { state, code });
    expect(redeemed.status, redeemed.text).toBe(200);
    expect((await go.read(ada, session.attemptId)).json.attempt.status).toBe("confirmed");
    expect((await links.read(ada, open.token, through.attemptId)).json.attempt.status).toBe("confirmed");
  });
});
