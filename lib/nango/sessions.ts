import "server-only";
import { z } from "zod";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { callNango, isPathSafe, isUnknown } from "@/lib/nango/client";

/**
 * The tags that bind a connection to the attempt that made it; Nango carries them from the session to the connection
 * and to every webhook. Exactly these: a reconnect replaces all tags.
 */
export type AttemptTags = {
  organization_id?: string;
  end_user_id: string;
  connector: string;
  attempt_id: string;
  instance: string;
};

export type ConnectSession = {
  /** Lives for 30 minutes and can be used more than once, so it is deleted after its first success. */
  token: string;
  /** ISO time. */
  expiresAt: string;
  connectLink: string;
};

const sessionAnswer = z.object({
  data: z.object({ token: z.string().min(1), connect_link: z.url(), expires_at: z.iso.datetime({ offset: true }) }),
});

/** Nango leaves its own address out of the links that a self-hosted server hands out. */
function completeLink(link: string): string {
  const url = new URL(link);
  const { host } = env().nango;
  if (host !== "https://api.nango.dev" && !url.searchParams.has("apiURL")) url.searchParams.set("apiURL", host);
  return url.href;
}

/**
 * Mints a session for one integration, in exactly one call. An empty list of integrations would allow all of them, so
 * an empty key is refused before Nango sees it.
 * @param input.scopes what to ask for in place of what the integration asks for
 * @throws AppError connector_not_configured when Nango has no such integration; nango_* otherwise
 */
export async function createConnectSession(input: {
  integrationKey: string;
  tags: AttemptTags;
  scopes?: readonly string[];
}): Promise<ConnectSession> {
  const { integrationKey, tags, scopes } = input;
  if (integrationKey === "") throw new AppError("misconfigured", { cause: new Error("empty integration key") });
  const answer = await callNango(
    "create connect session",
    sessionAnswer,
    (nango) =>
      nango.createConnectSession({
        allowed_integrations: [integrationKey],
        tags,
        ...(scopes && {
          integrations_config_defaults: {
            [integrationKey]: { connection_config: { oauth_scopes_override: scopes.join(",") } },
          },
        }),
      }),
    // Every other part of the body is ours and valid: a refused body means that the integration is unknown.
    (failure) => (failure.status === 400 && failure.code === "invalid_body" ? "unknown_integration" : undefined),
  );
  if (answer === "unknown_integration") throw new AppError("connector_not_configured");
  const { token, connect_link, expires_at } = answer.data;
  return { token, expiresAt: expires_at, connectLink: completeLink(connect_link) };
}

/**
 * What a person typed when they connected (a subdomain, a region): Nango forgets it at a reconnect unless the session
 * brings it along. Worth a call, but not worth failing for: without it the person types it again.
 */
async function connectionSettings(
  integrationKey: string,
  nangoConnectionId: string,
): Promise<Record<string, string> | null> {
  if (!isPathSafe(nangoConnectionId)) return null;
  const settings = await callNango(
    "get connection settings",
    z.object({ connection_config: z.record(z.string(), z.unknown()) }),
    (nango) => nango.getConnection(integrationKey, nangoConnectionId),
    () => null,
  ).catch((error: unknown) => {
    log().warn({ err: error }, "the settings of a connection could not be read");
    return null;
  });
  const typed = Object.entries(settings?.connection_config ?? {}).filter(
    // What concerns the sign-in itself is settled anew.
    (entry): entry is [string, string] => typeof entry[1] === "string" && !entry[0].startsWith("oauth_"),
  );
  return typed.length > 0 ? Object.fromEntries(typed) : null;
}

/**
 * Mints a session in which somebody signs in again on a connection that exists, in exactly one call. Nango replaces all
 * of its tags with these when the sign-in is completed, and leaves it alone when it is not.
 * @throws AppError connection_gone when Nango has no such connection; nango_* otherwise
 */
export async function createReconnectSession(input: {
  integrationKey: string;
  nangoConnectionId: string;
  tags: AttemptTags;
}): Promise<ConnectSession> {
  const kept = await connectionSettings(input.integrationKey, input.nangoConnectionId);
  const answer = await callNango(
    "create reconnect session",
    sessionAnswer,
    (nango) =>
      nango.createReconnectSession({
        connection_id: input.nangoConnectionId,
        integration_id: input.integrationKey,
        tags: input.tags,
        ...(kept && { integrations_config_defaults: { [input.integrationKey]: { connection_config: kept } } }),
      }),
    // Every other part of the body is ours and valid: a refused body means that the connection is unknown.
    (failure) =>
      isUnknown(failure) || (failure.status === 400 && failure.code === "invalid_body")
        ? "unknown_connection"
        : undefined,
  );
  if (answer === "unknown_connection") throw new AppError("connection_gone");
  const { token, connect_link, expires_at } = answer.data;
  return { token, expiresAt: expires_at, connectLink: completeLink(connect_link) };
}

/**
 * Ends a session so that it cannot make a second connection. A session that is unknown or over counts as ended.
 * @throws AppError nango_*
 */
export async function deleteSession(token: string): Promise<void> {
  await callNango(
    "delete connect session",
    z.literal([204, "over"]),
    (nango) =>
      nango.http
        .delete(`${nango.serverUrl}/connect/session`, { headers: { Authorization: `Bearer ${token}` } })
        .then(({ status }) => status),
    (failure) => (failure.code === "unknown_connect_session_token" ? ("over" as const) : undefined),
  );
}
