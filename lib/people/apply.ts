import "server-only";
import { organizationExists, readPerson } from "@/lib/auth/clerk-directory";
import { type ClerkDelivery, finishClerkDelivery, openClerkDelivery } from "@/lib/db/clerk-deliveries";
import { endOrganization } from "@/lib/db/departures";
import { upsertPerson } from "@/lib/db/people";
import type { ClerkVerdict } from "@/lib/db/vocabulary";
import { log } from "@/lib/log";
import { forgetIfGone, settleMembership } from "@/lib/people/leaving";

/**
 * Threat: a genuine delivery is sent again, or comes late, when what it says is no longer so: whoever has come back would
 * lose their connections a second time.
 * Invariant: a delivery names whom to ask Clerk about, and Clerk's answer is what takes effect.
 * Guarded by tests/integration/clerk-webhooks.test.ts.
 */

/**
 * Looks into one stored delivery and ends it with a verdict. Doing it again after it ended changes nothing.
 * @throws AppError auth_unavailable, database_unavailable: try again later
 */
export async function applyClerkDelivery(svixId: string): Promise<void> {
  const delivery = await openClerkDelivery(svixId);
  if (!delivery) return;
  const verdict = await apply(delivery);
  await finishClerkDelivery(svixId, verdict);
  log().debug({ svix_id: svixId, type: delivery.type, verdict }, "delivery of Clerk's applied");
}

async function apply({ type, userId, organizationId }: ClerkDelivery): Promise<ClerkVerdict> {
  switch (type) {
    case "user.created":
    case "user.updated": {
      const person = userId === null ? null : await readPerson(userId);
      if (person) await upsertPerson(person);
      return person ? "applied" : "ignored";
    }
    case "user.deleted":
      return userId !== null && (await forgetIfGone(userId)) ? "applied" : "ignored";
    case "organizationMembership.created":
    case "organizationMembership.updated":
    case "organizationMembership.deleted":
      return userId !== null && organizationId !== null && (await settleMembership(organizationId, userId))
        ? "applied"
        : "ignored";
    case "organization.deleted": {
      if (organizationId === null || (await organizationExists(organizationId))) return "ignored";
      await endOrganization(organizationId, true);
      return "applied";
    }
    default:
      return "ignored";
  }
}
