import "server-only";
import { createHash } from "node:crypto";
import type { OAuthMethod } from "@/lib/api/views";
import type { Tenant } from "@/lib/auth/tenant";
import type { Manifest } from "@/lib/catalogue/manifest";
import { requireAllowedRedirect } from "@/lib/connect/redirects";
import { requireWay } from "@/lib/connect/start";
import { getLink, type LinkRow, makeLink } from "@/lib/db/links";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { newToken } from "./link-token";
import { requireMayAsk } from "./links";

/**
 * Links that a program asks for: it has no page of ours in which somebody could press a button, so it gets an address that
 * one person can open.
 *
 * Threat: whoever holds such an address connects their own account to somebody else's organisation, or is led to a stranger's
 * site in our name, or hands the outcome to a program that did not ask.
 * Invariant: the link opens for one person alone (the caller, or the owner of a proven address), leads back to listed
 * addresses only, and its outcome is given to the very caller, owner and connector that it was made for, once. Guarded by
 * tests/integration/authorize.test.ts.
 */

export type BoundLink = {
  linkId: string;
  /** Where the person connects their account. Not kept, and given out here only. */
  url: string;
  /** What comes back with the person; null without an address to come back to. */
  state: string | null;
  /** ISO 8601. */
  expiresAt: string;
  oauthMethod: OAuthMethod;
};

type Wanted = {
  connector: string;
  redirectUri?: string | undefined;
  scopes?: string[] | undefined;
  email?: string | undefined;
  /** For the answer of a call that failed, rather than because somebody asked for it. */
  automatic?: boolean;
};

/** Of the token, so that the page of the link knows it and nothing that is kept does. */
export const stateOf = (token: string): string => createHash("sha256").update(`state ${token}`).digest("base64url");

/** @throws AppError unknown_scope when the connector does not ask for one of them anyway */
function checkScopes({ oauth }: Manifest, scopes: readonly string[]): void {
  const known = new Set(oauth?.default_scopes);
  if (!scopes.every((scope) => known.has(scope))) throw new AppError("unknown_scope");
}

/**
 * Makes a link for the caller's own person, or, with `email`, for whoever has proven that address: anybody where the caller
 * decides for the owner, the caller's own addresses otherwise.
 * @param input.redirectUri one of REDIRECT_URIS; left out, the person stays on our page
 * @param input.scopes fewer permissions than the connector asks for otherwise
 * @throws AppError unknown_connector, connector_unavailable, connector_blocked, nango_disabled, direct_not_configured,
 *   redirect_not_allowed, unknown_scope, too_many_links, and with an address forbidden and auth_unavailable
 */
export function boundLink(
  tenant: Tenant,
  input: Wanted & { redirectUri: string },
): Promise<BoundLink & { state: string }>;
export function boundLink(tenant: Tenant, input: Wanted): Promise<BoundLink>;
export async function boundLink(tenant: Tenant, input: Wanted): Promise<BoundLink> {
  const { connector, redirectUri, scopes, email, automatic = false } = input;
  const { manifest, way } = requireWay(connector);
  if (redirectUri !== undefined) requireAllowedRedirect(redirectUri);
  if (scopes !== undefined) checkScopes(manifest, scopes);
  const most = email === undefined ? undefined : await requireMayAsk(tenant, email);
  const token = newToken();
  const state = redirectUri === undefined ? null : stateOf(token);
  const link = await makeLink(tenant, {
    connector,
    email: email ?? null,
    token,
    automatic,
    ...(most !== undefined && { most }),
    ...(redirectUri !== undefined && state !== null && { back: { redirectUri, state } }),
    ...(scopes !== undefined && { scopes }),
  });
  const url = new URL(`/connect/${token}`, env().appUrl).href;
  return { linkId: link.id, url, state, expiresAt: link.expiresAt, oauthMethod: way.method };
}

/**
 * How a link stands that the caller made: open until somebody connects, then used, with the connection that came of it.
 * @throws AppError not_found
 */
export function boundLinkStatus(tenant: Tenant, linkId: string): Promise<LinkRow> {
  return getLink(tenant, linkId);
}
