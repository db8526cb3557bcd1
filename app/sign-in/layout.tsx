import type { ReactNode } from "react";
import { SignFrame } from "@/components/shell/sign-frame";
import { SignedInZone } from "@/components/shell/signed-in-zone";

export default function SignInLayout({ children }: { children: ReactNode }) {
  return (
    <SignedInZone>
      <SignFrame>{children}</SignFrame>
    </SignedInZone>
  );
}
