import { Logger, runOnce } from "graphile-worker";
import pg from "pg";
import postgres from "postgres";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import { registerIntegrations } from "@/emulators/nango/register-integrations";
import { registerConnectors } from "@/lib/catalogue/register";
import { resetEnv } from "@/lib/env";
import { tasks } from "@/lib/jobs/tasks";
import { startDatabaseWire } from "@/tests/support/database-wire";
import { openDataFixture } from "@/tests/support/tenants";
import { shiftDatabase } from "./clock";
import { manifestsOfShapes } from "./connectors";
import { startSimulatedNango } from "./nango";
import { peopleOf } from "./people";
import { startProvider } from "./provider";

/** Everything that the product of the simulation runs on: real Postgres, Nango and the providers as stand-ins. */
export type World = Awaited<ReturnType<typeof startWorld>>;

const APP_URL = "http://localhost:3999";
/** The name of this deployment in tags; see testSettings. */
export const INSTANCE = "test";

const silent = new Logger(() => () => {});

export async function startWorld() {
  const db = await openDataFixture();
  const provider = await startProvider();
  const nango = await startSimulatedNango((real) => {
    const { pathname, search } = new URL(real);
    return `${provider.url}${pathname}${search}`;
  });
  const wire = await startDatabaseWire(Number(new URL(db.databaseUrl).port));
  const wired = new URL(db.databaseUrl);
  wired.port = String(wire.port);
  const before = { ...process.env };
  Object.assign(process.env, {
    LOG_LEVEL: "silent",
    APP_URL,
    DATABASE_URL: wired.href,
    NANGO_HOST: nango.host,
    NANGO_SECRET_KEY: nango.apiKey,
    NANGO_WEBHOOK_SIGNING_KEY: nango.signingKey,
    NANGO_CONNECT_URL: nango.host,
    CRON_SECRET: "cron-secret-of-the-simulation",
    // A simulated day passes in seconds: the budget of a minute must not be what decides.
    NANGO_BACKGROUND_CALLS_PER_MINUTE: "10000",
    PROBE_BUDGET_PER_HOUR: "100000",
  });
  resetEnv();
  await registerIntegrations(nango, manifestsOfShapes(), (key) => ({ clientId: `client-${key}`, clientSecret: "s" }));
  await registerConnectors();
  // Past the wire: the simulation looks while the product cannot.
  const sql = postgres(db.databaseUrl, { max: 3, onnotice: () => {}, connection: { application_name: "simulation" } });
  // Kept between runs: signing in to Postgres costs more than most jobs.
  const queue = new pg.Pool({ connectionString: wired.href, max: 6, connectionTimeoutMillis: 5_000 });
  queue.on("error", () => {});
  queue.on("connect", (client) => client.on("error", () => {}));
  const runDue = () =>
    runOnce({ pgPool: queue, taskList: tasks, logger: silent, concurrency: 4, noHandleSignals: true });
  let elapsed = 0;
  let down = false;

  return {
    sql,
    nango,
    provider,
    people: peopleOf(db),
    /** Virtual time since the start, in milliseconds. */
    elapsed: () => elapsed,
    /** Whether the product's database is away. */
    down: () => down,
    cutDatabase() {
      down = true;
      wire.cut();
    },
    async mendDatabase(): Promise<void> {
      await wire.mend();
      down = false;
    },
    /** Lets time pass for everybody. */
    async pass(milliseconds: number): Promise<void> {
      elapsed += milliseconds;
      nango.shift(milliseconds);
      provider.shift(milliseconds);
      await shiftDatabase(sql, milliseconds);
    },
    deliver: (body: Uint8Array | string, headers: Record<string, string>) =>
      webhook(new Request(`${APP_URL}/api/webhooks/nango`, { method: "POST", body: Buffer.from(body), headers })),
    /** What the worker's clock does. */
    enqueue: async (task: string): Promise<void> => {
      await sql`select graphile_worker.add_job(${task}, job_key => ${task}, max_attempts => 3)`;
    },
    /** Works off what is due. */
    async runJobs(): Promise<void> {
      // Connections of the pool that were cut while they waited are found out one by one, when they are used.
      for (let tries = 0; ; tries++) {
        try {
          return await runDue();
        } catch (error) {
          if (down || tries > 8) throw error;
        }
      }
    },
    close: async () => {
      await wire.mend();
      await queue.end();
      await sql.end({ timeout: 2 });
      await db.close();
      await wire.close();
      await nango.close();
      await provider.close();
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      resetEnv();
    },
  };
}
