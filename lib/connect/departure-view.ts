import "server-only";
import type { z } from "zod";
import type { departureListSchema } from "@/lib/api/departure-views";
import type { listDepartures } from "@/lib/db/departures";

/** A page of the report as the API shows it. */
export function departureListView(
  page: Awaited<ReturnType<typeof listDepartures>>,
): z.input<typeof departureListSchema> {
  return {
    departures: page.departures.map((row) => ({
      id: row.id,
      // Of somebody who was deleted no name is left; an id says nothing to anybody.
      person: { id: row.person.id, name: row.person.name },
      why: row.why,
      contact: row.contact && { id: row.contact.id, name: row.contact.name ?? row.contact.id },
      stayed: row.stayed,
      stayed_count: row.stayedCount,
      disconnected_count: row.disconnectedCount,
      keys_count: row.keysCount,
      links_count: row.linksCount,
      left_at: row.leftAt,
      returned_at: row.returnedAt,
    })),
    next_cursor: page.nextCursor,
    total_count: page.totalCount,
  };
}
