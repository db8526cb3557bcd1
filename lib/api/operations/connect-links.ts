import {
  linkAnswerSchema,
  linkListSchema,
  listLinksSchema,
  madeLinkSchema,
  makeLinkSchema,
} from "@/lib/api/link-views";
import { operation } from "@/lib/api/operation";
import { idParamsSchema, ownerOnlySchema } from "@/lib/api/views";

/** The calls about links by which somebody else connects their account for the organisation. */

export const listConnectLinks = operation({
  id: "listConnectLinks",
  method: "GET",
  path: "/api/v1/connect-links",
  tag: "Connecting",
  summary: "List the links that were made, newest first.",
  scope: null,
  query: listLinksSchema,
  answer: linkListSchema,
  errors: [],
});

export const makeConnectLink = operation({
  id: "makeConnectLink",
  method: "POST",
  path: "/api/v1/connect-links",
  tag: "Connecting",
  summary: "Make a link by which one person connects their account.",
  description: "The only answer that holds the link's address. It works once, for the person with that e-mail address.",
  scope: null,
  body: makeLinkSchema,
  answer: madeLinkSchema,
  status: 201,
  errors: ["forbidden", "unknown_connector", "connector_unavailable", "connector_blocked", "too_many_links"],
  idempotent: "once",
});

export const revokeConnectLink = operation({
  id: "revokeConnectLink",
  method: "DELETE",
  path: "/api/v1/connect-links/{id}",
  tag: "Connecting",
  summary: "Revoke a link.",
  description: "What is under way through it is cancelled.",
  scope: null,
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: linkAnswerSchema,
  errors: ["link_finished"],
});
