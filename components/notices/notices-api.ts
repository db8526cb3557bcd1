"use client";

import { callApi } from "@/components/api-client";
import type { NoticeList } from "@/lib/api/views";

export function fetchNotices(ownerId: string, signal?: AbortSignal) {
  return callApi<NoticeList>("GET", `/api/v1/notices?${new URLSearchParams({ owner_id: ownerId })}`, { signal });
}

/** @param untilId the newest notice that was shown; it and all before it count as seen */
export function markNoticesSeen(untilId: string, ownerId: string) {
  return callApi<unknown>("POST", "/api/v1/notices/seen", { body: { until_id: untilId, owner_id: ownerId } });
}
