import { once } from "node:events";
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A wire between the app and an upstream that tests can cut, slow down or fill with noise, and that keeps a list of the
 * calls that went through it.
 */
export type Trouble =
  | { kind: "none" }
  | { kind: "cut" } // the connection ends without an answer
  | { kind: "silent" } // no answer at all
  | { kind: "drip" } // an answer that never ends
  | { kind: "answer"; status: number; body: string; headers?: Record<string, string> };

type Call = { method: string; path: string; headers: IncomingMessage["headers"]; body: string };

export type Relay = {
  url: string;
  calls: Call[];
  /** Strikes calls whose method and path begin like this; all of them by default. */
  trouble(what: Trouble, on?: { method?: string; path?: string }): void;
  close(): Promise<void>;
};

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Starts a relay in front of an upstream on loopback. */
export async function startRelay(target: string): Promise<Relay> {
  const calls: Call[] = [];
  let trouble: Trouble = { kind: "none" };
  let scope: { method?: string; path?: string } = {};
  const drips = new Set<NodeJS.Timeout>();

  async function relay(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readAll(incoming);
    const { method = "GET", url: path = "/", headers } = incoming;
    calls.push({ method, path, headers, body: body.toString() });
    const struck =
      trouble.kind !== "none" &&
      (!scope.method || scope.method === method) &&
      (!scope.path || path.startsWith(scope.path));
    if (struck) return misbehave(trouble, incoming, outgoing);
    const upstream = forward(new URL(path, target), { method, headers: { ...headers, host: new URL(target).host } });
    upstream.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    upstream.on("error", () => outgoing.destroy());
    upstream.end(body);
  }

  function misbehave(how: Trouble, incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (how.kind === "cut") incoming.socket.destroy();
    if (how.kind === "answer")
      outgoing.writeHead(how.status, { "content-type": "application/json", ...how.headers }).end(how.body);
    if (how.kind === "drip") {
      outgoing.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => outgoing.write(" "), 100);
      drips.add(timer);
      outgoing.on("close", () => clearInterval(timer));
    }
  }

  const server = createServer((incoming, outgoing) => {
    relay(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    trouble: (what, on = {}) => {
      trouble = what;
      scope = on;
    },
    close: async () => {
      for (const timer of drips) clearInterval(timer);
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
