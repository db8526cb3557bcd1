/** What the tests of tools share: the server before the providers' stand-ins, people, keys, and accounts to work on. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { expect } from "vitest";
import { standinConnector } from "@/emulators/providers/standin-connector";
import type { Tenant } from "@/lib/auth/tenant";
import { manifests } from "@/lib/catalogue/manifests";
import { keysOf } from "@/tests/support/api-keys";
import { startApiServer } from "@/tests/support/api-server";
import { connectAccount } from "@/tests/support/connected";
import type { SignedIn } from "@/tests/support/people";
import { APP_URL, startServer } from "@/tests/support/server";
import { startFresh } from "./providers-person";

export type ToolsWorld = Awaited<ReturnType<typeof openToolsWorld>>;

/** @param slugs the connectors that can be connected in this world */
export async function openToolsWorld(slugs: readonly string[]) {
  const integrations = slugs.flatMap((slug) => manifests.get(slug) ?? []);
  const providers = await startFresh([...manifests.values()].map(standinConnector));
  const server = await startServer({}, { ...providers, integrations });
  const api = await startApiServer(APP_URL);
  const clients: Client[] = [];

  /** For whom tools work in a session of that person. */
  const tenantOf = (person: SignedIn, role: "admin" | "member" = "member"): Tenant => ({
    ownerId: person.ownerId,
    userId: person.userId,
    orgId: person.orgId,
    role: person.orgId === null ? null : role,
    caller: { kind: "session" },
    token: person.token,
  });

  /** The official client, connected over HTTP. */
  async function mcp(key: string): Promise<Client> {
    const client = new Client({ name: "tests", version: "1" });
    const transport = new StreamableHTTPClientTransport(new URL(`${api.url}/api/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    });
    // Its session id is optional in its own class and required in the interface.
    await client.connect(transport as Parameters<typeof client.connect>[0]);
    clients.push(client);
    return client;
  }

  return {
    providers,
    server,
    api,
    tenantOf,
    keys: keysOf(server),
    mcp,
    connect: (person: SignedIn, slug: string, options?: Parameters<typeof connectAccount>[3]) =>
      connectAccount(server, person, slug, options),
    /** One call of a tool, with the answer that an agent reads. */
    use: async (client: Client, name: string, args: Record<string, unknown> = {}) => {
      const { content, structuredContent, isError } = await client.callTool({ name, arguments: args });
      const [text] = content as { type: string; text: string }[];
      // What clients read that know no structured answers must be the same.
      expect(JSON.parse(text?.text ?? "null")).toEqual(structuredContent);
      // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests themselves
      const answer = structuredContent as any;
      expect(isError).toBe(!answer.success);
      return answer;
    },
    close: async () => {
      for (const client of clients) await client.close();
      await api.close();
      await server.close();
      await providers.close();
    },
  };
}
