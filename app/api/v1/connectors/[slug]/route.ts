import * as calls from "@/lib/api/operations/connectors";
import { getConnector } from "@/lib/catalogue/connector-list";
import { route } from "@/lib/http";

export const GET = route(calls.getConnector, ({ tenant, params }) => getConnector(tenant, params.slug));

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
