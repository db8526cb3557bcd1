import "server-only";
import { canBeLookedAt, isDirect } from "@/lib/connect/credentials";
import { connectionForJob } from "@/lib/db/connection-jobs";
import { healConnection } from "@/lib/webhooks/reconcile-one";

/**
 * Writes a connection's tags back at Nango where they were wiped or differ; also applies what Nango says of it.
 * @throws AppError nango_*, database_unavailable: the job tries again
 */
export async function retagConnection(id: string): Promise<void> {
  const connection = await connectionForJob(id);
  if (!connection || connection.status === "disconnected" || isDirect(connection)) return;
  if (!canBeLookedAt(connection)) return;
  const { integrationKey, nangoConnectionId: connectionId } = connection;
  // Gone is for the sweep to record: it alone notices when everything seems gone, as behind a wrong key.
  await healConnection({ integrationKey, connectionId }, false);
}
