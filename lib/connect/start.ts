import "server-only";
import type { SessionAnswer, Visibility } from "@/lib/api/views";
import type { Tenant } from "@/lib/auth/tenant";
import { integrationKey } from "@/lib/catalogue/integration-key";
import { manifests } from "@/lib/catalogue/manifests";
import { type AttemptRow, attemptMinted, failAttempt, startAttempt, startReconnect } from "@/lib/db/attempts";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import {
  type AttemptTags,
  type ConnectSession,
  createConnectSession,
  createReconnectSession,
  deleteSession,
} from "@/lib/nango/sessions";

/** @param person whose connection it is, or becomes: not always who signs in again */
function tagsOf(tenant: Tenant, attempt: AttemptRow, person: string): AttemptTags {
  return {
    ...(tenant.orgId !== null && { organization_id: tenant.orgId }),
    end_user_id: person,
    connector: attempt.connector,
    attempt_id: attempt.id,
    instance: attempt.instance,
  };
}

/** Mints the session of an attempt that was just recorded. A failure ends the attempt; nothing is left open. */
async function mint(
  tenant: Tenant,
  attempt: AttemptRow,
  session: () => Promise<ConnectSession>,
): Promise<SessionAnswer> {
  const minted = await session().catch(async (error: unknown) => {
    const ours = error instanceof AppError ? error.code : null;
    const outcome =
      ours === "connector_not_configured" || ours === "connection_gone" ? "not_configured" : "nango_unavailable";
    await failAttempt(tenant, attempt.id, outcome).catch((cause: unknown) =>
      log().error({ err: cause }, "attempt not closed"),
    );
    throw error;
  });
  const open = await attemptMinted(tenant, attempt.id, { token: minted.token, expiresAt: minted.expiresAt });
  if (!open) {
    // Cancelled while Nango was answering: the session must not outlive it.
    await deleteSession(minted.token).catch((cause: unknown) => log().warn({ err: cause }, "session not deleted"));
    throw new AppError("attempt_finished");
  }
  return {
    sessionToken: minted.token,
    attemptId: attempt.id,
    expiresAt: minted.expiresAt,
    connectLink: minted.connectLink,
  };
}

/**
 * Starts an attempt to connect: records it, then mints Nango's session for this one connector in a single call.
 * @throws AppError unknown_connector, connector_unavailable, connector_blocked, connector_not_configured, nango_*
 */
export async function startConnect(
  tenant: Tenant,
  input: { connector: string; visibility: Visibility },
): Promise<SessionAnswer> {
  const manifest = manifests.get(input.connector);
  if (!manifest) throw new AppError("unknown_connector");
  const key = integrationKey(manifest);
  if (manifest.status === "unavailable" || key === null || key === "") throw new AppError("connector_unavailable");

  // Checks the organisation's policy in the same statement that records the attempt.
  const attempt = await startAttempt(tenant, {
    connector: manifest.slug,
    integrationKey: key,
    visibility: input.visibility,
    instance: env().instance,
  });
  return mint(tenant, attempt, () =>
    createConnectSession({ integrationKey: key, tags: tagsOf(tenant, attempt, tenant.userId) }),
  );
}

/**
 * Starts an attempt to sign in again on a connection that exists. The row keeps its id, label, owner and history; until
 * the sign-in is completed nothing of it changes, at Nango either.
 * @throws AppError not_found, forbidden, connection_disconnected, connection_gone, connector_*, nango_*
 */
export async function reconnect(tenant: Tenant, connectionId: string): Promise<SessionAnswer> {
  const { attempt, nangoConnectionId, connectedBy } = await startReconnect(tenant, connectionId);
  return mint(tenant, attempt, () =>
    createReconnectSession({
      integrationKey: attempt.integrationKey,
      nangoConnectionId,
      tags: tagsOf(tenant, attempt, connectedBy),
    }),
  );
}
