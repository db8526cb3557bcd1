import "server-only";
import { ask, systemDb } from "@/lib/db/system";
import type { RemoteResult, UpstreamResult } from "@/lib/db/vocabulary";

export type RemoteDelete = {
  id: string;
  ownerId: string;
  connector: string;
  integrationKey: string;
  nangoConnectionId: string;
  /** Another live connection holds the same account: its access must not be revoked at the provider. */
  accountInUse: boolean;
};

/**
 * From here on undo is refused. An interrupted job gets the same answer again.
 *
 * @returns null when there is nothing to delete: undone, done, or not due yet
 */
export async function startRemoteDelete(connectionId: string): Promise<RemoteDelete | null> {
  const [row] = await ask(systemDb("jobs")`select * from patchbay.start_remote_delete(${connectionId})`);
  if (!row) return null;
  return {
    id: row.id,
    ownerId: row.owner_id,
    connector: row.connector,
    integrationKey: row.integration_key,
    nangoConnectionId: row.nango_connection_id,
    accountInUse: row.account_in_use,
  };
}

/** Writes the receipt. @returns false when it was written already */
export async function finishRemoteDelete(
  connectionId: string,
  result: RemoteResult,
  upstream: UpstreamResult | null,
): Promise<boolean> {
  const [row] = await ask(systemDb("jobs")`
    select patchbay.finish_remote_delete(${connectionId}, ${result}, ${upstream}) as done`);
  return row?.done === true;
}

/** Counts a try that failed, so that one that keeps failing can be seen. @param error a short text without secrets */
export async function recordRemovalError(connectionId: string, error: string): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.record_removal_error(${connectionId}, ${error})`);
}
