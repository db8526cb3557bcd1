/** A Nango server that a command was told of: plain calls with its key, and errors as one line that shows nothing secret. */
import { nangoSettings } from "@/lib/env/nango";
import { Failed, UsageError } from "./command";

export type NangoServer = { base: string; key: string };

const PATIENCE = 15_000;

const bare = (base: string): string => base.replace(/\/+$/, "");

/** The address as it can be printed: one with a password or a query in it holds secrets. */
function addressOf(base: string): URL | null {
  const url = URL.canParse(base) ? new URL(base) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) return null;
  return url;
}

/**
 * Which server is meant: what the flags say, else the settings. The key of the settings is for their host alone.
 * @throws UsageError when a part is missing
 */
export function nangoServer(given: { base?: string | undefined; key?: string | undefined }): NangoServer {
  const { values } = nangoSettings(process.env);
  const own = values.NANGO_HOST ?? "https://api.nango.dev";
  const url = addressOf(given.base ?? own);
  if (!url) throw new UsageError("the base is no plain http(s) address");
  const elsewhere = given.base !== undefined && bare(url.href) !== bare(addressOf(own)?.href ?? "");
  if (elsewhere && given.key === undefined)
    throw new UsageError(
      "the base is not the host of your settings, whose key is not sent there: name its own key as well",
    );
  const key = given.key ?? values.NANGO_SECRET_KEY;
  if (!key) throw new UsageError("the key is missing, and NANGO_SECRET_KEY is not set");
  return { base: bare(url.href), key };
}

const hints: Record<number, string> = {
  401: "the key was refused",
  403: "the key may not do this",
  404: "there is no such thing there",
  429: "too many requests: try again later",
};

/** The short code of an error of Nango's. Its message is left out: it may repeat what was sent. */
function codeOf(text: string): string | null {
  try {
    const code = (JSON.parse(text) as { error?: { code?: unknown } }).error?.code;
    return typeof code === "string" && /^[a-z_]{1,60}$/.test(code) ? code : null;
  } catch {
    return null;
  }
}

/**
 * Makes one call.
 * @returns the parsed answer
 * @throws Failed with one line
 */
export async function askNango(
  { base, key }: NangoServer,
  call: { method: string; path: string; headers?: Record<string, string>; body?: unknown },
): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${base}${call.path}`, {
      method: call.method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(call.body !== undefined && { "content-type": "application/json" }),
        ...call.headers,
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    text = await response.text();
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
    throw new Failed(`${base} did not answer (${cause})`);
  }
  if (!response.ok) {
    const code = codeOf(text);
    const why = code ?? hints[response.status];
    throw new Failed(`refused with ${response.status}${why ? `: ${why}` : ""}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Failed(`${base} gave an answer that is no JSON: is it Nango's API?`);
  }
}
