import "server-only";
import { z } from "zod";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { callNango } from "@/lib/nango/client";

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
 * @throws AppError connector_not_configured when Nango has no such integration; nango_* otherwise
 */
export async function createConnectSession(input: {
  integrationKey: string;
  tags: AttemptTags;
}): Promise<ConnectSession> {
  if (input.integrationKey === "") throw new AppError("misconfigured", { cause: new Error("empty integration key") });
  const answer = await callNango(
    "create connect session",
    sessionAnswer,
    (nango) => nango.createConnectSession({ allowed_integrations: [input.integrationKey], tags: input.tags }),
    // Every other part of the body is ours and valid: a refused body means that the integration is unknown.
    (failure) => (failure.status === 400 && failure.code === "invalid_body" ? "unknown_integration" : undefined),
  );
  if (answer === "unknown_integration") throw new AppError("connector_not_configured");
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
    z.unknown(),
    (nango) =>
      nango.http
        .delete(`${nango.serverUrl}/connect/session`, { headers: { Authorization: `Bearer ${token}` } })
        .then(() => null),
    (failure) => (failure.status === 401 || failure.status === 404 ? null : undefined),
  );
}
