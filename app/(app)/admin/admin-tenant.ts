import { notFound } from "next/navigation";
import { decidesForOwner } from "@/components/admin/decides-for-owner";
import { pageTenant } from "@/lib/auth/page";
import type { Tenant } from "@/lib/auth/tenant";

/** Whose page this is, when they decide for its owner; members are shown `not-found`. */
export async function adminTenant(): Promise<Tenant> {
  const tenant = await pageTenant();
  if (!decidesForOwner(tenant)) notFound();
  return tenant;
}
