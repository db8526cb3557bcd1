import type { ReactNode } from "react";
import { adminTenant } from "../admin-tenant";

/** Refuses before anything is sent, so that the answer to a member is a 404 and no skeleton. */
export default async function PeopleLeftLayout({ children }: { children: ReactNode }) {
  await adminTenant();
  return children;
}
