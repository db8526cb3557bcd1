import "server-only";
import { showsConnector } from "@/brand";
import { allows } from "@/lib/auth/scopes";
import type { Tenant } from "@/lib/auth/tenant";
import { manifests } from "@/lib/catalogue/manifests";
import { boundLink } from "@/lib/connect/bound-links";
import { env } from "@/lib/env";
import type { AppError, ErrorCode } from "@/lib/errors";
import { log } from "@/lib/log";

/** Where a person goes on when a tool could not: what an agent hands on to them. */

/** A new account helps. */
const connectAnew: ReadonlySet<ErrorCode> = new Set([
  "connection_needed",
  "connection_disconnected",
  "connection_gone",
]);
/** The same account signs in again, on its page. */
const signInAgain: ReadonlySet<ErrorCode> = new Set(["connection_needs_attention", "provider_auth"]);

const page = (path: string) => new URL(path, env().appUrl).href;

/**
 * The address by which a person can mend what stopped a tool; nothing where no address helps. A link that is made for this
 * is bound to the caller's person; an agent that fails in a loop gets a few of them, and takes none from those who ask for
 * one. Where the caller may make none, or no more, it is the connector's page, if there is one. Never throws.
 */
export async function wayBack(
  tenant: Tenant,
  connector: string | null,
  fault: AppError,
): Promise<Record<string, string>> {
  if (connector === null) return {};
  const hasPage = manifests.get(connector)?.listed && showsConnector(connector);
  const ofConnector: Record<string, string> = hasPage ? { connect_url: page(`/connectors/${connector}`) } : {};
  if (signInAgain.has(fault.code)) {
    const id = fault.details?.connection_id;
    return typeof id === "string" ? { connect_url: page(`/connections/${id}`) } : ofConnector;
  }
  if (!connectAnew.has(fault.code)) return {};
  if (!allows(tenant, "connections:write")) return ofConnector;
  try {
    const { url, linkId } = await boundLink(tenant, { connector, automatic: true });
    return { connect_url: url, link_id: linkId };
  } catch (error) {
    // Too many open links, a connector that is blocked or not set up: its page says which.
    log().debug({ err: error }, "a tool's answer has no link of its own");
    return ofConnector;
  }
}
