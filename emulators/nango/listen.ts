import type { Server } from "node:http";
import { type HttpBindings, serve } from "@hono/node-server";

export interface Listening {
  origin: string;
  close(): Promise<void>;
}

/** Serves on 127.0.0.1 and resolves once it listens; rejects when the port is taken. */
export function listen(
  fetch: (request: Request, bindings: HttpBindings) => Response | Promise<Response>,
  port = 0,
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: fetch as never, port, hostname: "127.0.0.1" }, ({ port: taken }) => {
      server.off("error", reject);
      resolve({
        origin: `http://127.0.0.1:${taken}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            (server as Server).closeAllConnections();
          }),
      });
    });
    server.once("error", reject);
  });
}
