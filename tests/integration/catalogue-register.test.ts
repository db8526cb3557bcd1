import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifests } from "@/lib/catalogue/manifests";
import { registerConnectors } from "@/lib/catalogue/register";
import { closeSystemDb } from "@/lib/db/system";
import { openTestDatabase, type TestDatabase } from "@/tests/support/database";
import { settings } from "@/tests/support/settings";

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
  // One file, one process: lib/env reads its settings on first use.
  Object.assign(process.env, settings({ ...db.environment, NANGO_INTEGRATION_KEYS: '{"github":"github-prod"}' }));
});
afterAll(async () => {
  await closeSystemDb();
  await db.close();
});

describe("registering the connectors", () => {
  it("adds every manifest, and running it twice changes nothing", async () => {
    // The first run may unlist what a seed put there; the second has nothing left to do.
    expect((await registerConnectors()).changed).toBeGreaterThanOrEqual(manifests.size);
    const before = await db.sql`select slug, version, manifest_hash, updated_at from connectors order by slug`;
    expect(before.map((row) => row.slug)).toEqual([...manifests.keys()].sort());

    expect(await registerConnectors()).toEqual({ changed: 0 });
    expect(await db.sql`select slug, version, manifest_hash, updated_at from connectors order by slug`).toEqual(before);
  });

  it("writes the version, the provider and the integration key that holds for this deployment", async () => {
    const rows = await db.sql`select slug, version, auth_mode, provider_key, integration_key, listed from connectors
      where slug in ('github', 'gmail', 'when2meet') order by slug`;
    expect(rows).toEqual([
      expect.objectContaining({ slug: "github", auth_mode: "OAUTH2", integration_key: "github-prod", listed: true }),
      expect.objectContaining({ slug: "gmail", provider_key: "google-mail", integration_key: "gmail" }),
      expect.objectContaining({ slug: "when2meet", auth_mode: null, provider_key: null, integration_key: null }),
    ]);
  });

  it("puts right what differs, and only that", async () => {
    await db.sql`update connectors set manifest_hash = 'another', name = 'Old name' where slug = 'slack'`;
    expect(await registerConnectors()).toEqual({ changed: 1 });
    expect((await db.sql`select name from connectors where slug = 'slack'`)[0]?.name).toBe("Slack");
  });

  it("unlists a connector whose manifest is gone, and keeps its row", async () => {
    await db.sql`insert into connectors (slug, name, category, status, version, manifest, manifest_hash)
      values ('gone', 'Gone', 'crm', 'stable', '1.0.0', '{}', 'x')`;
    expect(await registerConnectors()).toEqual({ changed: 1 });
    expect((await db.sql`select listed from connectors where slug = 'gone'`)[0]?.listed).toBe(false);
  });
});
