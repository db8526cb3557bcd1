"use client";

import { FailurePage } from "@/components/shell/failure-page";

/** Catches what the signed-in part's own boundary cannot: a failure of its layout, such as the database being away. */
export default function RootError() {
  return <FailurePage retry={() => window.location.reload()} />;
}
