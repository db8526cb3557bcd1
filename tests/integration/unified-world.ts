/** What the tests of the unified endpoint share: the server before the providers' stand-ins and Panora's, and calls to it. */
import { expect } from "vitest";
import { POST } from "@/app/api/integrations/unified/route";
import { startPanora } from "@/emulators/panora/start";
import { standinConnector } from "@/emulators/providers/standin-connector";
import { manifests } from "@/lib/catalogue/manifests";
import { resetEnv } from "@/lib/env";
import { keysOf } from "@/tests/support/api-keys";
import { connectAccount } from "@/tests/support/connected";
import type { SignedIn } from "@/tests/support/people";
import { startServer } from "@/tests/support/server";
import { startFresh } from "./providers-person";

export type UnifiedWorld = Awaited<ReturnType<typeof openUnifiedWorld>>;
export type Caller = { as?: SignedIn; key?: string };

/** Connectors that hold one of the kinds of things. */
const connectors = ["hubspot", "salesforce", "pipedrive", "bamboohr", "twilio", "whatsapp-business", "google-calendar"];

export async function openUnifiedWorld() {
  const panora = await startPanora();
  const providers = await startFresh([...manifests.values()].map(standinConnector));
  const server = await startServer(
    {
      PANORA_API_URL: panora.url,
      PANORA_API_KEY: panora.apiKey,
      PANORA_OWNERS: "*",
      RATE_LIMITS: JSON.stringify({ key: 100_000, person: 100_000, owner: 100_000 }),
    },
    { ...providers, integrations: connectors.flatMap((slug) => manifests.get(slug) ?? []) },
  );

  const call = (caller: Caller, body: unknown, headers?: Record<string, string>) =>
    server.call(POST, "/api/integrations/unified", { ...caller, body, ...(headers && { headers }) });

  return {
    panora,
    providers,
    server,
    keys: keysOf(server),
    call,
    /** A call that must work; its answer. */
    done: async (caller: Caller, resource: string, operation: string, rest: object = {}, provider = "nango") => {
      const { status, json, text } = await call(caller, { provider, resource, operation, ...rest });
      expect(status, text).toBe(200);
      expect(json).toMatchObject({ success: true, provider, resource, operation });
      return json;
    },
    /** The code with which a call is refused. */
    codeOf: async (caller: Caller, body: object): Promise<string> => {
      const { json, text } = await call(caller, body);
      expect(json.error?.code, text).toBeTypeOf("string");
      return json.error.code;
    },
    connect: (person: SignedIn, slug: string, options?: Parameters<typeof connectAccount>[3]) =>
      connectAccount(server, person, slug, options),
    /** What the stand-ins keep, and what reached them. */
    records: async (service: string, kind: string) => {
      const answer = await fetch(`${providers.control}/records?service=${service}&kind=${kind}`);
      const { shelves } = (await answer.json()) as { shelves: { records: Record<string, unknown>[] }[] };
      return shelves.flatMap(({ records }) => records);
    },
    reached: async (query: string) => {
      const answer = await fetch(`${providers.control}/calls?${query}`);
      return ((await answer.json()) as { calls: { host: string; method: string; path: string; status: number }[] })
        .calls;
    },
    /** Runs with other settings. */
    withSettings: async (changes: Record<string, string>, work: () => Promise<void>) => {
      const before = Object.keys(changes).map((name) => [name, process.env[name]] as const);
      Object.assign(process.env, changes);
      resetEnv();
      try {
        await work();
      } finally {
        for (const [name, value] of before) {
          if (value === undefined) delete process.env[name];
          else process.env[name] = value;
        }
        resetEnv();
      }
    },
    close: async () => {
      await server.close();
      await providers.close();
      await panora.close();
    },
  };
}
