import { departureListSchema, listDeparturesSchema } from "@/lib/api/departure-views";
import { operation } from "@/lib/api/operation";

export const listDepartures = operation({
  id: "listDepartures",
  method: "GET",
  path: "/api/v1/departures",
  tag: "Administration",
  summary: "List who left, and what became of what they had connected.",
  scope: null,
  query: listDeparturesSchema,
  answer: departureListSchema,
  errors: ["forbidden"],
});
