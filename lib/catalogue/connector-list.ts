import "server-only";
import type { z } from "zod";
import type { ConnectorAnswer, connectorDetailSchema } from "@/lib/api/connector-views";
import type { Tenant } from "@/lib/auth/tenant";
import { type RegisteredConnector, registeredConnectors } from "@/lib/db/connectors";
import { AppError } from "@/lib/errors";
import { type Availability, availabilityFor } from "./availability";
import type { CategoryKey } from "./categories";
import { connectorCards } from "./connectors";
import type { Manifest } from "./manifest";
import { manifests } from "./manifests";
import { searchConnectors } from "./search";

/** The catalogue as the API shows it. */

let registered: Map<string, RegisteredConnector> | undefined;

/** What does not change once it is there, so it is read once by a process. */
async function registrations(slugs: readonly string[]): Promise<Map<string, RegisteredConnector>> {
  if (!registered || slugs.some((slug) => !registered?.has(slug))) registered = await registeredConnectors();
  return registered;
}

function connectorView(
  manifest: Manifest,
  row: RegisteredConnector | undefined,
  availability: Availability | undefined,
): ConnectorAnswer {
  if (!row || !availability) throw new AppError("misconfigured", { cause: new Error("connectors are not registered") });
  return {
    id: row.id,
    slug: manifest.slug,
    name: manifest.name,
    status: manifest.status,
    category: manifest.category,
    description: manifest.description,
    latest_version: manifest.version,
    nango_enabled: manifest.nango.enabled,
    nango_provider_key: manifest.nango.provider_key,
    auth_mode: manifest.auth_mode,
    availability: {
      state: availability.state,
      method: availability.state === "available" ? availability.method : null,
      reason: availability.state === "available" ? null : availability.reason,
    },
    created_at: row.createdAt,
  };
}

const encode = (slug: string): string => Buffer.from(slug).toString("base64url");

/** Where the page after a cursor begins. @throws AppError invalid_request for one that was not given out for this list */
function startOf(slugs: readonly string[], cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const at = slugs.indexOf(Buffer.from(cursor, "base64url").toString());
  if (at < 0) throw new AppError("invalid_request");
  return at + 1;
}

type Filter = {
  category?: CategoryKey | undefined;
  status_filter?: Manifest["status"] | undefined;
  q?: string | undefined;
  limit: number;
  cursor?: string | undefined;
};

/**
 * A page of the listed connectors: in alphabetical order, or the best match first where words are given.
 * @throws AppError invalid_request for a cursor that is not ours
 */
export async function listConnectors(tenant: Tenant, filter: Filter) {
  const { category, status_filter: status, q, limit, cursor } = filter;
  const wanted = connectorCards().filter(
    (card) => (category === undefined || card.category === category) && (!status || card.status === status),
  );
  const slugs = searchConnectors(wanted, q ?? "").map(({ slug }) => slug);
  const start = startOf(slugs, cursor);
  const page = slugs.slice(start, start + limit);
  const [availability, rows] = await Promise.all([availabilityFor(tenant), registrations(page)]);
  const last = page.at(-1);
  return {
    connectors: page.flatMap((slug) => {
      const manifest = manifests.get(slug);
      return manifest ? [connectorView(manifest, rows.get(slug), availability[slug])] : [];
    }),
    total_count: slugs.length,
    next_cursor: last !== undefined && start + limit < slugs.length ? encode(last) : null,
  };
}

/** One connector, listed or not. @throws AppError unknown_connector */
export async function getConnector(tenant: Tenant, slug: string): Promise<z.input<typeof connectorDetailSchema>> {
  const manifest = manifestOf(slug);
  const [availability, rows] = await Promise.all([availabilityFor(tenant), registrations([slug])]);
  const { name, description, category, nango, oauth, actions, version } = manifest;
  return {
    ...connectorView(manifest, rows.get(slug), availability[slug]),
    version,
    manifest: { name, slug, description, category, nango, oauth, actions },
  };
}

/** @throws AppError unknown_connector */
export function manifestOf(slug: string): Manifest {
  const manifest = manifests.get(slug);
  if (!manifest) throw new AppError("unknown_connector");
  return manifest;
}
