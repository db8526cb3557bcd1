import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";

/** Where `npm ci` of the browser bundles runs. */
export const VENDOR_FOLDER = join(dirname(fileURLToPath(import.meta.url)), "vendor");

/** Arguments for npm that install the bundles; a plain array, so that any launcher can spawn it. */
export const INSTALL_ARGUMENTS = ["ci", "--ignore-scripts", "--legacy-peer-deps", "--prefix", VENDOR_FOLDER];

const PACKAGES = { "clerk-js": "clerk.browser.js", ui: "ui.browser.js" } as const;

/** Whether the browser bundles are installed. */
export function clerkBundlesInstalled(): boolean {
  return Object.entries(PACKAGES).every(([name, entry]) => existsSync(join(distFolder(name), entry)));
}

/**
 * Serves `/npm/@clerk/<package>@<any version>/dist/<file>`, the form in which Clerk's SDK asks for its scripts. The
 * version asked for is ignored: the one that is installed is the one that was tested.
 */
export function bundleRoutes(): Hono {
  const app = new Hono();
  app.get("/npm/*", async (c) => {
    const path = /^\/npm\/@clerk\/(clerk-js|ui)@[^/]*\/dist\/([\w.-]+\.js)$/.exec(c.req.path);
    // One file name without a slash, never a path: nothing outside the dist folder can be named.
    if (!path?.[1] || !path[2]) return c.notFound();
    const script = await readFile(join(distFolder(path[1]), path[2])).catch(() => null);
    if (!script) return c.notFound();
    return c.body(new Uint8Array(script), 200, {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=86400",
    });
  });
  return app;
}

function distFolder(name: string): string {
  return join(VENDOR_FOLDER, "node_modules", "@clerk", name, "dist");
}
