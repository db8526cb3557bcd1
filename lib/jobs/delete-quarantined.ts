import "server-only";
import { quarantineDeleted, quarantineToDelete } from "@/lib/db/quarantine";
import { deleteConnection } from "@/lib/nango/connections";

/**
 * Deletes at Nango what an administrator did not want; one that is gone already is done.
 * @throws AppError nango_*, database_unavailable: the job tries again
 */
export async function deleteQuarantinedRemotely(id: string): Promise<void> {
  const found = await quarantineToDelete(id);
  if (!found) return;
  await deleteConnection(found.integrationKey, found.connectionId);
  await quarantineDeleted(id);
}
