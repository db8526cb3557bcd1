import "server-only";
import { z } from "zod";
import { type Listed, senseless } from "./adapter";
import { maybeText } from "./reading";

/** How Panora's answers are made: a page of records with cursors, or one record. */

const pageSchema = z.object({ data: z.array(z.unknown()), next_cursor: maybeText });

export function panoraPage<T>(answer: unknown, read: (raw: unknown) => T): Listed<T> {
  const { success, data } = pageSchema.safeParse(answer);
  if (!success) throw senseless("Panora: a list without data");
  return { items: data.data.map(read), nextCursor: data.next_cursor };
}

const wrapped = z.object({ data: z.looseObject({ id: z.unknown() }) });

/** One record, which some of Panora's versions wrap. */
export function panoraRecord(answer: unknown): unknown {
  const { success, data } = wrapped.safeParse(answer);
  return success ? data.data : answer;
}
