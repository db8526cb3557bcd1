import * as calls from "@/lib/api/operations/connect-links";
import { linkListView, linkView } from "@/lib/connect/link-view";
import { askToConnect } from "@/lib/connect/links";
import { listLinks } from "@/lib/db/links";
import { route } from "@/lib/http";

export const GET = route(calls.listConnectLinks, async ({ tenant, query }) =>
  linkListView(await listLinks(tenant, query)),
);

/** The only answer that holds the link's address. */
export const POST = route(calls.makeConnectLink, async ({ tenant, body }) => {
  const { link, url } = await askToConnect(tenant, body);
  return { link: linkView(link), url };
});

export { notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
