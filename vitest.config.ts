import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Modules marked server-only resolve to their empty form, as they do for server components. "import" must not be among
// them: these conditions reach Node's require as well, which cannot load what is meant for import.
const conditions = ["react-server", "module", "node", "development|production"];

export default defineConfig({
  resolve: {
    alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") },
    conditions,
  },
  ssr: { resolve: { conditions } },
  test: {
    environment: "node",
    include: [
      "{app,components,lib,emulators,scripts}/**/*.test.{ts,tsx}",
      "tests/{integration,rls,contract,reliability,soak}/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**"],
    // One Postgres for the whole run; each test file has a database of its own in it.
    globalSetup: ["tests/support/global-database.ts"],
    // Long enough for a machine that is busy with something else: what is tested is never how fast it is.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Two cores: more workers only wait for each other.
    maxWorkers: 2,
    // graphile-worker does not wait for the calls that end a job. Where tests cut the database's wire, one of them may fail
    // unheard; in the worker, scripts/worker.ts hears it.
    onUnhandledError: (error) =>
      !(error.message === "Connection terminated unexpectedly" && /graphile-worker/.test(error.stack ?? "")),
  },
});
