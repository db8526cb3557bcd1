"use client";

import { callApi } from "@/components/api-client";
import type { DepartureList } from "@/lib/api/departure-views";
import { departurePageSize } from "./departure-page-size";

/** A page of the report. It carries the owner that the page was drawn for. */
export function fetchDepartures(ownerId: string, cursor: string | null, signal?: AbortSignal) {
  const query = new URLSearchParams({ owner_id: ownerId, limit: String(departurePageSize) });
  if (cursor) query.set("cursor", cursor);
  return callApi<DepartureList>("GET", `/api/v1/departures?${query}`, { signal });
}
