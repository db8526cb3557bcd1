import type { Tenant } from "@/lib/auth/tenant";

/**
 * Whoever is shown what an owner's admins decide about: its admins, or the person who owns by themselves. The functions
 * behind the pages check the same again.
 */
export function decidesForOwner(tenant: Tenant): boolean {
  return tenant.orgId === null || tenant.role === "admin";
}
