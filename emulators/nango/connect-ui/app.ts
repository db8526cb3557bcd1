import { readFileSync } from "node:fs";
import { Hono } from "hono";
import type { Standin } from "../standin";

const CONTENT_TYPES: Record<string, string> = { js: "text/javascript", css: "text/css", html: "text/html" };
const FILES = [
  "index.html",
  "connect.css",
  "main.js",
  "dom.js",
  "fields.js",
  "form.js",
  "host-page.js",
  "integration-view.js",
  "nango-api.js",
  "screen.js",
  "sign-in-window.js",
  "words.js",
] as const;
/** How long a frame's question about its popup is held open. */
const HOLD_MS = 20_000;

/**
 * The Connect UI, on an origin of its own: static files that run in the browser as they are, and one question that
 * the frame asks while its popup is at the provider. Everything else it asks of the API.
 */
export function createConnectUi(nango: Standin): Hono {
  const files = new Map(
    FILES.map((name) => [name as string, readFileSync(new URL(`browser/${name}`, import.meta.url), "utf8")]),
  );
  const app = new Hono();

  app.use(async (c, next) => {
    await next();
    c.header("x-content-type-options", "nosniff");
    c.header("referrer-policy", "no-referrer");
    c.header("cache-control", "no-store");
    c.header(
      "content-security-policy",
      // Any page may frame it, as at Nango: what protects it is that it only ever acts on a session token.
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' ${nango.host}; connect-src 'self' ${nango.host}; base-uri 'none'; form-action 'none'`,
    );
  });

  app.get("/flows/:flow", async (c) => {
    const outcome = await nango.flows.outcome(c.req.param("flow"), HOLD_MS, c.req.raw.signal);
    return outcome ? c.json(outcome) : c.body(null, 204);
  });

  app.get("/favicon.ico", (c) => c.body(null, 204));
  app.get("/:file?", (c) => {
    const name = c.req.param("file") ?? "index.html";
    const body = files.get(name);
    if (body === undefined) return c.notFound();
    return c.body(body, 200, { "content-type": `${CONTENT_TYPES[name.split(".").pop() ?? ""]}; charset=utf-8` });
  });
  return app;
}
