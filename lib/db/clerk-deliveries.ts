import "server-only";
import { ask, systemDb } from "@/lib/db/system";
import type { ClerkVerdict } from "@/lib/db/vocabulary";

/** Who and what it says it is about; a hint. */
export type ClerkDelivery = { svixId: string; type: string; userId: string | null; organizationId: string | null };

/**
 * Stores a delivery and the job that looks into it, in one transaction.
 * @returns false when this one was here before: nothing new then
 */
export async function recordClerkDelivery(delivery: ClerkDelivery): Promise<boolean> {
  const { svixId, type, userId, organizationId } = delivery;
  const [row] = await ask(systemDb("deliveries")`
    select patchbay.record_clerk_delivery(${svixId}, ${type}, ${userId}, ${organizationId}) as new`);
  return row?.new === true;
}

/** A delivery that still needs a verdict; null when it is unknown or final. Counts as a run of its job. */
export async function openClerkDelivery(svixId: string): Promise<ClerkDelivery | null> {
  const [row] = await ask(systemDb("jobs")`select * from patchbay.open_clerk_delivery(${svixId})`);
  return row ? { svixId: row.svix_id, type: row.type, userId: row.user_id, organizationId: row.organization_id } : null;
}

export async function finishClerkDelivery(svixId: string, verdict: ClerkVerdict): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.finish_clerk_delivery(${svixId}, ${verdict})`);
}
