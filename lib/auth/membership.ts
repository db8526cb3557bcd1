import "server-only";
import { askClerk } from "@/lib/auth/ask-clerk";

/** As many as Clerk lists at once. */
const PAGE = 500;

export type Membership = { role: "admin" | "member"; organizationName: string };

/**
 * What a person is in an organisation, as Clerk says now; null when they are not in it (any more), or one of both is gone.
 * @throws AppError auth_unavailable
 */
export async function membershipOf(organizationId: string, userId: string): Promise<Membership | null> {
  for (let offset = 0; ; offset += PAGE) {
    const page = await askClerk((clerk) => clerk.users.getOrganizationMembershipList({ userId, limit: PAGE, offset }));
    const found = page?.data.find(({ organization }) => organization.id === organizationId);
    if (found)
      return { role: found.role === "org:admin" ? "admin" : "member", organizationName: found.organization.name };
    if (!page || page.data.length < PAGE) return null;
  }
}
