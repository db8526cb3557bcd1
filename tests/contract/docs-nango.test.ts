import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifests } from "@/lib/catalogue/manifests";
import { nangoAliases, nangoNames } from "@/lib/env/nango";
import { startApiServer } from "@/tests/support/api-server";
import { runExamples } from "@/tests/support/doc-examples";
import type { SignedIn } from "@/tests/support/people";
import { APP_URL } from "@/tests/support/server";
import { openUnifiedWorld, type UnifiedWorld } from "../integration/unified-world";

let world: UnifiedWorld;
let api: Awaited<ReturnType<typeof startApiServer>>;
let ada: SignedIn;

beforeAll(async () => {
  world = await openUnifiedWorld();
  api = await startApiServer(APP_URL);
  ada = await world.server.signIn("ada@acme.test", "acme");
  await world.connect(ada, "hubspot");
});
afterAll(async () => {
  await api?.close();
  await world?.close();
});

describe("docs/nango.md", () => {
  it("has examples that work", async () => {
    const { key } = await world.keys.made(ada, ["actions:run:*"]);
    const settings = Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const env = { ...settings, NODE_OPTIONS: "", PATCHBAY_URL: api.url, PATCHBAY_KEY: key, OWNER: ada.ownerId };
    expect(await runExamples("docs/nango.md", env)).toBe(8);
  });

  it("names the scopes that the connectors ask for", async () => {
    const page = await readFile("docs/nango.md", "utf8");
    for (const slug of ["gmail", "google-calendar", "google-drive", "google-sheets", "slack", "hubspot"]) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${slug}\` `));
      const [, ...scopes] = [...(row ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1]);
      expect(scopes, slug).toEqual(manifests.get(slug)?.oauth?.default_scopes);
    }
  });

  it("names every setting of Nango's, and each of its other names", async () => {
    const page = await readFile("docs/nango.md", "utf8");
    for (const name of [...Object.keys(nangoNames), ...nangoAliases]) expect(page).toContain(`\`${name}\``);
  });
});
