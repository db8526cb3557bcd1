/** The product's build once more, over the same stack, as an installation that does without Nango. */
import { createServer } from "node:http";
import { root } from "../../../scripts/product/paths";
import { type Started, startNext } from "../../support/next-server";
import { appEnvironment } from "./product";

export type WithoutNango = Started & {
  /** The calls that reached the place where Nango would be. */
  calls: string[];
};

/** Starts it, with something that notes every call where its settings say that Nango is. */
export async function startWithoutNango(): Promise<WithoutNango> {
  const calls: string[] = [];
  const listener = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const nango = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const server = await startNext("product-without-nango", root, (origin) => ({
    ...appEnvironment(),
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
