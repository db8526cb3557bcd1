import "server-only";
import type { SessionAnswer, Visibility } from "@/lib/api/views";
import type { Tenant } from "@/lib/auth/tenant";
import { integrationKey } from "@/lib/catalogue/integration-key";
import { manifests } from "@/lib/catalogue/manifests";
import { type AttemptRow, attemptMinted, failAttempt, startAttempt } from "@/lib/db/attempts";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { type AttemptTags, createConnectSession, deleteSession } from "@/lib/nango/sessions";

function tagsOf(tenant: Tenant, attempt: AttemptRow): AttemptTags {
  return {
    ...(tenant.orgId !== null && { organization_id: tenant.orgId }),
    end_user_id: tenant.userId,
    connector: attempt.connector,
    attempt_id: attempt.id,
    instance: attempt.instance,
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
  const session = await createConnectSession({ integrationKey: key, tags: tagsOf(tenant, attempt) }).catch(
    async (error: unknown) => {
      const outcome =
        error instanceof AppError && error.code === "connector_not_configured" ? "not_configured" : "nango_unavailable";
      await failAttempt(tenant, attempt.id, outcome).catch((cause: unknown) =>
        log().error({ err: cause }, "attempt not closed"),
      );
      throw error;
    },
  );
  const open = await attemptMinted(tenant, attempt.id, { token: session.token, expiresAt: session.expiresAt });
  if (!open) {
    // Cancelled while Nango was answering: the session must not outlive it.
    await deleteSession(session.token).catch((cause: unknown) => log().warn({ err: cause }, "session not deleted"));
    throw new AppError("attempt_finished");
  }
  return {
    sessionToken: session.token,
    attemptId: attempt.id,
    expiresAt: session.expiresAt,
    connectLink: session.connectLink,
  };
}
