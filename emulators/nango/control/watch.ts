import type { Context, MiddlewareHandler } from "hono";
import type { Env, Standin } from "../standin";
import { apiCallName } from "./api-calls";
import type { Fault, Subject } from "./faults";

/** Allows browsers, counts calls, enforces the rate limit, and lets API faults strike. In front of every route. */
export function watchCalls(nango: Standin): MiddlewareHandler<Env> {
  const limiter = minuteLimiter();
  return async (c, next) => {
    const started = performance.now();
    const url = new URL(c.req.url);
    c.header("access-control-allow-origin", "*");
    if (c.req.method === "OPTIONS") {
      c.header("access-control-allow-headers", "*, authorization");
      c.header("access-control-allow-methods", "*");
      return c.body(null, 204);
    }
    const wait = nango.rateLimit === null ? 0 : limiter(nango.rateLimit);
    if (wait > 0) {
      c.header("retry-after", String(wait));
      c.res = c.json({ error: { code: "too_many_request", message: "Too many requests." } }, 429);
    } else {
      const fault = nango.faults.any("api") ? nango.faults.take("api", await subject(nango, c, url)) : undefined;
      await (fault ? struck(c, fault, next) : next());
    }
    nango.calls.add({
      at: new Date().toISOString(),
      method: c.req.method,
      path: url.pathname,
      query: url.search,
      auth: c.get("apiKey") ? "api_key" : c.get("session") ? "session" : "none",
      integration: c.req.header("provider-config-key") ?? url.searchParams.get("provider_config_key"),
      status: c.res.status,
      milliseconds: performance.now() - started,
    });
  };
}

async function struck(c: Context<Env>, fault: Fault, next: () => Promise<void>): Promise<void> {
  // What was asked for happens, and only the answer goes wrong.
  if (fault.when === "after" && fault.effect !== "slow") {
    await next();
    c.res = undefined;
  }
  switch (fault.effect) {
    case "status": {
      const status = fault.status ?? 500;
      const code = status === 429 ? "too_many_request" : "server_error";
      if (status === 429) c.header("retry-after", String(fault.retryAfter ?? 1));
      c.res = c.json({ error: { code, message: "A fault was ordered." } }, status as 500);
      return;
    }
    case "garbage":
      c.res = c.body("<html><body>upstream connect error</body></html>", 200, { "content-type": "text/html" });
      return;
    case "hangup":
      // The answer is never seen: the socket is gone before it can be written.
      (c.env as { incoming?: { socket: { destroy(): void } } } | undefined)?.incoming?.socket.destroy();
      c.res = c.body(null, 500);
      return;
    case "slow":
      await new Promise((resolve) => setTimeout(resolve, fault.ms ?? 1_000));
      return next();
    default:
      return next();
  }
}

/** What a call is about, for scoped faults: read from its query, headers, path and body. */
async function subject(nango: Standin, c: Context<Env>, url: URL): Promise<Subject> {
  const integrations = new Set<string>();
  const note = (value: unknown) => {
    if (typeof value === "string") integrations.add(value);
  };
  note(url.searchParams.get("provider_config_key"));
  note(c.req.header("provider-config-key"));
  for (const key of url.searchParams.get("integrationId")?.split(",") ?? []) note(key.trim());
  const parts = url.pathname.split("/").map(decoded);
  for (const part of parts) if (nango.store.integration(part)) note(part);
  let tags: Record<string, string> = {};
  for (const [key, value] of url.searchParams) {
    const tag = /^tags\[(.+)\]$/.exec(key)?.[1];
    if (tag) tags[tag] = value;
  }
  const session = nango.store.session(url.searchParams.get("connect_session_token") ?? bearerOf(c));
  const id = c.req.header("connection-id") ?? url.searchParams.get("connectionId") ?? parts.at(-1) ?? "";
  const [connection] = nango.store.connectionsNamed(id);
  tags = { ...tags, ...session?.tags, ...connection?.tags };
  if (/json/.test(c.req.header("content-type") ?? "")) {
    // A copy is read, so that the route still finds the body unread.
    const body = (await c.req.raw
      .clone()
      .json()
      .catch(() => null)) as Record<string, unknown> | null;
    for (const key of [body?.allowed_integrations, body?.integration_id, body?.provider_config_key].flat()) note(key);
    if (typeof body?.connection_id === "string")
      Object.assign(tags, nango.store.connectionsNamed(body.connection_id)[0]?.tags);
    Object.assign(tags, body?.tags);
  }
  const call = apiCallName(c.req.method, url.pathname);
  return { integrations: [...integrations], tags, call, method: c.req.method, path: url.pathname };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function bearerOf(c: Context<Env>): string {
  return c.req.header("authorization")?.replace(/^Bearer /i, "") ?? "";
}

/** Counts calls in windows of a minute. Gives the seconds to wait, 0 when the call may pass. */
function minuteLimiter(): (limit: number) => number {
  let windowEnds = 0;
  let used = 0;
  return (limit) => {
    const now = Date.now();
    if (now >= windowEnds) {
      windowEnds = now + 60_000;
      used = 0;
    }
    used += 1;
    return used > limit ? Math.max(1, Math.ceil((windowEnds - now) / 1000)) : 0;
  };
}
