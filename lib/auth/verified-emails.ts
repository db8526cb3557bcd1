import "server-only";
import { askClerk } from "@/lib/auth/ask-clerk";

/**
 * The addresses that a person has proven to be theirs, in lower case, as Clerk says now. An address that was merely
 * entered is not among them: anybody can enter anybody's.
 * @throws AppError auth_unavailable
 */
export async function verifiedEmails(userId: string): Promise<string[]> {
  const user = await askClerk((clerk) => clerk.users.getUser(userId));
  return (
    (user?.emailAddresses ?? [])
      .filter(({ verification }) => verification?.status === "verified")
      // Other letters than A to Z have lower forms that are somebody else's address.
      .map(({ emailAddress }) => emailAddress.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
  );
}
