/**
 * npm run oauth:rotate
 *
 * Encrypts the tokens of direct connections anew, with the first key of OAUTH_ENCRYPTION_KEYS. Put the new key first and
 * keep the old ones behind it, restart the app, run this, and take the old ones out when it says that none is left.
 * It can be stopped (Ctrl-C, SIGTERM) and run again at any time, beside the running app. Exits with 1 when some could not
 * be done: those that were being renewed, or cannot be decrypted.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { closeSystemDb } from "@/lib/db/system";
import { rotateKeys } from "@/lib/oauth/rotate";

const file = join(import.meta.dirname, "..", ".env.local");
if (existsSync(file)) process.loadEnvFile(file);

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    console.log("Stopping after the batch that is under way.");
    stop.abort();
  });

try {
  const { rotated, left, unreadable } = await rotateKeys({
    signal: stop.signal,
    onBatch: (done) => console.log(`${done} encrypted anew`),
  });
  console.log(left === 0 ? `Done: ${rotated} encrypted anew, none left.` : `${rotated} encrypted anew, ${left} left.`);
  if (unreadable.length > 0)
    console.error(
      `The tokens of ${unreadable.length} connections cannot be decrypted: ${unreadable.join(", ")}. If a key was replaced ` +
        "by another of the same name, put the former one back and run this again. Otherwise they are damaged: have " +
        "these accounts signed in to again, or disconnect them, and then run this again before an old key is taken out.",
    );
  // What somebody was renewing at that moment is left: worth another run.
  process.exitCode = unreadable.length === 0 && (left === 0 || stop.signal.aborted) ? 0 : 1;
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : null;
  console.error(cause ?? (error instanceof Error ? error.message : error));
  process.exitCode = 1;
} finally {
  await closeSystemDb();
}
