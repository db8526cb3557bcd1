import "server-only";
import { administratorsOf, organizationExists, readPerson } from "@/lib/auth/clerk-directory";
import { membershipOf } from "@/lib/auth/membership";
import { endOrganization, ownersOf, type PersonUnit, withPerson } from "@/lib/db/departures";
import { upsertPerson } from "@/lib/db/people";
import type { DepartureReason } from "@/lib/db/vocabulary";

/**
 * What follows when Clerk says that somebody is, or is no longer, where their connections are. Each step about
 * a membership is one transaction that asks Clerk under the person's lock. A deletion is final at Clerk, so that is asked
 * first. All of it may be repeated: whoever is killed in between comes again.
 */

/**
 * Brings one person's standing in one organisation up to what Clerk says now.
 * @returns whether there was anything to do
 * @throws AppError auth_unavailable, database_unavailable
 */
export async function settleMembership(organizationId: string, userId: string): Promise<boolean> {
  return withPerson(userId, async (unit) => {
    const membership = await membershipOf(organizationId, userId);
    if (membership) {
      const isBack = await unit.comeBack(organizationId);
      return membership.role === "admin" && (await unit.takeOver(organizationId)) ? true : isBack;
    }
    const admins = await administratorsOf(organizationId);
    // Without an organisation nobody is a member. What becomes of all that it had, its own deletion says.
    if (admins === null) return false;
    await leaveOrganization(unit, organizationId, admins, userId, "left");
    return true;
  });
}

/**
 * Lets a deleted person leave every owner, and forgets them. Clerk decides whether they are gone.
 * @returns false when Clerk still has them
 * @throws AppError auth_unavailable, database_unavailable
 */
export async function forgetIfGone(userId: string): Promise<boolean> {
  if (await readPerson(userId)) return false;
  for (const ownerId of await ownersOf(userId))
    await withPerson(userId, (unit) => leaveAsDeleted(unit, ownerId, userId));
  await withPerson(userId, (unit) => unit.forget());
  return true;
}

async function leaveAsDeleted(unit: PersonUnit, ownerId: string, userId: string): Promise<void> {
  // Somebody who owns by themselves, and had asked this person to connect something.
  const owner = await readPerson(ownerId);
  if (owner) return unit.leave({ ownerId, contactId: ownerId, why: "deleted", admins: [ownerId] });
  const admins = await administratorsOf(ownerId);
  if (admins) return leaveOrganization(unit, ownerId, admins, userId, "deleted");
  await unit.leave({ ownerId, contactId: null, why: "deleted", admins: [] });
}

async function leaveOrganization(
  unit: PersonUnit,
  ownerId: string,
  admins: string[],
  userId: string,
  why: DepartureReason,
): Promise<void> {
  const others = admins.filter((id) => id !== userId);
  const contactId = others[0] ?? null;
  // The contact may never have been here; their name is shown from now on.
  const contact = contactId === null ? null : await readPerson(contactId);
  if (contact) await upsertPerson(contact);
  await unit.leave({ ownerId, contactId, why, admins: others });
}

/**
 * Once more, when the last session token for a deleted organisation has run out: what was started meanwhile ends as well.
 * @throws AppError auth_unavailable, database_unavailable
 */
export async function endAgain(ownerId: string): Promise<void> {
  if (!(await organizationExists(ownerId))) await endOrganization(ownerId, false);
}

/**
 * Once more, when the last session token of whoever left has run out: what they started meanwhile ends as well.
 * @param ownerId the organisation that they left; null for a person who was deleted
 * @throws AppError auth_unavailable, database_unavailable
 */
export async function seeOff(ownerId: string | null, userId: string): Promise<void> {
  if (ownerId === null) await forgetIfGone(userId);
  else await settleMembership(ownerId, userId);
}
