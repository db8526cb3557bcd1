import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";

const VENDOR_FOLDER = join(dirname(fileURLToPath(import.meta.url)), "vendor");

const INSTALL_HINT = "npm ci --ignore-scripts --legacy-peer-deps --prefix emulators/clerk/vendor";

const PACKAGES = { "clerk-js": "clerk.browser.js", ui: "ui.browser.js" } as const;

/** Whether the browser bundles are installed; whoever starts a stack runs `npm ci` in the vendor folder if not. */
function clerkBundlesInstalled(): boolean {
  return Object.entries(PACKAGES).every(([name, entry]) => existsSync(join(distFolder(name), entry)));
}

/**
 * Serves `/npm/@clerk/<package>@<any version>/dist/<file>`, the form in which Clerk's SDK asks for its scripts. The
 * version asked for is ignored: the one that is installed is the one that was tested.
 */
export function bundleRoutes(): Hono {
  const app = new Hono();
  app.get("/npm/*", async (c) => {
    const [, name, file] = /^\/npm\/@clerk\/(clerk-js|ui)@[^/]*\/dist\/([\w.-]+\.js)$/.exec(c.req.path) ?? [];
    // One file name without a slash, never a path: nothing outside the dist folder can be named.
    if (!name || !file) return c.notFound();
    const script = await readFile(join(distFolder(name), file)).catch(() => null);
    if (!script) {
      if (clerkBundlesInstalled()) return c.notFound();
      return c.text(`Clerk's browser bundles are not installed. Run: ${INSTALL_HINT}`, 503);
    }
    // Chunks carry a hash in their name, the two entries do not.
    const isEntry = Object.values<string>(PACKAGES).includes(file);
    return c.body(new Uint8Array(script), 200, {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": isEntry ? "public, max-age=300" : "public, max-age=31536000, immutable",
    });
  });
  return app;
}

function distFolder(name: string): string {
  return join(VENDOR_FOLDER, "node_modules", "@clerk", name, "dist");
}
