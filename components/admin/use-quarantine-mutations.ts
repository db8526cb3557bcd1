"use client";

import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { failureCode } from "@/components/api-client";
import { connectionKeys } from "@/components/connections/connection-keys";
import { useOwner } from "@/components/shell/owner";
import { notify } from "@/components/ui/notify";
import type { QuarantineItem, QuarantineList } from "@/lib/api/quarantine-views";
import { adoptQuarantined, deleteQuarantined } from "./quarantine-api";
import { quarantineKeys } from "./quarantine-keys";

export type Waiting = { item: QuarantineItem; connectorName: string };
type Pages = InfiniteData<QuarantineList, string | null>;

const without = (data: Pages, id: string): Pages => ({
  ...data,
  pages: data.pages.map((page) => ({
    ...page,
    items: page.items.filter((item) => item.id !== id),
    // Each page says how many there are in all.
    total_count: Math.max(0, page.total_count - 1),
  })),
});

/** Adopt and delete: the row goes when the server has done it, what depends on it is fetched again, and it is said aloud. */
export function useQuarantineMutations() {
  const t = useTranslations("quarantine");
  const errors = useTranslations("errors");
  const owner = useOwner();
  const queries = useQueryClient();
  const router = useRouter();

  const leaveList = (id: string) => {
    const queryKey = quarantineKeys.list(owner.id);
    queries.setQueryData<Pages>(queryKey, (data) => data && without(data, id));
    queries.setQueryData<number>(quarantineKeys.count(owner.id), (count) => count && count - 1);
    // The row that held the focus is gone, dialog and all, two frames from now at the latest.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => document.getElementById("page-title")?.focus({ preventScroll: true })),
    );
  };
  const sayFailure = (error: unknown, connectorName: string) => {
    const code = failureCode(error);
    if (code === "forbidden") notify({ kind: "bad", title: t("adminsOnly") });
    else if (code !== "owner_mismatch") notify({ kind: "bad", title: errors(code, { name: connectorName }) });
  };
  const refresh = () => queries.invalidateQueries({ queryKey: connectionKeys.all(owner.id) });

  const adopt = useMutation({
    mutationFn: ({ item }: Waiting) => adoptQuarantined(item.id, owner.id),
    onSuccess: (connection, { item, connectorName }) => {
      leaveList(item.id);
      const account = connection.label ?? connection.account_name;
      notify({
        kind: "good",
        title: account ? t("adopted", { account, name: connectorName }) : t("adoptedNameless", { name: connectorName }),
        action: { label: t("show"), run: () => router.push(`/connections/${connection.id}`) },
      });
    },
    onError: (error, { connectorName }) => sayFailure(error, connectorName),
    onSettled: refresh,
  });

  const remove = useMutation({
    mutationFn: ({ item }: Waiting) => deleteQuarantined(item.id, owner.id),
    onSuccess: (_, { item, connectorName }) => {
      leaveList(item.id);
      notify({ kind: "plain", title: t("deleted", { name: connectorName }), detail: t("deletedDetail") });
    },
    onError: (error, { connectorName }) => sayFailure(error, connectorName),
    onSettled: refresh,
  });

  return { adopt, remove };
}
