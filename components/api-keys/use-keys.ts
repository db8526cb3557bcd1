"use client";

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { failureCode } from "@/components/api-client";
import { useOwner } from "@/components/shell/owner";
import { notify } from "@/components/ui/notify";
import type { KeyList, KeyView } from "@/lib/api/key-views";
import { fetchKeys, makeKey, revokeKey } from "./api-keys-api";
import { keyPageSize } from "./key-page-size";

/** What the server drew the page with: of which owner, and when. */
export type InitialKeys = { ownerId: string; at: number; list: KeyList };

/** What is cached of keys, per owner. */
const cacheKey = (ownerId: string) => [ownerId, "api-keys"] as const;

/** The keys, page after page, fetched again on focus and every minute: programs use them. Cached per owner. */
export function useKeys(initial: InitialKeys) {
  const owner = useOwner();
  const drawn = initial.ownerId === owner.id ? initial : undefined;
  const query = useInfiniteQuery({
    queryKey: cacheKey(owner.id),
    queryFn: ({ pageParam, signal }) => fetchKeys(owner.id, { limit: keyPageSize, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    initialData: drawn && { pages: [drawn.list], pageParams: [null] },
    initialDataUpdatedAt: drawn?.at,
    refetchInterval: 60_000,
  });
  const keys = query.data?.pages.flatMap((page) => page.api_keys) ?? [];
  return { ...query, keys, totalCount: query.data?.pages[0]?.total_count ?? 0 };
}

/** Making and revoking. The list is fetched again, and what went wrong is said. */
export function useKeyMutations() {
  const t = useTranslations("apiKeys");
  const errors = useTranslations("errors");
  const owner = useOwner();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: cacheKey(owner.id) });

  const make = useMutation({
    mutationFn: (input: { name: string; scopes: string[]; expires_in_days: number | null }) =>
      makeKey({ ...input, owner_id: owner.id }),
    // The answer holds the key: it is gone when the dialog is.
    gcTime: 0,
    onSettled: refresh,
  });
  const revoke = useMutation({
    mutationFn: ({ id }: KeyView) => revokeKey(id, owner.id),
    onSuccess: (_, { name }) => notify({ kind: "plain", title: t("revoked", { name }) }),
    onError: (error, { name }) => {
      const code = failureCode(error);
      if (code !== "owner_mismatch") notify({ kind: "bad", title: errors(code, { name }) });
    },
    onSettled: refresh,
  });
  return { make, revoke };
}
