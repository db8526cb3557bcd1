/**
 * Makes our copy equal Nango's, to the end: `npm run reconcile`. Goes on with a sweep that was stopped, and waits where the
 * budget of background calls says so.
 *
 *   --json          prints the report as JSON, with the most memory that this process held, in bytes
 *   --accept-gone   buries as many connections as Nango no longer has, even if they are most of them
 *   --import <Nango's connection id> --owner <id> --connector <slug> --by <user id>
 *                   registers a connection that was made at Nango without us
 *
 * Ends with 1 when it could not be finished: the brake, Nango, the database, or another sweep that is at work.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { closeSystemDb } from "@/lib/db/system";
import { EnvironmentError } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { scrub } from "@/lib/log";
import { type ReconcileReport, reconcile } from "@/lib/webhooks/reconcile";

// Imports stay few: a sweep of any size runs within 200 MB.
const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    "accept-gone": { type: "boolean", default: false },
    import: { type: "string" },
    owner: { type: "string" },
    connector: { type: "string" },
    by: { type: "string" },
  },
});

const file = join(import.meta.dirname, "..", ".env.local");
if (existsSync(file)) process.loadEnvFile(file);
// The report goes to the output alone, so that it can be read by programs.
process.env.LOG_LEVEL ??= "silent";

const say = (line: string) => {
  if (!flags.json) process.stdout.write(`${line}\n`);
};

/** A pause that only time ends; any other is for somebody to look at. */
const waits = new Set(["budget_used_up", "nango_rate_limited", "out_of_time"]);

async function sweep(): Promise<ReconcileReport> {
  for (;;) {
    const report = await reconcile({ acceptGone: flags["accept-gone"] });
    if (report.status !== "paused" || !waits.has(report.code ?? "")) return report;
    const wait = Math.max(1_000, Date.parse(report.next ?? "") - Date.now());
    say(`${report.seen} seen; waiting ${Math.ceil(wait / 1000)} s (${report.code})`);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function print(report: ReconcileReport): void {
  const memory = process.resourceUsage().maxRSS * 1024;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...report, max_rss_bytes: memory })}\n`);
    return;
  }
  const done = Object.entries(report.healed).filter(([, count]) => count > 0);
  say(`${report.status}${report.code ? ` (${report.code})` : ""}`);
  say(`  listed by Nango ${report.seen}, read one by one ${report.checked}, calls ${report.calls}`);
  say(
    `  ${done.length ? done.map(([name, count]) => `${name.replaceAll("_", " ")} ${count}`).join(", ") : "nothing to heal"}`,
  );
  if (report.failed) say(`  could not be read: ${report.failed}, left to the next sweep`);
  if (report.status === "braked")
    say(
      "  Nango no longer has many of the connections. Is NANGO_SECRET_KEY of the right environment? If so: --accept-gone",
    );
  if (report.status === "busy") say("  another process is at it");
}

async function importOne(connectionId: string): Promise<boolean> {
  const { owner, connector, by } = flags;
  if (!owner || !connector || !by) throw new Error("--import needs --owner, --connector and --by");
  const [{ manifests }, { integrationKey }, { importFromNango }] = await Promise.all([
    import("@/lib/catalogue/manifests"),
    import("@/lib/catalogue/integration-key"),
    import("@/lib/webhooks/reconcile-import"),
  ]);
  const manifest = manifests.get(connector);
  const key = manifest ? integrationKey(manifest) : null;
  if (key === null) throw new AppError("unknown_connector");
  const id = await importFromNango({ connectionId, integrationKey: key, ownerId: owner, connector, by });
  process.stdout.write(flags.json ? `${JSON.stringify({ connection_id: id })}\n` : `imported as ${id}\n`);
  return true;
}

async function main(): Promise<boolean> {
  if (flags.import !== undefined) return importOne(flags.import);
  const report = await sweep();
  print(report);
  return report.status === "done";
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  const known = error instanceof AppError || error instanceof EnvironmentError;
  const code = error instanceof AppError ? `${error.code}: ` : "";
  process.stderr.write(`${code}${scrub(known || error instanceof Error ? (error as Error).message : String(error))}\n`);
  process.exitCode = 1;
}
await closeSystemDb();
// Connections to Nango are kept alive for calls that do not come.
process.exit();
