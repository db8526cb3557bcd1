/** `npm run nango:connections`: lists the connections of a Nango environment. */
import { z } from "zod";
import { Failed, runCommand, serverFlags, table } from "./nango/command";
import { askNango, nangoServer } from "./nango/server";

const PAGE = 1_000;

const pageSchema = z.object({
  connections: z.array(
    z.object({
      connection_id: z.string(),
      provider_config_key: z.string(),
      provider: z.string(),
      created: z.string(),
      tags: z.record(z.string(), z.string()).nullish(),
      errors: z.array(z.object({ type: z.string() })).catch([]),
    }),
  ),
});
type Listed = z.infer<typeof pageSchema>["connections"];

await runCommand(
  "nango:connections",
  "Lists the connections of a Nango environment, the newest first: no credentials among them.",
  serverFlags,
  async (values, out) => {
    const server = nangoServer(values);
    const found: Listed = [];
    for (let page = 0; ; page++) {
      const path = `/connections?limit=${PAGE}&page=${page}`;
      const { success, data } = pageSchema.safeParse(await askNango(server, { method: "GET", path }));
      if (!success) throw new Failed(`${server.base} gave an answer that is not Nango's`);
      found.push(...data.connections);
      if (data.connections.length < PAGE) break;
    }
    const rows = found.map(({ connection_id, provider_config_key, provider, created, tags, errors }) => ({
      connection_id,
      provider_config_key,
      provider,
      created,
      owner: tags?.organization_id ?? tags?.end_user_id ?? null,
      works: !errors.some(({ type }) => type === "auth"),
    }));
    out.json(rows);
    out.say(
      table(
        ["connection", "integration", "provider", "created", "owner", "state"],
        rows.map((row) => [
          row.connection_id,
          row.provider_config_key,
          row.provider,
          row.created.slice(0, 16).replace("T", " "),
          row.owner ?? "",
          row.works ? "ok" : "needs attention",
        ]),
      ),
    );
    out.say(`\n${rows.length} ${rows.length === 1 ? "connection" : "connections"} at ${server.base}`);
  },
);
