import "server-only";
import { askClerk } from "@/lib/auth/ask-clerk";

/**
 * What Clerk says now of people and organisations: the truth that its webhooks only hint at.
 * @throws AppError auth_unavailable, each of them
 */

/** As many as Clerk lists at once. */
const PAGE = 500;

export type Person = { userId: string; name: string | null; email: string | null; imageUrl: string | null };

/** What "connected by" shows of a person; null when Clerk has none of that id. */
export async function readPerson(userId: string): Promise<Person | null> {
  const user = await askClerk((clerk) => clerk.users.getUser(userId));
  if (!user) return null;
  const email = user.primaryEmailAddress?.emailAddress ?? user.emailAddresses[0]?.emailAddress ?? null;
  const name = [user.firstName, user.lastName].filter(Boolean).join(" ") || user.username || email;
  return { userId, name, email, imageUrl: user.hasImage ? user.imageUrl : null };
}

/** The ids of an organisation's administrators, the longest-serving first; null when Clerk has no such organisation. */
export async function administratorsOf(organizationId: string): Promise<string[] | null> {
  const found: { userId: string; since: number }[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const page = await askClerk((clerk) =>
      clerk.organizations.getOrganizationMembershipList({ organizationId, limit: PAGE, offset }),
    );
    if (!page) return null;
    for (const { role, createdAt, publicUserData } of page.data)
      if (role === "org:admin" && publicUserData) found.push({ userId: publicUserData.userId, since: createdAt });
    if (page.data.length < PAGE) return found.sort((a, b) => a.since - b.since).map(({ userId }) => userId);
  }
}

/** Whether there is such an organisation. */
export async function organizationExists(organizationId: string): Promise<boolean> {
  return (await askClerk((clerk) => clerk.organizations.getOrganization({ organizationId }))) !== null;
}
