import { connectorParamsSchema } from "@/lib/api/action-views";
import { connectorDetailSchema, connectorListSchema, listConnectorsSchema } from "@/lib/api/connector-views";
import { operation } from "@/lib/api/operation";
import { ownerOnlySchema } from "@/lib/api/views";

/** The calls about the catalogue. */

export const listConnectors = operation({
  id: "listConnectors",
  method: "GET",
  path: "/api/v1/connectors",
  tag: "Connectors",
  summary: "List the connectors of the catalogue, and whether new accounts can be connected.",
  description: "In alphabetical order, a page at a time; with `q` the best match first.",
  scope: "connectors:read",
  query: listConnectorsSchema,
  answer: connectorListSchema,
  errors: [],
});

export const listConnectorsByList = operation({
  ...listConnectors,
  id: "listConnectorsByList",
  path: "/api/v1/connectors/list",
  summary: "The same as GET /api/v1/connectors.",
});

export const getConnector = operation({
  id: "getConnector",
  method: "GET",
  path: "/api/v1/connectors/{slug}",
  tag: "Connectors",
  summary: "Read one connector: what it can do, what it asks for, and whether it can be connected.",
  description: "Connectors that the catalogue does not list are found here, too.",
  scope: "connectors:read",
  params: connectorParamsSchema,
  query: ownerOnlySchema,
  answer: connectorDetailSchema,
  errors: ["unknown_connector"],
});
