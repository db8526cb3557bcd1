import { operation } from "@/lib/api/operation";
import { noticeListSchema, ownerOnlySchema, seenNoticesSchema } from "@/lib/api/views";

/** The calls about what a person was told. */

export const listNotices = operation({
  id: "listNotices",
  method: "GET",
  path: "/api/v1/notices",
  tag: "Notices",
  summary: "Read what you were told lately, newest first: at most fifty.",
  scope: null,
  query: ownerOnlySchema,
  answer: noticeListSchema,
  errors: [],
});

export const seeNotices = operation({
  id: "seeNotices",
  method: "POST",
  path: "/api/v1/notices/seen",
  tag: "Notices",
  summary: "Mark notices as seen, up to one of them.",
  scope: null,
  body: seenNoticesSchema,
  answer: noticeListSchema,
  errors: [],
  idempotent: true,
});
