import * as calls from "@/lib/api/operations/notices";
import { noticeView } from "@/lib/connect/views";
import { listNotices, seeNotices } from "@/lib/db/notices";
import { route } from "@/lib/http";

export const POST = route(calls.seeNotices, async ({ tenant, body }) => {
  await seeNotices(tenant, body.until_id);
  const { notices, unseenCount } = await listNotices(tenant);
  return { notices: notices.map(noticeView), unseen_count: unseenCount };
});

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
