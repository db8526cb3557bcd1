import * as calls from "@/lib/api/operations/connectors";
import { listConnectors } from "@/lib/catalogue/connector-list";
import { route } from "@/lib/http";

export const GET = route(calls.listConnectorsByList, ({ tenant, query }) => listConnectors(tenant, query));

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
