/**
 * Has deliveries looked into again: `npm run deliveries:replay -- …`. Their jobs are worked off by the worker or the cron
 * route, and what they find is applied as ever: by asking Nango, never from the delivery itself.
 *
 *   --id <id>          one delivery; may be given several times
 *   --parked           all that are parked
 *   --reason <code>    all that ended for this reason, such as gave_up or unknown_type; with --parked: of the parked ones
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ReplayFilter, replayDeliveries } from "@/lib/db/deliveries";
import { closeSystemDb } from "@/lib/db/system";
import { scrub } from "@/lib/log";

const { values: flags } = parseArgs({
  options: {
    id: { type: "string", multiple: true },
    parked: { type: "boolean", default: false },
    reason: { type: "string" },
  },
});
const file = join(import.meta.dirname, "..", ".env.local");
if (existsSync(file)) process.loadEnvFile(file);

function filterOf(): ReplayFilter {
  const { id, parked, reason } = flags;
  if (id?.length) {
    if (!id.every((text) => /^[1-9]\d{0,17}$/.test(text))) throw new Error("an id is a number");
    return { ids: id };
  }
  if (!parked && reason === undefined) throw new Error("say which: --id, --parked or --reason");
  return { ...(parked && { verdict: "parked" as const }), ...(reason !== undefined && { reason }) };
}

try {
  const count = await replayDeliveries(filterOf());
  process.stdout.write(`${count} to be looked into again\n`);
} catch (error) {
  process.stderr.write(`${scrub(error instanceof Error ? error.message : String(error))}\n`);
  process.exitCode = 1;
}
await closeSystemDb();
