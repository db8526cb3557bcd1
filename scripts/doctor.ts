/** `npm run doctor`: looks at a real set-up and says, a line each, what is right and what to do about the rest. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { EnvironmentError, parseEnvironment } from "@/lib/env";
import { checkClerk } from "./doctor/clerk";
import { checkDirect } from "./doctor/direct";
import { type Finding, fine, wrong } from "./doctor/finding";
import { checkNango, checkNangoNames } from "./doctor/nango";
import { checkPanora } from "./doctor/panora";
import { checkSupabase } from "./doctor/supabase";
import { checkWork } from "./doctor/work";
import { root } from "./product/paths";

const file = join(root, ".env.local");
if (existsSync(file)) process.loadEnvFile(file);

const findings: Finding[] = [];
const report = (found: Finding[]) => {
  for (const finding of found) {
    console.log(finding.ok ? `ok   ${finding.what}` : `FIX  ${finding.what}: ${finding.todo}`);
    findings.push(finding);
  }
};

try {
  const env = parseEnvironment(process.env);
  report(await checkClerk(env));
  report(await checkSupabase(env));
  report(checkNangoNames(process.env));
  report(env.nango.enabled ? await checkNango(env) : [fine("Nango: not used, by NANGO_ENABLED or for want of a key")]);
  report(await checkDirect(env));
  report(await checkPanora(env));
  report(await checkWork(process.argv.includes("--retry-jobs")));
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  report([wrong(error.message, "set them in .env.local or in your platform's settings")]);
}

const open = findings.filter((finding) => !finding.ok).length;
console.log(open ? `${open} to fix` : "all is well");
process.exit(open ? 1 : 0);
