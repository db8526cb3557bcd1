/**
 * The route handlers of app/api behind a real HTTP server, for tests that come from outside: clients, curl, generated
 * requests. Addresses are matched as Next matches them; what Next and the middleware add, the browser tests see.
 */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../app/api", import.meta.url));
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

type Params = Record<string, string | string[]>;
type Handler = (request: Request, context: { params: Promise<Params> }) => Promise<Response>;
export type ServedFile = { path: string; segments: string[]; load(): Promise<Record<string, Handler | undefined>> };

/** Every route file of app/api. `path` is its address as in OpenAPI, with `{name}` for parameters. */
export function servedFiles(): ServedFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /(^|\/)route\.ts$/.test(file))
    .map((file) => {
      const segments = ["api", ...file.split("/").slice(0, -1)];
      return {
        path: `/${segments.join("/").replace(/\[(\w+)\]/g, "{$1}")}`,
        segments,
        load: () => import(join(folder, file)) as Promise<Record<string, Handler | undefined>>,
      };
    });
}

/** Fixed segments before parameters, those before what takes the rest. */
const rank = (segment: string) => (segment.startsWith("[...") ? "2" : segment.startsWith("[") ? "1" : "0");

function match(segments: readonly string[], parts: readonly string[]): Params | null {
  const params: Params = {};
  for (const [n, segment] of segments.entries()) {
    if (segment.startsWith("[...")) return { ...params, [segment.slice(4, -1)]: parts.slice(n) as string[] };
    const part = parts[n];
    if (part === undefined) return null;
    if (segment.startsWith("[")) params[segment.slice(1, -1)] = part;
    else if (segment !== part) return null;
  }
  return segments.length === parts.length ? params : null;
}

/** Finds the handler of an address. */
export function router() {
  const files = servedFiles().sort((a, b) => (a.segments.map(rank).join("") < b.segments.map(rank).join("") ? -1 : 1));
  return async (request: Request): Promise<Response> => {
    const parts = new URL(request.url).pathname.split("/").slice(1).map(decodeURIComponent);
    for (const { segments, load } of files) {
      const params = match(segments, parts);
      if (!params) continue;
      const module = await load();
      // Next answers HEAD with GET where a file says nothing of it.
      const handler = module[request.method] ?? (request.method === "HEAD" ? module.GET : undefined);
      return handler
        ? handler(request, { params: Promise.resolve(params) })
        : new Response(null, { status: methods.includes(request.method) ? 405 : 400 });
    }
    return new Response(null, { status: 404 });
  };
}

/** A body is taken whole: a handler that stops reading would otherwise cut the wire before its answer is through. */
async function requestOf(incoming: IncomingMessage, origin: string): Promise<Request> {
  const headers = new Headers();
  for (let n = 0; n < incoming.rawHeaders.length; n += 2) {
    headers.append(incoming.rawHeaders[n] ?? "", incoming.rawHeaders[n + 1] ?? "");
  }
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return new Request(new URL(incoming.url ?? "/", origin), {
    method: incoming.method ?? "GET",
    headers,
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
}

/** @param appUrl the origin that the app believes to have */
export async function startApiServer(appUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const answer = router();
  const server = createServer(async (incoming, outgoing) => {
    const response = await requestOf(incoming, appUrl)
      .then(answer)
      .catch((error: unknown) => new Response(String(error), { status: 599 }));
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
