import type { MiddlewareHandler } from "hono";
import { NangoFault, unauthorized } from "./answers";
import type { ApiKey, Session } from "./model";
import type { Env, Standin } from "./standin";

/** Keys are UUIDs; a stand-in's signing key is shaped like one with a prefix, and is no API key either. */
const KEY = /^(standin-)?[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SESSION_TOKEN = /^nango_connect_session_[0-9a-f]{64}$/;

function bearer(header: string | undefined): string {
  if (!header) throw unauthorized("missing_auth_header", "The authorization header is missing.");
  const match = /^Bearer (.+)$/i.exec(header);
  if (!match?.[1]) throw unauthorized("malformed_auth_header", "The authorization header is not a bearer token.");
  return match[1].trim();
}

function findKey(nango: Standin, token: string): ApiKey {
  if (!KEY.test(token)) throw unauthorized("invalid_secret_key_format", "The secret key is not a UUID v4.");
  const key = nango.store.apiKeys.find((entry) => entry.key === token);
  if (!key) throw unauthorized("unknown_account", "No account has this secret key.");
  return key;
}

/** Finds the session of a token. Expired, deleted and unknown tokens can't be told apart. */
export function findSession(nango: Standin, token: string): Session {
  if (!SESSION_TOKEN.test(token)) {
    throw unauthorized("invalid_connect_session_token_format", "The connect session token has the wrong format.");
  }
  const session = nango.store.session(token);
  if (!session) throw unauthorized("unknown_connect_session_token", "No connect session has this token.");
  return session;
}

/** Whether a key may do what a scope names. Scopes may be written with or without `environment:` and end in `*`. */
export function hasScope(key: ApiKey | null, required: string): boolean {
  if (!key) return false;
  if (key.scopes === null) return true;
  return key.scopes.some((scope) => {
    const granted = scope.replace(/^environment:/, "");
    return (
      granted === required || granted === "*" || (granted.endsWith(":*") && required.startsWith(granted.slice(0, -1)))
    );
  });
}

function requireScope(key: ApiKey, anyOf: string[]): void {
  if (anyOf.length === 0 || anyOf.some((scope) => hasScope(key, scope))) return;
  const named = anyOf.map((scope) => `environment:${scope}`).join(" or ");
  throw new NangoFault(403, "forbidden", `Insufficient scope. Required: ${named}`);
}

/** Lets an API key pass that holds one of the scopes (any key when none is named). */
export function apiKeyGuard(nango: Standin, ...scopes: string[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    const key = findKey(nango, bearer(c.req.header("authorization")));
    requireScope(key, scopes);
    c.set("apiKey", key);
    await next();
  };
}

/** Lets a connect session pass, given as the bearer. */
export function sessionGuard(nango: Standin): MiddlewareHandler<Env> {
  return async (c, next) => {
    c.set("session", findSession(nango, bearer(c.req.header("authorization"))));
    await next();
  };
}

/** Lets either pass: catalogue reads are made by servers and by the Connect UI. */
export function apiKeyOrSessionGuard(nango: Standin, ...scopes: string[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    const token = bearer(c.req.header("authorization"));
    if (token.startsWith("nango_connect_session_")) c.set("session", findSession(nango, token));
    else {
      const key = findKey(nango, token);
      requireScope(key, scopes);
      c.set("apiKey", key);
    }
    await next();
  };
}

/** Lets a connect session pass, given in the query: the browser's calls that create a connection. */
export function querySessionGuard(nango: Standin): MiddlewareHandler<Env> {
  return async (c, next) => {
    const token = c.req.query("connect_session_token");
    if (!token) throw unauthorized("missing_public_key", "A connect session token is required.");
    c.set("session", findSession(nango, token));
    await next();
  };
}
