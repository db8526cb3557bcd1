import "server-only";
import { auth } from "@clerk/nextjs/server";
import { redirect } from "next/navigation";
import { after } from "next/server";
import { cache } from "react";
import { rememberPerson } from "@/lib/auth/remember-person";
import { tenantFromClaims } from "@/lib/auth/session";
import type { Tenant } from "@/lib/auth/tenant";

/**
 * Whose page this is; sends people who are not signed in to the sign-in page. The same for all parts of one page.
 */
export const pageTenant = cache(async (): Promise<Tenant> => {
  const claims = await auth();
  if (!claims.userId) redirect("/sign-in");
  const { userId } = claims;
  after(() => rememberPerson(userId));
  return tenantFromClaims(claims);
});
