import "server-only";
import type { SessionAnswer } from "@/lib/api/views";
import { membershipOf } from "@/lib/auth/membership";
import type { Tenant } from "@/lib/auth/tenant";
import { verifiedEmails } from "@/lib/auth/verified-emails";
import { linkTenant } from "@/lib/connect/link-tenant";
import { requireWay, type Start, startConnect } from "@/lib/connect/start";
import { isAdmin } from "@/lib/db/connections";
import { findLink, type LinkRow, type LinkStatus, makeLink, ownerOfLinkAttempt } from "@/lib/db/links";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { newToken } from "./link-token";

/**
 * Connect links: asking somebody by name of their e-mail address, and following such a link.
 *
 * Threat: a connect address that is passed on attaches a stranger's account to an organisation, or tells a stranger what
 * goes on there.
 * Invariant: a link opens for whoever is signed in as its person, or with its address, proven to Clerk, and only then
 * anything is minted. To anybody else each link, each spent one and each invented one is the same not_found. Guarded by
 * tests/integration/connect-links-people.test.ts.
 */

/** Open links at a time, of an owner; and of one member, who must not use up the owner's. */
const MOST_OPEN = 50;
const MOST_OWN = 10;

/**
 * Whoever decides for the owner (its admins, or the person who owns by themselves) may ask anybody to connect; a member may
 * ask an address of their own, to connect from another device.
 * @returns how many open links they may have
 * @throws AppError forbidden, auth_unavailable
 */
export async function requireMayAsk(tenant: Tenant, email: string): Promise<number> {
  if (tenant.orgId === null || isAdmin(tenant)) return MOST_OPEN;
  if (!(await verifiedEmails(tenant.userId)).includes(email)) throw new AppError("forbidden");
  return MOST_OWN;
}

/**
 * Makes a link for an address.
 * @returns the link, and its address, which is not kept and cannot be given out again
 * @throws AppError forbidden, unknown_connector, connector_unavailable, nango_disabled, direct_not_configured,
 *   connector_blocked, too_many_links, auth_unavailable
 */
export async function askToConnect(
  tenant: Tenant,
  { connector, email }: { connector: string; email: string },
): Promise<{ link: LinkRow; url: string }> {
  requireWay(connector);
  const most = await requireMayAsk(tenant, email);
  const token = newToken();
  const link = await makeLink(tenant, { connector, email, token, most });
  return { link, url: new URL(`/connect/${token}`, env().appUrl).href };
}

/** What the page of a link shows to whoever it was made for. */
export type Invitation = {
  linkId: string;
  ownerId: string;
  connector: string;
  status: LinkStatus;
  /** Who asks; null while their name is not known. */
  asker: { id: string; name: string | null };
  /** Where the account will belong; null for what the asker owns by themselves, and once the asker has left. */
  organizationName: string | null;
  expiresAt: string;
  /** What its sign-in asks for; null: what the connector asks for. */
  scopes: string[] | null;
  /** Where to go afterwards, and whether that is still open. */
  redirectUri: string | null;
  leadsBack: boolean;
};

/**
 * Opens a link for a signed-in person. A link whose maker has left, or may not ask any more, counts as revoked.
 * @throws AppError not_found for everybody but the person it was made for; auth_unavailable
 */
export async function openLink(userId: string, token: string): Promise<Invitation> {
  const link = await findLink(token, userId, await verifiedEmails(userId));
  if (!link) throw new AppError("not_found");
  const { ownerId, createdBy } = link;
  const personal = ownerId === createdBy.id;
  const membership = personal ? null : await membershipOf(ownerId, createdBy.id);
  // One's own address is all that a member may ask.
  const mayAsk = personal || membership?.role === "admin" || (membership !== null && createdBy.id === userId);
  return {
    linkId: link.id,
    ownerId,
    connector: link.connector,
    status: link.status === "open" && !mayAsk ? "revoked" : link.status,
    asker: createdBy,
    organizationName: membership?.organizationName ?? null,
    expiresAt: link.expiresAt,
    scopes: link.scopes,
    redirectUri: link.redirectUri,
    leadsBack: link.leadsBack,
  };
}

/**
 * Starts the attempt of a link and mints its session, as for a connector of one's own. What comes of it belongs to the
 * link's owner, for everyone there. The attempt before it through the same link is cancelled.
 * @param answer the headers of the answer; a direct sign-in puts its cookie there
 * @throws AppError not_found, link_finished, and what startConnect() throws
 */
export async function startFromLink(
  userId: string,
  token: string,
  chosen: Pick<Start, "oauthMethod" | "connectionConfig">,
  answer: Headers,
): Promise<SessionAnswer> {
  const { linkId, ownerId, connector, status } = await openLink(userId, token);
  if (status !== "open") throw new AppError("link_finished");
  // Not back to the link: its token is kept nowhere.
  const start = { connector, ...chosen, visibility: "everyone" as const, linkId, returnTo: "/connectors" };
  return startConnect(linkTenant(userId, ownerId), start, answer);
}

/**
 * For whom a person acts on an attempt that they started through this link. That they had proven its address was checked
 * when it was started.
 * @throws AppError not_found for any other attempt, person or token
 */
export async function attemptTenant(userId: string, token: string, attemptId: string): Promise<Tenant> {
  const ownerId = await ownerOfLinkAttempt(token, userId, attemptId);
  if (ownerId === null) throw new AppError("not_found");
  return linkTenant(userId, ownerId);
}
