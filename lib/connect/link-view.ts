import "server-only";
import type { z } from "zod";
import type { LinkView, linkListSchema } from "@/lib/api/link-views";
import type { LinkRow, listLinks } from "@/lib/db/links";

const person = ({ id, name }: { id: string; name: string | null }) => ({ id, name: name ?? id });

/** A connect link as the API shows it. Its token is not among what is known of it. */
export function linkView(row: LinkRow): LinkView {
  return {
    id: row.id,
    connector: row.connector,
    email: row.email,
    status: row.status,
    created_by: person(row.createdBy),
    created_at: row.createdAt,
    expires_at: row.expiresAt,
    used_by: row.usedBy && person(row.usedBy),
    used_at: row.usedAt,
    connection_id: row.connectionId,
    revoked_at: row.revokedAt,
  };
}

/** A page of the links as the API shows it. */
export function linkListView(page: Awaited<ReturnType<typeof listLinks>>): z.input<typeof linkListSchema> {
  return { links: page.links.map(linkView), next_cursor: page.nextCursor, total_count: page.totalCount };
}
