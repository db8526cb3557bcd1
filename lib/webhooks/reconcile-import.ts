import "server-only";
import { factsOf } from "@/lib/connect/facts";
import { importConnection } from "@/lib/db/reconcile";
import { AppError } from "@/lib/errors";
import { isPathSafe } from "@/lib/nango/client";
import { writeTags } from "@/lib/nango/connection-tags";
import { getConnection } from "@/lib/nango/connections";

/**
 * Registers a connection that was made at Nango without us (its dashboard, its API, another product before this one): a
 * row for its owner, and our tags on it.
 * @param input.by the person it belongs to; the owner itself for somebody without an organisation
 * @returns our connection's id
 * @throws AppError not_found when Nango does not have it; unknown_connector; connection_mismatch when it is or was
 *   somebody's here, or another deployment's; nango_*
 */
export async function importFromNango(input: {
  connectionId: string;
  integrationKey: string;
  ownerId: string;
  connector: string;
  by: string;
}): Promise<string> {
  // The tags go by a path that takes no other id.
  if (!isPathSafe(input.connectionId)) throw new AppError("not_found");
  const id = await importConnection(
    input,
    async () => {
      const found = await getConnection(input.integrationKey, input.connectionId);
      // Scopes are those of the connector that it is declared to be, not of one that its tags may name.
      return found && { ...factsOf({ ...found, tags: { connector: input.connector } }), tags: found.tags };
    },
    (tags) => writeTags(input.integrationKey, input.connectionId, tags),
  );
  if (id === null) throw new AppError("not_found");
  return id;
}
