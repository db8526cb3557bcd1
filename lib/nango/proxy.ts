import "server-only";
import { z } from "zod";
import { changeMayHaveLeft, takingLonger } from "@/lib/deadline";
import { callNango, type NangoFailure } from "@/lib/nango/client";

/**
 * Threat: Nango fills `${...}` in an endpoint, a header or a body with the connection's credentials, and an absolute
 * address or `Base-Url-Override` sends them to any host.
 * Invariant: only relative endpoints without `..` and without such placeholders pass, and no header that steers Nango.
 * A manifest is our own text and may name `${connectionConfig.*}`; what a caller typed never may.
 * Guarded by lib/nango/proxy.test.ts.
 */

export type ProxyCall = {
  integrationKey: string;
  connectionId: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Relative to the provider's base address, with its query. */
  endpoint: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Another of the provider's own hosts, from a list of ours; never what a caller typed. */
  baseUrl?: string;
  /** Milliseconds that the provider may take where it is slow by nature, whatever is left of the request's own time. */
  patience?: number;
  /** Left out where nothing is changed. */
  change?: Change;
};

/** A change on its way. `mayBeMade` from the moment that it leaves until the provider has refused it. */
export type Change = { mayBeMade: boolean };

/** Stands directly before the call. @throws AppError database_unavailable when it must not leave any more */
export function leave({ change }: Pick<ProxyCall, "change">): void {
  if (!change) return;
  changeMayHaveLeft();
  change.mayBeMade = true;
}

export type ProxyAnswer =
  /** The provider answered, whatever its status. */
  | { kind: "answer"; status: number; body: unknown /** Seconds that it asks to be left alone. */; retryAfter?: number }
  /** Nango did not ask the provider: no such connection, or the credentials cannot be refreshed. */
  | { kind: "refused"; code: string };

const PROXY_TIMEOUT = 10_000;

const nangosOwnCodes = new Set([
  "unknown_provider_config",
  "unknown_connection",
  "not_found",
  "server_error",
  "connection_refresh_backoff",
  "invalid_credentials",
  "invalid_headers",
  "missing_connection_id",
  "missing_provider_config_key",
]);

/** What Nango says of our own key or of our haste: nothing about the connection, whatever the status looks like. */
const aboutUs = new Set([
  "missing_auth_header",
  "malformed_auth_header",
  "invalid_secret_key_format",
  "unknown_account",
  "too_many_request",
  "plan_limit",
]);

/** Our key lacks a right; a provider's own 403 reads otherwise. */
const lacksRight = (failure: NangoFailure): boolean =>
  failure.code === "forbidden" && /insufficient scope/i.test(JSON.stringify(failure.data));

const placeholder = /\$\{([^}]*)\}?/g;
const manifestMayUse = /^(connectionConfig\.[A-Za-z0-9_.]+|credentials\.username|username)$/;

/** True when every placeholder of a manifest's endpoint is one that cannot hold a credential. */
function hasOnlyHarmlessPlaceholders(text: string): boolean {
  return [...text.matchAll(placeholder)].every((match) => manifestMayUse.test(match[1] ?? ""));
}

/**
 * Decodes ASCII until nothing changes, so that `%252e%252e` is seen for what it becomes. Byte by byte: one malformed
 * sequence must not hide the rest.
 */
function decodeFully(text: string): string {
  let current = text;
  for (let round = 0; round < 5; round++) {
    const next = current.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (next === current) return current;
    current = next;
  }
  return current;
}

function isControlCharacter(character: string): boolean {
  const code = character.charCodeAt(0);
  return code < 0x21 || code === 0x7f;
}

/**
 * Whether an endpoint may go to Nango's proxy.
 * @param origin "manifest" for our own text, "caller" for anything that a person or an agent had a part in
 */
export function isSafeEndpoint(endpoint: string, origin: "manifest" | "caller"): boolean {
  if (endpoint.length > 4096 || !endpoint.startsWith("/") || endpoint.startsWith("//")) return false;
  if ([...endpoint].some(isControlCharacter)) return false;
  const seen = decodeFully(endpoint);
  if (seen.includes("||")) return false;
  // Bytes that no UTF-8 text holds: old decoders read `%c0%ae` as a dot.
  if (/%c[01]/i.test(seen)) return false;
  // Cut off before it is decoded: an encoded `?` is a part of the path.
  const path = decodeFully(endpoint.split(/[?#]/, 1)[0] ?? "");
  if (path.startsWith("//") || path.includes("://") || path.includes("\\")) return false;
  if (path.split("/").some((part) => part === ".." || part === ".")) return false;
  if (origin === "caller") return !seen.includes("${");
  return hasOnlyHarmlessPlaceholders(seen);
}

const steering =
  /^(base-url-override|nango-proxy-.*|authorization|connection-id|provider-config-key|retries|retry-on|decompress|host|cookie)$/i;

/** Whether a header may travel to the provider. */
export function isSafeHeader(name: string, value: string): boolean {
  return /^[A-Za-z0-9-]{1,64}$/.test(name) && !steering.test(name) && !value.includes("${") && !/[\r\n]/.test(value);
}

/**
 * Calls a provider with a connection's credentials. The endpoint is a manifest's; see isSafeEndpoint for others.
 * @returns the provider's answer, or why Nango did not ask it
 * @throws AppError misconfigured for a call that is not safe, nango_* when Nango fails
 */
export async function callProvider(call: ProxyCall): Promise<ProxyAnswer> {
  const headers = call.headers ?? {};
  const safe =
    isSafeEndpoint(call.endpoint, "manifest") &&
    (call.baseUrl === undefined || /^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(call.baseUrl)) &&
    Object.entries(headers).every(([name, value]) => isSafeHeader(name, value));
  if (!safe) return { kind: "refused", code: "unsafe_call" };
  const ask = () => {
    leave(call);
    return callNango(
      `proxy ${call.method} ${call.endpoint.split("?")[0]}`,
      z.object({ kind: z.literal("answer"), status: z.number(), body: z.unknown() }),
      async (nango) => {
        const response = await nango.proxy({
          providerConfigKey: call.integrationKey,
          connectionId: call.connectionId,
          method: call.method,
          endpoint: call.endpoint,
          headers,
          retries: 0,
          ...(call.body != null && { data: call.body }),
          ...(call.baseUrl !== undefined && { baseUrlOverride: call.baseUrl }),
        });
        return { kind: "answer", status: response.status, body: response.data };
      },
      (failure): ProxyAnswer | undefined => {
        if (failure.status === null || lacksRight(failure)) return undefined;
        if (failure.code !== null && aboutUs.has(failure.code)) return undefined;
        if (failure.code !== null && nangosOwnCodes.has(failure.code)) {
          // A 5xx of Nango's own is its trouble, not an answer about the connection.
          return failure.status >= 500 ? undefined : { kind: "refused", code: failure.code };
        }
        const { retryAfter } = failure;
        return {
          kind: "answer",
          status: failure.status,
          body: failure.data,
          ...(retryAfter !== null && { retryAfter }),
        };
      },
      call.patience ?? PROXY_TIMEOUT,
    );
  };
  return takingLonger(call.patience, ask);
}
