"use client";

import { useQuery } from "@tanstack/react-query";
import { useOwner } from "@/components/shell/owner";
import { fetchQuarantine } from "./quarantine-api";
import { quarantineKeys } from "./quarantine-keys";

/** How many connections wait for a decision, for the admins' navigation. */
export function useQuarantineCount(initial: { ownerId: string; at: number; count: number }): number {
  const owner = useOwner();
  const drawn = initial.ownerId === owner.id ? initial : undefined;
  const query = useQuery({
    queryKey: quarantineKeys.count(owner.id),
    queryFn: async ({ signal }) => (await fetchQuarantine(owner.id, { limit: 1 }, signal)).total_count,
    initialData: drawn?.count,
    initialDataUpdatedAt: drawn?.at,
  });
  return query.data ?? 0;
}
