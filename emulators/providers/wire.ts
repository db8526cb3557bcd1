import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";

/** What a caller sent, in whichever of the usual ways: query, form or JSON. */
export type Sent = {
  url: URL;
  /** Query and top-level body fields together; the body wins. Nested JSON stays JSON text. */
  params: Record<string, string>;
  /** The body parsed as JSON where it is JSON, otherwise its form fields. */
  body: unknown;
  /** The body's bytes, for passing on. */
  raw: ArrayBuffer;
};

/** Reads a request once. A body that is not what its type says counts as empty: the caller then answers 400 or 401. */
export async function readSent(request: Request): Promise<Sent> {
  const url = new URL(request.url);
  const params: Record<string, string> = Object.fromEntries(url.searchParams);
  const raw = await request.arrayBuffer();
  const text = new TextDecoder().decode(raw);
  let body: unknown = {};
  if (text.trimStart().startsWith("{") || text.trimStart().startsWith("[")) {
    try {
      body = JSON.parse(text);
    } catch {
      body = {};
    }
  } else if (!text.trimStart().startsWith("<")) {
    body = Object.fromEntries(new URLSearchParams(text));
  }
  if (isRecord(body)) {
    for (const [key, value] of Object.entries(body)) {
      if (value !== null && value !== undefined) {
        params[key] = typeof value === "object" ? JSON.stringify(value) : String(value);
      }
    }
  }
  return { url, params, body, raw };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
  });
}

export function html(page: string, status = 200): Response {
  return new Response(page, {
    status,
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  });
}

/** A redirect that adds parameters to the ones the URI already has. Empty values are left out. */
export function redirectWith(uri: string, params: Record<string, string | undefined>): Response {
  const url = new URL(uri);
  for (const [key, value] of Object.entries(params)) {
    if (value) url.searchParams.set(key, value);
  }
  return new Response(null, { status: 302, headers: { location: url.toString(), "cache-control": "no-store" } });
}

/** User and password of `Authorization: Basic`, percent-decoded as RFC 6749 wants; null without that header. */
export function basicCredentials(request: Request): { user: string; password: string } | null {
  const match = /^Basic\s+(.+)$/i.exec(request.headers.get("authorization") ?? "");
  if (!match?.[1]) return null;
  const text = Buffer.from(match[1], "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return { user: decoded(text), password: "" };
  return { user: decoded(text.slice(0, colon)), password: decoded(text.slice(colon + 1)) };
}

/** The token of `Authorization: Bearer` (or `token`, as GitHub also takes it). */
export function bearerToken(request: Request): string | null {
  const match = /^(?:Bearer|token)\s+(.+)$/i.exec(request.headers.get("authorization") ?? "");
  return match?.[1]?.trim() ?? null;
}

/** Whether a redirect URI stays on this machine: the only place the stand-ins send codes to. */
export function isLoopback(uri: string): boolean {
  try {
    const { protocol, hostname } = new URL(uri);
    return /^https?:$/.test(protocol) && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  } catch {
    return false;
  }
}

export type Listening = { origin: string; close(): Promise<void> };

/**
 * Serves a fetch handler on 127.0.0.1.
 * @param port 0 takes a free one
 * @throws the system's error (EADDRINUSE, …) when the port cannot be had
 */
export async function listen(handle: (request: Request) => Promise<Response>, port = 0): Promise<Listening> {
  const server: Server = createServer(
    getRequestListener(async (request) => {
      try {
        return await handle(request);
      } catch (error) {
        // A fault of the stand-in itself must look like one, not like a provider's answer.
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
        return new Response(`The provider stand-in failed: ${message}`, { status: 500 });
      }
    }),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    origin: `http://127.0.0.1:${actual}`,
    close: () => {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
