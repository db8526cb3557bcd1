import { expect, test } from "vitest";
import { connectorCards } from "@/lib/catalogue/connectors";
import { catalogueOverview } from "./catalogue-overview";

test("the first page of the catalogue shows every category in at most 60 rows", () => {
  const groups = catalogueOverview(connectorCards());
  expect(groups).toHaveLength(12);
  expect(groups.reduce((sum, group) => sum + group.cards.length, 0)).toBeLessThanOrEqual(60);
  expect(groups.reduce((sum, group) => sum + group.total, 0)).toBe(99);
});
