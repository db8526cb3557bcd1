import "server-only";
import type { SessionAnswer, Visibility } from "@/lib/api/views";
import type { Tenant } from "@/lib/auth/tenant";
import { checkConnectionConfig, questionsOf } from "@/lib/catalogue/connection-config";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests } from "@/lib/catalogue/manifests";
import { canFallBack, type Way, wayOf } from "@/lib/catalogue/way";
import { type AttemptRow, attemptMinted, failAttempt, startAttempt, startReconnect } from "@/lib/db/attempts";
import { env } from "@/lib/env";
import { AppError, type ErrorCode } from "@/lib/errors";
import { log } from "@/lib/log";
import {
  type AttemptTags,
  type ConnectSession,
  createConnectSession,
  createReconnectSession,
  deleteSession,
} from "@/lib/nango/sessions";
import { startDirect } from "@/lib/oauth/authorize";
import { directState } from "@/lib/oauth/clients";
import { directKey } from "@/lib/oauth/direct-key";

/** @param person whose connection it is, or becomes: not always who signs in again */
function tagsOf(tenant: Tenant, attempt: AttemptRow, person: string): AttemptTags {
  return {
    // Also what comes through a link into what another person owns by themselves names its owner.
    ...(tenant.ownerId !== person && { organization_id: tenant.ownerId }),
    end_user_id: person,
    connector: attempt.connector,
    attempt_id: attempt.id,
    instance: attempt.instance,
  };
}

/** What is no trouble of Nango's. */
const notAway = new Set<ErrorCode>(["connector_not_configured", "connection_gone", "nango_disabled"]);

/** A start that fails ends its attempt; nothing is left open. */
async function orFail<T>(tenant: Tenant, attempt: AttemptRow, starting: Promise<T>): Promise<T> {
  return starting.catch(async (error: unknown) => {
    const ours = error instanceof AppError ? error.code : null;
    const away = attempt.authMethod === "nango" && !(ours !== null && notAway.has(ours));
    await failAttempt(tenant, attempt.id, away ? "nango_unavailable" : "not_configured").catch((cause: unknown) =>
      log().error({ err: cause }, "attempt not closed"),
    );
    throw error;
  });
}

/** Mints Nango's session of an attempt that was just recorded. */
async function mint(
  tenant: Tenant,
  attempt: AttemptRow,
  session: () => Promise<ConnectSession>,
): Promise<SessionAnswer> {
  const minted = await orFail(tenant, attempt, session());
  const open = await attemptMinted(tenant, attempt.id, { token: minted.token, expiresAt: minted.expiresAt });
  if (!open) {
    // Cancelled while Nango was answering: the session must not outlive it.
    await deleteSession(minted.token).catch((cause: unknown) => log().warn({ err: cause }, "session not deleted"));
    throw new AppError("attempt_finished");
  }
  return {
    oauth_method: "nango",
    sessionToken: minted.token,
    attemptId: attempt.id,
    expiresAt: minted.expiresAt,
    connectLink: minted.connectLink,
  };
}

/** Leaves for the provider itself. @param answer gets the cookie that binds the sign-in to this browser */
async function depart(
  tenant: Tenant,
  attempt: AttemptRow,
  way: { returnTo: string; fallback: boolean; connectionConfig?: Record<string, string> },
  answer: Headers,
): Promise<SessionAnswer> {
  const { fallback, ...options } = way;
  const started = await orFail(tenant, attempt, startDirect(tenant, attempt, options));
  answer.append("set-cookie", started.setCookie);
  const { authorizationUrl, expiresAt } = started;
  return { oauth_method: "direct", attemptId: attempt.id, expiresAt, authorizationUrl, fallback };
}

/** Without Nango's answer nobody knows whether it is there; every other refusal is an answer. */
const isAway = (error: unknown): error is AppError =>
  error instanceof AppError && (error.code === "nango_unreachable" || error.code === "nango_timeout");

/**
 * The way in which new connections of a connector are made here.
 * @throws AppError unknown_connector, connector_unavailable, nango_disabled, direct_not_configured
 */
export function requireWay(connector: string): { manifest: Manifest; way: Exclude<Way, { method: null }> } {
  const manifest = manifests.get(connector);
  if (!manifest) throw new AppError("unknown_connector");
  const way = wayOf(manifest);
  if (way.method !== null) return { manifest, way };
  if (way.reason === "upstream") throw new AppError("connector_unavailable");
  throw new AppError(way.reason === "needs_nango" ? "nango_disabled" : "direct_not_configured");
}

export type Start = {
  connector: string;
  visibility: Visibility;
  /** Directly while Nango cannot be reached: what a person chose who was offered it. Once it can be, it goes through Nango. */
  oauthMethod?: "direct" | undefined;
  /** What the connector's questions were answered with (lib/catalogue/connection-config.ts). Looked at where it goes directly. */
  connectionConfig?: Record<string, string> | undefined;
  /** The page of ours to come back to where the sign-in took the whole tab; the connector's own if left out. */
  returnTo?: string;
  /** The connect link that it comes through. */
  linkId?: string;
};

/**
 * Starts an attempt to connect: records it, then mints Nango's session for this one connector in a single call, or makes
 * the address at the provider where a direct sign-in begins. While Nango cannot be reached, NANGO_FALLBACK decides about
 * connectors that can be connected directly: the error offers it, or it is done and the answer says so.
 * @param answer the headers of the answer; a direct sign-in puts its cookie there
 * @throws AppError unknown_connector, connector_unavailable, connector_blocked, connector_not_configured,
 *   direct_not_configured, connection_config_required with the fields that are missing or malformed, nango_*
 */
export async function startConnect(tenant: Tenant, input: Start, answer: Headers): Promise<SessionAnswer> {
  const { manifest, way } = requireWay(input.connector);
  if (way.method === "direct") return startDirectly(tenant, manifest, input, answer, false);
  const chosen = input.oauthMethod === "direct";
  if (chosen && !canFallBack(manifest)) throw new AppError("direct_not_configured");
  try {
    return await startAtNango(tenant, manifest, way.integrationKey, input);
  } catch (error) {
    if (!isAway(error) || !canFallBack(manifest)) throw error;
    if (chosen || env().nango.fallback === "auto") return startDirectly(tenant, manifest, input, answer, !chosen);
    throw new AppError(error.code, { cause: error, retryAfter: error.retryAfter, fallback: "direct" });
  }
}

async function startAtNango(tenant: Tenant, manifest: Manifest, key: string, input: Start): Promise<SessionAnswer> {
  if (key === "") throw new AppError("connector_unavailable");
  // Checks the organisation's policy in the same statement that records the attempt.
  const attempt = await startAttempt(tenant, {
    connector: manifest.slug,
    integrationKey: key,
    visibility: input.visibility,
    instance: env().instance,
    ...(input.linkId !== undefined && { linkId: input.linkId }),
  });
  return mint(tenant, attempt, () =>
    createConnectSession({
      integrationKey: key,
      tags: tagsOf(tenant, attempt, tenant.userId),
      ...(attempt.scopes && { scopes: attempt.scopes }),
    }),
  );
}

async function startDirectly(
  tenant: Tenant,
  manifest: Manifest,
  input: Start,
  answer: Headers,
  fallback: boolean,
): Promise<SessionAnswer> {
  const checked = checkConnectionConfig(questionsOf(manifest.oauth?.direct), input.connectionConfig ?? {});
  if (!checked.ok) throw new AppError("connection_config_required", { details: { fields: checked.wrong } });
  const attempt = await startAttempt(tenant, {
    connector: manifest.slug,
    integrationKey: directKey(manifest.slug),
    visibility: input.visibility,
    instance: env().instance,
    ...(input.linkId !== undefined && { linkId: input.linkId }),
  });
  const returnTo = input.returnTo ?? (manifest.listed ? `/connectors/${manifest.slug}` : "/connectors");
  return depart(tenant, attempt, { returnTo, fallback, connectionConfig: checked.values }, answer);
}

/**
 * Starts an attempt to sign in again on a connection that exists, in the way in which it was made. The row keeps its id,
 * label, owner and history; until the sign-in is completed nothing of it changes, at Nango either.
 * @param answer the headers of the answer; a direct sign-in puts its cookie there
 * @throws AppError not_found, forbidden, connection_disconnected, connection_gone, connector_*, direct_not_configured,
 *   nango_*
 */
export async function reconnect(tenant: Tenant, connectionId: string, answer: Headers): Promise<SessionAnswer> {
  const { attempt, nangoConnectionId, connectedBy } = await startReconnect(tenant, connectionId);
  if (attempt.authMethod === "direct") {
    const manifest = manifests.get(attempt.connector);
    if (!manifest || directState(manifest) !== "available")
      await orFail(tenant, attempt, Promise.reject(new AppError("direct_not_configured")));
    return depart(tenant, attempt, { returnTo: `/connections/${connectionId}`, fallback: false }, answer);
  }
  return mint(tenant, attempt, () =>
    createReconnectSession({
      integrationKey: attempt.integrationKey,
      nangoConnectionId,
      tags: tagsOf(tenant, attempt, connectedBy),
    }),
  );
}
