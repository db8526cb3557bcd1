import { Hono } from "hono";
import { NangoFault } from "../answers";
import { watchCalls } from "../control/watch";
import type { App, Env, Standin } from "../standin";
import { connectionRoutes } from "./connections";
import { credentialRoutes } from "./credentials";
import { environmentRoutes } from "./environment";
import { forwardRoutes } from "./forward";
import { integrationRoutes } from "./integrations";
import { oauthRoutes } from "./oauth";
import { providerRoutes } from "./providers";
import { proxyRoutes } from "./proxy";
import { sessionRoutes } from "./sessions";

/** The API as apps, SDKs and the Connect UI call it. */
export function createApi(nango: Standin): App {
  const app = new Hono<Env>();
  app.use(watchCalls(nango));
  app.get("/favicon.ico", (c) => c.body(null, 204));
  app.get("/health", (c) => c.json({ result: "ok" }));
  sessionRoutes(app, nango);
  integrationRoutes(app, nango);
  providerRoutes(app, nango);
  connectionRoutes(app, nango);
  credentialRoutes(app, nango);
  oauthRoutes(app, nango);
  proxyRoutes(app, nango);
  forwardRoutes(app, nango);
  environmentRoutes(app, nango);
  app.notFound((c) => c.json({ error: { code: "not_found", message: "Not found" } }, 404));
  app.onError((error, c) => {
    if (error instanceof NangoFault) return c.json(error.body(), error.status);
    console.error(error);
    return c.json({ error: { code: "server_error", message: "Something went wrong." } }, 500);
  });
  return app;
}
