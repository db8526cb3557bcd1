import * as calls from "@/lib/api/operations/notices";
import { noticeView } from "@/lib/connect/views";
import { listNotices } from "@/lib/db/notices";
import { route } from "@/lib/http";

/** What the person was told lately, newest first: at most fifty. */
export const GET = route(calls.listNotices, async ({ tenant }) => {
  const { notices, unseenCount } = await listNotices(tenant);
  return { notices: notices.map(noticeView), unseen_count: unseenCount };
});

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
