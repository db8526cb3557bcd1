import type { Registry } from "../registry";
import type { Grant } from "../types";
import { json, type Sent } from "../wire";

/**
 * Facebook, Instagram and Threads, for an application of an app's own: the token of a code lives for an hour, and one that
 * lives for sixty days is had by a GET, with that one or with its like. Their errors are their own.
 */

const HOUR = 3600;
const SIXTY_DAYS = 5_183_944;
const DAY_MS = 86_400_000;

type Way = {
  at: string;
  grant: string;
  field: string;
  secret: "all" | "secret" | null;
  from: "any" | "short" | "long";
};
const WAYS: Record<string, Way[]> = {
  facebook: [
    {
      at: "graph.facebook.com/v22.0/oauth/access_token",
      ...{ grant: "fb_exchange_token", field: "fb_exchange_token", secret: "all", from: "any" },
    },
  ],
  instagram: [
    {
      at: "graph.instagram.com/access_token",
      ...{ grant: "ig_exchange_token", field: "access_token", secret: "secret", from: "short" },
    },
    {
      at: "graph.instagram.com/refresh_access_token",
      ...{ grant: "ig_refresh_token", field: "access_token", secret: null, from: "long" },
    },
  ],
  threads: [
    {
      at: "graph.threads.net/access_token",
      ...{ grant: "th_exchange_token", field: "access_token", secret: "secret", from: "short" },
    },
    {
      at: "graph.threads.net/refresh_access_token",
      ...{ grant: "th_refresh_token", field: "access_token", secret: null, from: "long" },
    },
  ],
};

export const isMeta = (providerKey: string | null): boolean => providerKey !== null && Object.hasOwn(WAYS, providerKey);
export const SHORT_LIFE = HOUR;

/** An error in Meta's words. 190: the token; 100: what was asked; 101: the application. */
export const metaRefusal = (code: 100 | 101 | 190, message: string): Response =>
  json({ error: { message, type: "OAuthException", code, fbtrace_id: "AStandIn" } }, 400);

/** A code that is no good, or an application that is not known, in the words of each. */
export function metaCodeRefusal(providerKey: string, kind: string, message: string): Response {
  if (providerKey !== "instagram") return metaRefusal(kind === "invalid_client" ? 101 : 100, message);
  return json({ error_type: "OAuthException", code: 400, error_message: message }, 400);
}

/** The answer to a code. Instagram and Threads name neither a type nor an end. */
export function metaCodeAnswer(providerKey: string, access: string, grant: Grant, expiresIn: number | null): Response {
  if (providerKey === "facebook") return json({ access_token: access, token_type: "bearer", expires_in: expiresIn });
  const user_id = Number(grant.account.id);
  if (providerKey === "threads") return json({ access_token: access, user_id });
  return json({ access_token: access, user_id, permissions: grant.scopes });
}

/** A token that lives longer, for one that lives; null: the call is another's, or was not made for it. */
export function prolongDirect(request: Request, sent: Sent, host: string, path: string, registry: Registry) {
  const { params } = sent;
  const verdict = registry.check(params.access_token ?? params.fb_exchange_token ?? "");
  if (!verdict.ok) return metaRefusal(190, `Error validating access token: it is ${verdict.reason}.`);
  const { grant, token } = verdict;
  const way = WAYS[grant.providerKey ?? ""]?.find(({ at }) => at === `${host}${path}`);
  if (!way || request.method !== "GET" || params.grant_type !== way.grant || !params[way.field])
    return metaRefusal(100, "Unsupported request.");
  const client = registry.clients.find(grant.clientId);
  if (way.secret !== null && params.client_secret !== client?.clientSecret)
    return metaRefusal(101, "Error validating client secret.");
  if (way.secret === "all" && params.client_id !== client?.clientId)
    return metaRefusal(101, "Error validating application.");
  const isLong = token.lasting === true;
  if (way.from !== "any" && isLong !== (way.from === "long"))
    return metaRefusal(100, "The access token is not of the kind that this call takes.");
  if (way.from === "long" && Date.now() - (token.issuedAt ?? 0) < DAY_MS)
    return metaRefusal(100, "The access token is less than 24 hours old.");
  const next = registry.issueAccess(grant, "EAAlong_", SIXTY_DAYS, true);
  const answer = { access_token: next.token, token_type: "bearer", expires_in: next.expiresIn };
  return json({ ...answer, ...registry.tokenRules(grant.providerKey)?.answer });
}

export const isMetaHost = (host: string): boolean =>
  ["graph.facebook.com", "graph.instagram.com", "graph.threads.net"].includes(host);
