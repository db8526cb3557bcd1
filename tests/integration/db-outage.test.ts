import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bootstrap } from "@/emulators/supabase/bootstrap";
import { freePort, startPostgres } from "@/emulators/supabase/postgres-server";
import { recordDeliveries } from "@/lib/db/deliveries";
import { databaseAnswers } from "@/lib/db/health";
import { closeSystemDb } from "@/lib/db/system";
import { resetEnv } from "@/lib/env";
import { migrate } from "@/scripts/migrate";
import { testSettings } from "../support/tenants";

let stateDir: string;
let port: number;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "patchbay-outage-"));
  await chmod(stateDir, 0o711);
  port = await freePort();
});
afterAll(async () => {
  await closeSystemDb();
  await rm(stateDir, { recursive: true, force: true });
});

const item = (n: number) => ({
  sha256: n.toString(16).padStart(64, "0"),
  body: Buffer.from(String(n)),
  type: "auth",
  operation: null,
  integrationKey: null,
  connectionId: null,
});

it("a database that goes away is said so within seconds, and used again as soon as it is back", async () => {
  let server = await startPostgres({ stateDir, port });
  try {
    await bootstrap(server.url("supabase_admin"), server.password);
    await migrate(server.url("postgres"));
    Object.assign(process.env, testSettings, {
      DATABASE_URL: server.url("postgres"),
      SUPABASE_URL: "http://127.0.0.1:1",
      SUPABASE_PUBLISHABLE_KEY: "sb_publishable_standin_x",
    });
    resetEnv();
    expect(await databaseAnswers()).toBe(true);
    expect(await recordDeliveries([item(1)])).toMatchObject([{ outcome: "stored" }]);

    await server.close();
    const since = Date.now();
    for (let n = 2; n < 8; n += 1) {
      await expect(recordDeliveries([item(n)])).rejects.toMatchObject({ code: "database_unavailable" });
    }
    expect(Date.now() - since).toBeLessThan(5000);
    expect(await databaseAnswers()).toBe(false);

    server = await startPostgres({ stateDir, port });
    await expect.poll(() => databaseAnswers(), { timeout: 3000 }).toBe(true);
    expect(await recordDeliveries([item(1), item(2)])).toMatchObject([{ outcome: "known" }, { outcome: "stored" }]);
  } finally {
    await closeSystemDb();
    await server.close();
  }
});
