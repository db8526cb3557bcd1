import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: { "@": fileURLToPath(new URL("file:///work/main/")).replace(/\/$/, "") },
    // Modules marked server-only resolve to their empty form, as they do for server components.
    conditions: ["react-server"],
  },
  ssr: { resolve: { conditions: ["react-server"] } },
  root: "/work/main",
  test: {
    environment: "node",
    include: [
      "{app,components,lib,emulators,scripts}/**/*.test.{ts,tsx}",
      "tests/{integration,rls,contract}/**/*.test.ts",
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores: more workers only wait for each other.
    maxWorkers: 2,
  },
});
