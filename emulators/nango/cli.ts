import { parseArgs } from "node:util";
import { startNango } from "./start";

/**
 * Runs the stand-in alone: `npm run -s emulator:nango -- --port 4700 --empty --webhook-url http://…/hook`.
 * Prints one line of JSON when it listens, and stops on SIGINT or SIGTERM.
 */
const { values } = parseArgs({
  options: {
    port: { type: "string" },
    "connect-ui-port": { type: "string" },
    /** Starts with no integrations, which is also how it starts without a state folder. */
    empty: { type: "boolean", default: false },
    "state-dir": { type: "string" },
    "webhook-url": { type: "string" },
    "api-key": { type: "string" },
    "signing-key": { type: "string" },
  },
});

const stateDir = values.empty ? undefined : values["state-dir"];
try {
  const nango = await startNango({
    ...(values.port ? { port: Number(values.port) } : {}),
    ...(values["connect-ui-port"] ? { connectUiPort: Number(values["connect-ui-port"]) } : {}),
    ...(stateDir ? { stateDir } : {}),
    ...(values["webhook-url"] ? { webhookUrl: values["webhook-url"] } : {}),
    ...(values["api-key"] ? { apiKey: values["api-key"] } : {}),
    ...(values["signing-key"] ? { webhookSigningKey: values["signing-key"] } : {}),
  });
  const stop = () => void nango.close().then(() => process.exit(0));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  // npm does not hand every signal on: when it is gone, nobody is left who could stop this.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && stop(), 300).unref();
  const { host, apiKey, webhookSigningKey, connectUrl, control } = nango;
  process.stdout.write(`${JSON.stringify({ host, apiKey, webhookSigningKey, connectUrl, control })}\n`);
} catch (error) {
  const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  const why = taken ? `Port ${values.port} is in use: choose another with --port.` : String(error);
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
