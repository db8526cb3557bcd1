import type { ReactNode } from "react";
import { quarantineTenant } from "./quarantine-tenant";

/** Refuses before anything is sent, so that the answer to a member is a 404 and no skeleton. */
export default async function QuarantineLayout({ children }: { children: ReactNode }) {
  await quarantineTenant();
  return children;
}
