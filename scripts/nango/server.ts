/** A Nango server that a command was told of: plain calls with its key, and errors as one line that shows nothing secret. */
import { nangoSettings } from "@/lib/env/nango";
import { Failed, UsageError } from "./command";

export type NangoServer = { base: string; key: string };

const PATIENCE = 15_000;

/** Which server is meant: what the flags say, else the settings. @throws UsageError when either part is missing */
export function nangoServer(given: { base?: string | undefined; key?: string | undefined }): NangoServer {
  const { values } = nangoSettings(process.env);
  const base = given.base ?? values.NANGO_HOST ?? "https://api.nango.dev";
  const key = given.key ?? values.NANGO_SECRET_KEY;
  if (!/^https?:\/\//.test(base) || !URL.canParse(base)) throw new UsageError("--base is no http(s) address");
  if (!key) throw new UsageError("--key is missing, and NANGO_SECRET_KEY is not set");
  return { base: base.replace(/\/+$/, ""), key };
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
