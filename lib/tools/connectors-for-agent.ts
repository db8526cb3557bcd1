import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { listConnectors } from "@/lib/catalogue/connector-list";
import { manifests } from "@/lib/catalogue/manifests";
import { connectionCounts } from "@/lib/db/connections";

/**
 * A page of connectors as an agent needs them: whether an account can be connected, how many are, and what could be done.
 * @throws AppError invalid_request for a cursor that is none
 */
export async function connectorsForAgent(tenant: Tenant, filter: Parameters<typeof listConnectors>[1]) {
  const [{ connectors, ...page }, counts] = await Promise.all([
    listConnectors(tenant, filter),
    connectionCounts(tenant),
  ]);
  return {
    ...page,
    connectors: connectors.map(({ slug, name, description, category, availability }) => ({
      slug,
      name,
      description,
      category,
      available: availability.state === "available",
      unavailable_reason: availability.reason,
      connected: counts[slug]?.connected ?? 0,
      needs_attention: counts[slug]?.needsAttention ?? 0,
      actions: Object.keys(manifests.get(slug)?.actions ?? {}),
    })),
  };
}
