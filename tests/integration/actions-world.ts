/** What the tests of actions share: the server before the providers' stand-ins, people, accounts, and what was created. */
import { POST as runRoute } from "@/app/api/v1/connectors/[slug]/[action]/route";
import { standinConnector } from "@/emulators/providers/standin-connector";
import { manifests } from "@/lib/catalogue/manifests";
import { connectAccount } from "@/tests/support/connected";
import type { SignedIn } from "@/tests/support/people";
import { type CallOptions, startServer } from "@/tests/support/server";
import { control, startFresh } from "./providers-person";

export type ActionsWorld = Awaited<ReturnType<typeof openActionsWorld>>;

/** @param slugs the connectors that can be connected in this world */
export async function openActionsWorld(slugs: readonly string[], overrides: Record<string, string> = {}) {
  const integrations = slugs.flatMap((slug) => manifests.get(slug) ?? []);
  const providers = await startFresh([...manifests.values()].map(standinConnector));
  const server = await startServer(overrides, { ...providers, integrations });

  const run = (
    as: Pick<CallOptions, "as" | "key" | "headers">,
    connector: string,
    action: string,
    input: unknown = {},
  ) =>
    server.call(runRoute, `/api/v1/connectors/${connector}/${action}`, {
      ...as,
      method: "POST",
      params: { slug: connector, action },
      body: input,
    });

  return {
    providers,
    server,
    /** The answer, whatever it is. */
    run,
    /** The provider's answer; anything but success fails. */
    done: async (as: SignedIn, connector: string, action: string, input: unknown = {}) => {
      const { status, text, json } = await run({ as }, connector, action, input);
      if (status !== 200 || json.success !== true) throw new Error(`${connector} ${action}: ${status} ${text}`);
      return json.result;
    },
    connect: (as: SignedIn, slug: string, options?: Parameters<typeof connectAccount>[3]) =>
      connectAccount(server, as, slug, options),
    /** Of the providers' stand-ins. */
    control: (path: string, body: unknown = {}, method = "POST") => control(providers, path, body, method),
    /** What was created at a stand-in of our own. */
    records: async (query: string): Promise<Record<string, unknown>[]> => {
      const { shelves } = (await control(providers, `/records?${query}`, null, "GET")) as {
        shelves: { records: Record<string, unknown>[] }[];
      };
      return shelves.flatMap(({ records }) => records);
    },
    /** Everybody's connections are gone. */
    forget: () =>
      server.sql`update connections set status = 'disconnected', reason_code = 'by_person', is_default = false,
        disconnected_at = now(), remote_deleted_at = now() where status <> 'disconnected'`,
    close: async () => {
      await server.close();
      await providers.close();
    },
  };
}
