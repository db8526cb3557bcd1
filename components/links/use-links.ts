"use client";

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { failureCode } from "@/components/api-client";
import { useOwner } from "@/components/shell/owner";
import { notify } from "@/components/ui/notify";
import type { LinkList, LinkView } from "@/lib/api/link-views";
import { linkKeys } from "./link-keys";
import { linkPageSize } from "./link-page-size";
import { fetchLinks, makeLink, revokeLink } from "./links-api";

/** What the server drew the page with: of which owner, and when. */
export type InitialLinks = { ownerId: string; at: number; list: LinkList };

/** The links, page after page, fetched again on focus and every minute: somebody may use one. Cached per owner. */
export function useLinks(initial: InitialLinks) {
  const owner = useOwner();
  const drawn = initial.ownerId === owner.id ? initial : undefined;
  const query = useInfiniteQuery({
    queryKey: linkKeys.list(owner.id),
    queryFn: ({ pageParam, signal }) => fetchLinks(owner.id, { limit: linkPageSize, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    initialData: drawn && { pages: [drawn.list], pageParams: [null] },
    initialDataUpdatedAt: drawn?.at,
    refetchInterval: 60_000,
  });
  const links = query.data?.pages.flatMap((page) => page.links) ?? [];
  return { ...query, links, totalCount: query.data?.pages[0]?.total_count ?? 0 };
}

export type NamedLink = { link: LinkView; name: string; email: string };

/** Making and revoking. What is shown of links is fetched again, and what went wrong is said. */
export function useLinkMutations() {
  const t = useTranslations("links");
  const errors = useTranslations("errors");
  const owner = useOwner();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: linkKeys.list(owner.id) });

  const make = useMutation({
    mutationFn: (input: { connector: string; email: string }) => makeLink({ ...input, ownerId: owner.id }),
    onSettled: refresh,
  });
  const revoke = useMutation({
    mutationFn: ({ link }: NamedLink) => revokeLink(link.id, owner.id),
    onSuccess: (_, { email }) => notify({ kind: "plain", title: t("revoked", { email }) }),
    onError: (error, { name }) => {
      const code = failureCode(error);
      if (code !== "owner_mismatch") notify({ kind: "bad", title: errors(code, { name }) });
    },
    onSettled: refresh,
  });
  return { make, revoke };
}
