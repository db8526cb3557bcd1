import "server-only";
import type { z } from "zod";
import type { quarantineListSchema } from "@/lib/api/quarantine-views";
import type { listQuarantine } from "@/lib/db/quarantine";

/** A page of the quarantine as the API shows it. */
export function quarantineListView(
  page: Awaited<ReturnType<typeof listQuarantine>>,
): z.input<typeof quarantineListSchema> {
  return {
    items: page.items.map((row) => ({
      id: row.id,
      connector: row.connector,
      integration_key: row.integrationKey,
      reason_code: row.reasonCode,
      started_by: row.startedBy && { id: row.startedBy.id, name: row.startedBy.name ?? row.startedBy.id },
      visibility: row.visibility,
      first_seen_at: row.firstSeenAt,
      seen_count: row.seenCount,
      can_adopt: row.canAdopt,
    })),
    next_cursor: page.nextCursor,
    total_count: page.totalCount,
    others_only_me_count: page.othersOnlyMeCount,
  };
}
