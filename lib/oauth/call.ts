import "server-only";
import { brand } from "@/brand";
import { takingLonger, timeLeft } from "@/lib/deadline";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { isSafeEndpoint, isSafeHeader, leave, type ProxyAnswer, type ProxyCall } from "@/lib/nango/proxy";
import { providerOf } from "./clients";
import { reach } from "./hosts";
import { limitedText } from "./limited-text";
import { lookUp } from "./look-up";
import type { DirectProvider } from "./providers";
import { freshToken, renewToken, type Token } from "./refresh";
import { fillEndpoint } from "./templates";

/**
 * Threat: an endpoint or header that sends a token to another host, or reads it back.
 * Invariant: the base address is the manifest's and nothing else, filled in as lib/oauth/templates.ts lets it be; endpoints
 * are relative, without `..`, `||` or, once filled in, `${`; no header steers, none but ours authenticates; no redirect is
 * followed. The answer is bounded in time and size.
 * Guarded by tests/integration/direct-calls.test.ts and lib/nango/proxy.test.ts.
 */

const TIMEOUT = 10_000;
const MAX_BYTES = 5 * 1024 * 1024;

type DirectCall = Omit<ProxyCall, "integrationKey" | "connectionId">;

/** The address of a call; null when it would leave the provider's. */
export function addressOf(baseUrl: string, endpoint: string): string | null {
  if (!isSafeEndpoint(endpoint, "caller")) return null;
  const base = new URL(baseUrl);
  const url = new URL(`${baseUrl}${endpoint}`);
  const inside = url.origin === base.origin && `${url.pathname}/`.startsWith(base.pathname.replace(/\/*$/, "/"));
  return inside && url.username === "" ? url.href : null;
}

/** Some want to know who calls, and whom to ask about it. */
const userAgent = (): string => `${brand.name.replace(/[^\x20-\x7e]|[()]/g, "")} (${new URL(env().appUrl).origin})`;

function headersOf(call: DirectCall, provider: DirectProvider, token: string): Headers {
  const headers = new Headers({ accept: "application/json", "user-agent": userAgent() });
  if (call.body != null && typeof call.body !== "string") headers.set("content-type", "application/json");
  for (const [name, value] of Object.entries(call.headers ?? {})) headers.set(name, value);
  headers.set("authorization", `Bearer ${token}`);
  for (const [name, value] of Object.entries(provider.settings.api_headers)) {
    headers.set(
      name,
      value.replace(/\$\{accessToken\}/g, () => token),
    );
  }
  return headers;
}

/** Whatever fails is reported by its name alone: the messages of a header or a call that cannot be made quote it. */
async function send(url: string, call: DirectCall, provider: DirectProvider, token: string): Promise<ProxyAnswer> {
  leave(call);
  try {
    const response = await fetch(reach(url), {
      method: call.method,
      headers: headersOf(call, provider, token),
      ...(call.body != null &&
        call.method !== "GET" && { body: typeof call.body === "string" ? call.body : JSON.stringify(call.body) }),
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(timeLeft(call.patience ?? TIMEOUT)),
    });
    const text = await limitedText(response, MAX_BYTES);
    const wait = Number(response.headers.get("retry-after"));
    const retryAfter = wait > 0 ? Math.min(wait, 3600) : null;
    return { kind: "answer", status: response.status, body: parsed(text), ...(retryAfter !== null && { retryAfter }) };
  } catch (error) {
    const why = error instanceof Error ? error.name : "no answer";
    throw new AppError("direct_unreachable", { cause: new Error(`${call.method} at the provider: ${why}`) });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Calls a provider with a direct connection's token, as lib/nango/proxy does through Nango. A token that is over is
 * renewed first, and one that is refused is renewed once.
 * @returns the provider's answer, or why it was not asked
 * @throws AppError direct_unreachable, connector_not_configured, misconfigured, database_unavailable
 */
export async function callDirect(
  connection: { id: string; connector: string },
  call: DirectCall,
): Promise<ProxyAnswer> {
  const headersAreSafe = Object.entries(call.headers ?? {}).every(([name, value]) => isSafeHeader(name, value));
  // A sign-in of our own is for one host.
  if (!headersAreSafe || call.baseUrl !== undefined) return { kind: "refused", code: "unsafe_call" };

  // For both tries together.
  const until = call.patience === undefined ? undefined : Date.now() + call.patience;
  const ask = async (token: Token): Promise<ProxyAnswer> => {
    if (!token.ok) return { kind: "refused", code: "invalid_credentials" };
    // Anew for each token: with a new one the provider may have said that the account is elsewhere now.
    const provider = providerOf(connection.connector, token.connectionConfig);
    if (!provider) return { kind: "refused", code: "unknown_provider_config" };
    const read = (endpoint: string): Promise<ProxyAnswer> => {
      const url = addressOf(provider.apiBaseUrl, endpoint);
      if (url === null) return Promise.resolve({ kind: "refused", code: "unsafe_call" });
      return send(url, { method: "GET", endpoint }, provider, token.token);
    };
    const found = await lookUp(call.endpoint, provider, read);
    if ("instead" in found) return found.instead;
    const known = { ...token.connectionConfig, ...found.values };
    const url = addressOf(provider.apiBaseUrl, fillEndpoint(call.endpoint, known));
    if (url === null) return { kind: "refused", code: "unsafe_call" };
    const left = until === undefined ? {} : { patience: Math.max(1, until - Date.now()) };
    return takingLonger(left.patience, () => send(url, { ...call, ...left }, provider, token.token));
  };
  const token = await freshToken(connection);
  const answer = await ask(token);
  if (!token.ok || answer.kind !== "answer" || answer.status !== 401) return answer;
  // Refused, so not made, whatever becomes of the renewal.
  if (call.change) call.change.mayBeMade = false;
  const renewed = await renewToken(connection, token.version);
  // Nothing to renew with: what the provider said stands.
  return renewed.ok && renewed.version === token.version ? answer : ask(renewed);
}
