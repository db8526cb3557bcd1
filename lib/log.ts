import "server-only";
import pino from "pino";
import { type Environment, env } from "@/lib/env";

/**
 * Threat: logs are read by more people than the database, and errors of HTTP clients carry request headers with keys.
 * Invariant: an error is logged by name, code, message and stack only, and every text is scrubbed of our secrets and of
 * whatever looks like a token. Guarded by lib/log.test.ts and the canary test in tests/integration/server-secrets.test.ts.
 */

const tokenShapes = [
  /nango_connect_session_[0-9a-f]+/g,
  /\b(?:sk|whsec|pby|sb_secret)_[A-Za-z0-9_-]{8,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*/g,
  /\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{6,}/gi,
  /(postgres(?:ql)?:\/\/[^:\s/]+:)[^@\s]+(@)/g,
];

function secretValues(settings: Environment): string[] {
  const { clerk, supabase, nango, panora, oauth } = settings;
  const values = [
    clerk.secretKey,
    clerk.webhookSigningSecret,
    supabase.secretKey,
    supabase.databaseUrl,
    nango.apiKey,
    nango.webhookSigningKey,
    nango.webhookSigningKeyPrevious,
    panora.api?.apiKey,
    ...oauth.encryptionKeys.map(({ secret }) => secret),
    ...Object.values(oauth.clients).map(({ clientSecret }) => clientSecret),
    settings.cronSecret,
    settings.metricsSecret,
  ];
  return values.filter((value): value is string => value !== undefined && value.length >= 6);
}

let known: string[] | undefined;
function knownSecrets(): string[] {
  if (known) return known;
  try {
    known = secretValues(env());
    return known;
  } catch {
    return []; // a log line about missing settings must still come out
  }
}

/** Takes secrets out of a text. */
export function scrub(text: string): string {
  let clean = text;
  for (const secret of knownSecrets()) clean = clean.replaceAll(secret, "[secret]");
  for (const shape of tokenShapes) {
    clean = clean.replace(shape, (match: string, ...groups: unknown[]) =>
      typeof groups[0] === "string" && match.includes("://")
        ? `${groups[0]}[secret]@`
        : match.startsWith("B") || match.startsWith("b")
          ? `${String(groups[0])} [secret]`
          : "[secret]",
    );
  }
  return clean;
}

type LoggedError = { type: string; code?: string; message: string; stack?: string; cause?: LoggedError };

/** What is worth knowing of an error, and nothing that it carries besides. */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)).slice(0, 500) };
  const code =
    "code" in error && (typeof error.code === "string" || typeof error.code === "number")
      ? String(error.code)
      : undefined;
  return {
    type: error.name,
    ...(code && { code }),
    message: scrub(error.message).slice(0, 1000),
    ...(error.stack && { stack: scrub(error.stack).slice(0, 4000) }),
    ...(error.cause !== undefined && depth < 4 && { cause: describeError(error.cause, depth + 1) }),
  };
}

/** Scrubbing takes time, so what is much too long is cut first; a secret that the cut went through is cut off with it. */
const LONGEST_LINE = 64_000;
const MARGIN = 1_000;

function tooLong(line: string): string {
  return `${JSON.stringify({ cut: scrub(line.slice(0, LONGEST_LINE)).slice(0, -MARGIN) })}\n`;
}

let logger: pino.Logger | undefined;

/** The process's log: JSON lines on stdout. Pass errors as `err`. */
export function log(): pino.Logger {
  if (logger) return logger;
  let level = "info";
  try {
    level = env().logLevel;
  } catch {
    // settings are missing or wrong: say so at the usual level
  }
  logger = pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: (error: unknown) => describeError(error) },
    hooks: { streamWrite: (line) => (line.length <= LONGEST_LINE ? scrub(line) : tooLong(line)) },
  });
  return logger;
}
