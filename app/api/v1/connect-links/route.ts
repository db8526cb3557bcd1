import { linkListSchema, listLinksSchema, madeLinkSchema, makeLinkSchema } from "@/lib/api/link-views";
import { linkListView, linkView } from "@/lib/connect/link-view";
import { askToConnect } from "@/lib/connect/links";
import { listLinks } from "@/lib/db/links";
import { route } from "@/lib/http";

export const GET = route({
  query: listLinksSchema,
  answer: linkListSchema,
  handle: async ({ tenant, query }) => linkListView(await listLinks(tenant, query)),
});

/** The only answer that holds the link's address. */
export const POST = route({
  body: makeLinkSchema,
  answer: madeLinkSchema,
  status: 201,
  handle: async ({ tenant, body }) => {
    const { link, url } = await askToConnect(tenant, body);
    return { link: linkView(link), url };
  },
});

export { notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
