/** What the commands that speak to a Nango server share: flags, help, exit codes, and that no key is ever shown. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { nangoSettings } from "@/lib/env/nango";

/** Wrong flags: ends with 2 and a pointer to --help. */
export class UsageError extends Error {}
/** What was asked for did not work: ends with 1. */
export class Failed extends Error {}

export type Flag = {
  /** What stands behind `=` in the help. */
  value: string;
  help: string;
  required?: boolean;
  /** The variable that it may come from instead. */
  variable?: string;
  /** What a value must look like. */
  pattern?: RegExp;
  /** Never shown, in whatever is printed. */
  secret?: boolean;
};

type Values<F extends Record<string, Flag>> = {
  [Name in keyof F]: F[Name] extends { required: true } ? string : string | undefined;
};

export type Out = {
  /** A line for people; left out with --json. */
  say(line: string): void;
  /** The result for programs; printed with --json only. */
  json(value: unknown): void;
};

/** An id as Nango takes it in a path or header. */
export const nangoId = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,255}$/;
/** The flags that say which Nango server is meant. */
export const serverFlags = {
  base: { value: "url", help: "address of Nango's API, with a key of its own; else both are those of .env.local" },
  key: {
    value: "key",
    help: "Nango's secret key; else that of .env.local",
    variable: "NANGO_SERVER_KEY",
    secret: true,
  },
} satisfies Record<string, Flag>;

function helpOf(command: string, about: string, flags: Record<string, Flag>): string {
  const rows = [
    ...Object.entries(flags).map(([name, { value, help, variable, required }]) => [
      `--${name}=<${value}>`,
      `${help}${variable ? `; or in ${variable}` : ""}${required ? "" : " (optional)"}`,
    ]),
    ["--json", "prints JSON for programs (optional)"],
    ["--help", "shows this"],
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  const lines = rows.map(([name = "", text]) => `  ${name.padEnd(width)}  ${text}`);
  return `npm run ${command} -- [flags]\n\n${about}\n\n${lines.join("\n")}\n\nEnds with 0 when it worked, 1 when it did not, and 2 for wrong flags.\n`;
}

function readFlags<F extends Record<string, Flag>>(flags: F, args: string[]) {
  try {
    return parseArgs({
      args,
      strict: true,
      options: {
        ...(Object.fromEntries(Object.keys(flags).map((name) => [name, { type: "string" }])) as Record<
          string,
          { type: "string" }
        >),
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values as Record<string, string | boolean | undefined>;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // Its words quote what is no flag of ours: that may be a key behind a space too many, or a sign too few.
    if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") throw new UsageError("every flag is written --name=value");
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION")
      throw new UsageError("there is a flag that this command does not have");
    throw new UsageError(message.split(/[.\n]/)[0]);
  }
}

/** @throws UsageError naming flags, never showing a value */
function checked<F extends Record<string, Flag>>(
  flags: F,
  given: Record<string, string | boolean | undefined>,
): Values<F> {
  const values: Record<string, string | undefined> = {};
  for (const [name, { required, variable, pattern }] of Object.entries(flags)) {
    const text = String(given[name] ?? "").trim() || (variable && process.env[variable]?.trim()) || undefined;
    if (required && text === undefined) throw new UsageError(`--${name} is missing`);
    if (text !== undefined && pattern && !pattern.test(text)) throw new UsageError(`--${name} does not look right`);
    values[name] = text;
  }
  return values as Values<F>;
}

/** Whatever is shorter is no key, and would be found in every other word. */
const SHORTEST_SECRET = 4;

const censored = (text: string, secrets: string[]) =>
  secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text);

function keysInSettings(): string[] {
  const { NANGO_HOST: _, NANGO_CONNECT_URL: __, ...keys } = nangoSettings(process.env).values;
  return Object.values(keys);
}

/** Runs a command to its end, and ends the process with 0, 1 or 2. */
export async function runCommand<F extends Record<string, Flag>>(
  command: string,
  about: string,
  flags: F,
  work: (values: Values<F>, out: Out) => Promise<void>,
): Promise<void> {
  const file = join(import.meta.dirname, "../..", ".env.local");
  if (existsSync(file)) process.loadEnvFile(file);
  process.env.LOG_LEVEL ??= "silent";
  const secrets = keysInSettings();
  const print = (stream: NodeJS.WriteStream, text: string) => stream.write(censored(text, secrets));
  let status = 0;
  try {
    const given = readFlags(flags, process.argv.slice(2));
    for (const [name, { secret, variable }] of Object.entries(flags))
      if (secret) secrets.push(String(given[name] ?? ""), (variable && process.env[variable]) ?? "");
    if (given.help === true) {
      process.stdout.write(helpOf(command, about, flags));
    } else {
      const asJson = given.json === true;
      await work(checked(flags, given), {
        say: (line) => asJson || print(process.stdout, `${line}\n`),
        json: (value) => asJson && print(process.stdout, `${JSON.stringify(value, null, 2)}\n`),
      });
    }
  } catch (error) {
    status = error instanceof UsageError ? 2 : 1;
    const said = error instanceof Error ? error.message : String(error);
    print(process.stderr, status === 2 ? `${said}. See npm run ${command} -- --help\n` : `${said}\n`);
  }
  // Not before all of it is written: a pipe takes its time.
  process.stdout.write("", () => process.exit(status));
}

/** A table of texts under its headings. */
export function table(headings: string[], rows: string[][]): string {
  const widths = headings.map((heading, at) => Math.max(heading.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [headings, widths.map((width) => "-".repeat(width)), ...rows]
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
