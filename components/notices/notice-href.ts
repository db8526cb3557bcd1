import type { NoticeView } from "@/lib/api/views";

/**
 * Where the reader can do something about a notice; null when there is nothing to go to. What waits in quarantine is
 * told to whoever tried to connect it, too, who need not be an admin.
 */
export function noticeHref(notice: Pick<NoticeView, "kind" | "connection_id">, isAdmin: boolean): string | null {
  if (notice.kind === "quarantined") return isAdmin ? "/admin/quarantine" : null;
  if (notice.kind === "person_left" || notice.kind === "contact") return isAdmin ? "/admin/people-left" : null;
  return notice.connection_id === null ? null : `/connections/${notice.connection_id}`;
}
