/**
 * Runs the whole product on this machine: the embedded stack, the app and its worker, until it is told to stop.
 * `npm run demo`, `npm run dev` and the browser tests all start it here.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { twilioAccount } from "@/emulators/providers/accounts";
import { startStack } from "@/emulators/stack";
import { manifests } from "@/lib/catalogue/manifests";
import { buildIfNeeded } from "./build";
import { endLeftovers, noteChild, noteRun } from "./leftovers";
import { root, scriptArguments } from "./paths";
import { checkStateFolder, claimPort, resetStateFolder } from "./preflight";
import { type Child, startChild } from "./processes";
import { readMix } from "./stand-ins";
import { StartError } from "./start-error";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "3000" },
    reset: { type: "boolean", default: false },
    dev: { type: "boolean", default: false },
    /** Use the real services whose keys are in .env.local. */
    real: { type: "boolean", default: false },
    state: { type: "string", default: ".stack" },
    dist: { type: "string", default: ".next" },
  },
});

const say = (line: string) => console.log(`  ${line}`);
const stops: (() => Promise<void>)[] = [];
let stopping: Promise<void> | undefined;

/** Ends everything that was started, the last first; later calls wait for the first. */
function stop(status: number): Promise<void> {
  stopping ??= (async () => {
    for (const end of stops.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        console.error(`  while stopping: ${(error as Error).message}`);
        process.exitCode = 1;
      }
    }
    process.exit(process.exitCode ?? status);
  })();
  return stopping;
}

process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));
process.on("SIGHUP", () => void stop(0));
// A parent that was killed cannot pass on a signal; nothing may be left behind then either.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && void stop(0), 1_000).unref();

try {
  await run();
} catch (error) {
  console.error(error instanceof StartError ? `\n${error.message}` : error);
  await stop(1);
}

async function run() {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new StartError(`--port takes a number from 0 to 65535, not "${options.port}".`);
  }
  const stateDir = isAbsolute(options.state) ? options.state : join(root, options.state);
  await endLeftovers(stateDir);
  if (options.reset) resetStateFolder(stateDir);
  checkStateFolder(stateDir);
  stops.push(noteRun(stateDir));
  const appPort = await claimPort(port);
  const appUrl = `http://localhost:${appPort}`;
  const envFile = join(root, ".env.local");
  const ownEnv = options.real && existsSync(envFile) ? parseEnv(readFileSync(envFile, "utf8")) : {};
  const mix = readMix(ownEnv);

  const built = options.dev ? Promise.resolve(false) : buildIfNeeded(options.dist);
  if (!options.dev) say("Building the app if its sources changed (a minute at the first start) …");
  built.catch(() => {}); // Awaited below; until then a failure must not count as unhandled.

  const stack = await startStack({
    appUrl,
    stateDir,
    manifests: [...manifests.values()],
    onProgress: say,
    ...mix,
  });
  stops.push(() => stack.close());
  say((await built) ? "The app is built" : "The app is ready to start");
  if (stopping) return;

  const env = {
    ...process.env,
    ...ownEnv,
    ...stack.appEnv,
    ...(ownEnv.REDIRECT_URIS && { REDIRECT_URIS: ownEnv.REDIRECT_URIS }),
    NODE_ENV: options.dev ? "development" : "production",
    NEXT_DIST_DIR: options.dev ? ".next-dev" : options.dist,
    NEXT_TELEMETRY_DISABLED: "1",
  } as NodeJS.ProcessEnv;
  const child = (name: string, args: string[], log: string | null): Child => {
    const started = startChild({
      name,
      command: process.execPath,
      args,
      env,
      cwd: root,
      log,
      onUnexpectedExit: (who, code) => {
        console.error(`\nThe ${who} ended by itself (${code ?? "signal"}).${log ? ` Its output is in ${log}.` : ""}`);
        void stop(1);
      },
    });
    stops.push(() => started.stop());
    noteChild(stateDir, started.process.pid);
    return started;
  };

  await once("register connectors", env, [...scriptArguments, "scripts/register-connectors.ts"]);
  say(`${manifests.size} connectors are registered`);
  child("worker", [...scriptArguments, "scripts/worker.ts"], join(stateDir, "worker.log"));
  child(
    "app",
    // The host must be the one in APP_URL: Next takes a rewrite to any other name of this machine for another host.
    ["node_modules/next/dist/bin/next", options.dev ? "dev" : "start", "-p", String(appPort), "-H", "localhost"],
    options.dev ? null : join(stateDir, "app.log"),
  );
  await answers(`${appUrl}/api/health`);

  const file = join(stateDir, "stack.json");
  writeFileSync(file, `${JSON.stringify(stack.description, null, 2)}\n`, { mode: 0o600 });
  stops.push(async () => rmSync(file, { force: true }));
  // For tests and the bench: what steers the stand-ins, and the settings under which the app runs.
  writeFileSync(join(stateDir, "controls.json"), JSON.stringify(stack.controls), { mode: 0o600 });
  const appEnv = { ...stack.appEnv, NEXT_DIST_DIR: env.NEXT_DIST_DIR };
  writeFileSync(join(stateDir, "app-env.json"), JSON.stringify(appEnv), { mode: 0o600 });

  console.log(`\n  ${appUrl}\n`);
  const width = Math.max(...stack.description.people.map((person) => person.email.length), 0);
  for (const person of stack.description.people) {
    const where = person.organizations.map(({ slug, role }) => `${role.replace("org:", "")} of ${slug}`).join(", ");
    console.log(`  ${person.email.padEnd(width)}  ${person.password}  ${where || "no organisation"}`);
  }
  if (mix.standIns.nango) {
    console.log(`
  To connect Twilio: account SID ${twilioAccount.accountSid}, auth token ${twilioAccount.authToken}
  Everywhere else any key or password will do; one that begins with "bad" is refused.`);
  }
  console.log(`\nready: open ${appUrl} (Ctrl-C stops everything)`);
}

/** Runs a script to its end. */
function once(name: string, env: NodeJS.ProcessEnv, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = startChild({
      name,
      command: process.execPath,
      args,
      env,
      cwd: root,
      log: null,
      onUnexpectedExit: (_, code) =>
        code === 0 ? resolve() : reject(new StartError(`Could not ${name}: see the lines above.`)),
    });
    stops.push(() => script.stop());
  });
}

/** Waits until the address answers with success; the app compiles on its first request in development. */
async function answers(url: string): Promise<void> {
  const deadline = Date.now() + 90_000;
  let last = "no answer";
  while (Date.now() < deadline && !stopping) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
      if (response.ok) return;
      last = `status ${response.status}`;
    } catch (error) {
      const cause = (error as Error).cause;
      last = (cause instanceof Error ? cause : (error as Error)).message;
      // Some ports belong to other protocols, and no browser opens them either.
      if (last === "bad port") throw new StartError(`Browsers refuse to open ${url}: take another --port.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new StartError(
    `The app did not answer at ${url} within 90 s (${last}): its output is in the state folder's app.log.`,
  );
}
