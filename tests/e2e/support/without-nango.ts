/** The product's build once more, over the same stack, as an installation that does without Nango. */
import { createServer } from "node:http";
import { directClient } from "../../../emulators/providers/clients";
import { root } from "../../../scripts/product/paths";
import { type Started, startNext } from "../../support/next-server";
import { appEnvironment } from "./product";

export type WithoutNango = Started & {
  /** The calls that reached the place where Nango would be. */
  calls: string[];
};

/** The settings that make an operator's application known at providers beside the two that the product has. */
export function directClients(connectors: string[]): Record<string, string> {
  const settings = connectors.flatMap((slug) => {
    const { clientId, clientSecret } = directClient(slug);
    const name = slug.toUpperCase().replaceAll("-", "_");
    return [
      [`OAUTH_${name}_CLIENT_ID`, clientId],
      [`OAUTH_${name}_CLIENT_SECRET`, clientSecret],
    ];
  });
  return Object.fromEntries(settings);
}

/**
 * Starts it, with something that notes every call where its settings say that Nango is.
 * @param name for its log
 */
export async function startWithoutNango(
  name = "product-without-nango",
  settings: Record<string, string> = {},
): Promise<WithoutNango> {
  const calls: string[] = [];
  const listener = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const nango = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const server = await startNext(name, root, (origin) => ({
    ...appEnvironment(),
    ...settings,
    APP_URL: origin,
    NANGO_ENABLED: "false",
    NANGO_HOST: nango,
    NANGO_CONNECT_URL: nango,
  }));
  return {
    ...server,
    calls,
    async stop() {
      await server.stop();
      listener.closeAllConnections();
      listener.close();
    },
  };
}
