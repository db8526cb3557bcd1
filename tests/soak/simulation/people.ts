import type { Tenant } from "@/lib/auth/tenant";
import type { DataFixture } from "@/tests/support/tenants";

/** Who acts in the simulation: members and admins of organisations, one of them in two, and people by themselves. */
export function peopleOf(db: DataFixture): Tenant[] {
  return [
    db.tenant("org_acme", "user_ada", "admin"),
    db.tenant("org_acme", "user_grace", "member"),
    db.tenant("org_acme", "user_alan", "member"),
    db.tenant("org_globex", "user_katherine", "admin"),
    db.tenant("org_globex", "user_grace", "member"),
    db.tenant("org_initech", "user_edsger", "admin"),
    db.tenant("user_barbara", "user_barbara"),
    db.tenant("user_ada", "user_ada"),
  ];
}
