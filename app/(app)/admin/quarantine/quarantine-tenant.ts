import { notFound } from "next/navigation";
import { decidesForOwner } from "@/components/admin/decides-for-owner";
import { pageTenant } from "@/lib/auth/page";
import type { Tenant } from "@/lib/auth/tenant";
import { listQuarantine } from "@/lib/db/quarantine";

/** Whose page this is. Members for whom nothing waits there are shown `not-found`. */
export async function quarantineTenant(): Promise<Tenant> {
  const tenant = await pageTenant();
  if (!decidesForOwner(tenant) && (await listQuarantine(tenant, { limit: 1 })).totalCount === 0) notFound();
  return tenant;
}
