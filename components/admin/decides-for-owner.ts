import type { Tenant } from "@/lib/auth/tenant";

/**
 * Whoever decides about what is everyone's: an owner's admins, or the person who owns by themselves. The functions behind
 * the pages check the same again.
 */
export function decidesForOwner(tenant: Tenant): boolean {
  return tenant.orgId === null || tenant.role === "admin";
}
