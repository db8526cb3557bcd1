import type { NoticeView } from "@/lib/api/views";

/**
 * Where the reader can do something about a notice; null when there is nothing to go to. What waits in quarantine is
 * told to whoever tried to connect it, who may have no say in it.
 */
export function noticeHref(notice: Pick<NoticeView, "kind" | "connection_id">, seesQuarantine: boolean): string | null {
  if (notice.kind === "quarantined") return seesQuarantine ? "/admin/quarantine" : null;
  // Only admins are told of these.
  if (notice.kind === "person_left" || notice.kind === "contact") return "/admin/people-left";
  return notice.connection_id === null ? null : `/connections/${notice.connection_id}`;
}
