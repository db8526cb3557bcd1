"use client";

import { useTranslations } from "next-intl";
import { useOwner } from "@/components/shell/owner";
import type { Visibility } from "@/lib/api/views";

/** Who may use a connection, with the organisation's name once it is known. */
export function VisibilityWords({ connection }: { connection: { visibility: Visibility } }) {
  return useVisibilityWords()(connection.visibility);
}

export function useVisibilityWords(): (visibility: Visibility) => string {
  const t = useTranslations("visibility");
  const owner = useOwner();
  return (visibility) =>
    visibility === "only_me" || !owner.inOrganization
      ? t("onlyMe")
      : t("everyone", { organization: owner.organizationName ?? t("yourOrganization") });
}
