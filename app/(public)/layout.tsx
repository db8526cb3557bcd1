import type { ReactNode } from "react";
import { PublicZone } from "@/components/public/public-zone";

export default function PublicLayout({ children }: { children: ReactNode }) {
  return <PublicZone>{children}</PublicZone>;
}
