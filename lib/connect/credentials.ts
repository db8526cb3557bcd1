import "server-only";
import { manifests } from "@/lib/catalogue/manifests";
import { credentialsOf, deleteCredentials, doubt, removalTries } from "@/lib/db/oauth";
import type { RemoteResult, UpstreamResult } from "@/lib/db/vocabulary";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { deleteConnection, getConnection } from "@/lib/nango/connections";
import { callProvider as callThroughNango, type ProxyAnswer, type ProxyCall } from "@/lib/nango/proxy";
import { callDirect } from "@/lib/oauth/call";
import { isDirectKey } from "@/lib/oauth/direct-key";
import { freshToken, renewToken } from "@/lib/oauth/refresh";
import { couldEndOthers, revokeDirect } from "@/lib/oauth/revoke";

/**
 * A connection's credentials, wherever they are: at Nango, or here. The one place that tells the two apart; looks,
 * probes and disconnects are the same for both.
 */

export type Keyed = { id: string; connector: string; integrationKey: string; nangoConnectionId: string };

export const isDirect = ({ integrationKey }: Pick<Keyed, "integrationKey">): boolean => isDirectKey(integrationKey);

/** Whether whoever keeps the credentials can be asked: an installation may have stopped using Nango. */
export const canBeLookedAt = (connection: Pick<Keyed, "integrationKey">): boolean =>
  isDirect(connection) || env().nango.enabled;

/** Kinds of credentials that Nango can renew, so that a forced renewal tells whether they still work. */
const renewable = new Set(["OAUTH2", "OAUTH2_CC", "TWO_STEP", "MCP_OAUTH2"]);

/** Whether the kind of credentials can be renewed at all. */
export const canRenew = ({ connector }: Pick<Keyed, "connector">): boolean =>
  renewable.has(manifests.get(connector)?.auth_mode ?? "");

/** What whoever keeps the credentials says of them. Gone: Nango has no such connection. */
type Word = "fine" | "broken" | "gone";

/** And until when the present access token works, ISO 8601; null: it has no end, or nobody says. */
type Standing = { word: Word; tokenEndsAt: string | null };

async function askNango({ integrationKey, nangoConnectionId }: Keyed, forceRefresh: boolean): Promise<Standing> {
  const read = await getConnection(integrationKey, nangoConnectionId, { forceRefresh });
  const word = read === null ? "gone" : read.authBroken ? "broken" : "fine";
  return { word, tokenEndsAt: read?.tokenEndsAt ?? null };
}

/**
 * Renews the credentials now.
 * @throws AppError nango_*, direct_unreachable: nothing is known
 */
export async function renewed(connection: Keyed): Promise<Standing> {
  if (!isDirect(connection)) return askNango(connection, true);
  if (!(await renewToken(connection)).ok) return { word: "broken", tokenEndsAt: null };
  return { word: "fine", tokenEndsAt: (await credentialsOf(connection.id))?.expiresAt ?? null };
}

/** The same, for whoever only wants to know whether it worked. */
export const renew = async (connection: Keyed): Promise<Word> => (await renewed(connection)).word;

/** How they stand, without the provider being asked about them. @throws AppError nango_*, direct_unreachable */
export async function standing(connection: Keyed): Promise<Word> {
  if (isDirect(connection)) return (await freshToken(connection)).ok ? "fine" : "broken";
  return (await askNango(connection, false)).word;
}

/**
 * Calls the provider with them, for a look: what it finds out is the look's to record.
 * @throws AppError nango_*, direct_unreachable
 */
export function callForLook(
  connection: Keyed,
  call: Omit<ProxyCall, "integrationKey" | "connectionId">,
): Promise<ProxyAnswer> {
  if (isDirect(connection)) return callDirect(connection, call);
  const { integrationKey, nangoConnectionId: connectionId } = connection;
  return callThroughNango({ ...call, integrationKey, connectionId });
}

/** As callForLook, for whoever uses the connection: credentials that cannot be renewed are looked into. */
export async function callProvider(
  connection: Keyed,
  call: Omit<ProxyCall, "integrationKey" | "connectionId">,
): Promise<ProxyAnswer> {
  const answer = await callForLook(connection, call);
  if (isDirect(connection) && answer.kind === "refused" && answer.code === "invalid_credentials") {
    await doubt(connection.id);
  }
  return answer;
}

/** After so many failed tries the access is not asked back any longer: tokens must not be kept for that. */
const PATIENCE = 5;

/**
 * Takes access back at the provider itself, unless that could end another connection's; null: there is nothing left to
 * do it with. For direct connections.
 */
export async function revoke(connection: Keyed): Promise<UpstreamResult | null> {
  try {
    return await revokeDirect(connection);
  } catch (error) {
    const ours = error instanceof AppError && error.code !== "database_unavailable";
    if (ours && (await removalTries(connection.id)) >= PATIENCE) return "failed";
    throw error;
  }
}

/** Whether taking back the access of a direct connection could end another one's, as far as is known. */
export async function sharesAccess(connection: Keyed): Promise<boolean> {
  return isDirect(connection) && (await couldEndOthers(connection));
}

/** Deletes the credentials for good. */
export async function deleteFor(connection: Keyed): Promise<RemoteResult> {
  if (isDirect(connection)) return (await deleteCredentials(connection.id)) ? "deleted" : "already_gone";
  return deleteConnection(connection.integrationKey, connection.nangoConnectionId);
}
