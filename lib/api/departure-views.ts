import { z } from "zod";
import { departureReasons } from "@/lib/db/vocabulary";

/** What the API of the people who left takes and gives. Safe in the browser. */

const person = z.object({ id: z.string(), name: z.string() });
const count = z.number().int().nonnegative();

const departureSchema = z.object({
  id: z.uuid(),
  /** name: null once the person was deleted. */
  person: z.object({ id: z.string(), name: z.string().nullable() }),
  why: z.enum(departureReasons),
  /** Who is asked about what stayed. */
  contact: person.nullable(),
  /** Everyone's connections that stayed, at most a hundred. */
  stayed: z.array(
    z.object({
      id: z.uuid(),
      connector: z.string(),
      name: z.string().nullable(),
      number: z.number().int().positive(),
      /** Since then. */
      disconnected: z.boolean(),
    }),
  ),
  stayed_count: count,
  /** Only-me connections that were disconnected. */
  disconnected_count: count,
  keys_count: count,
  links_count: count,
  left_at: z.iso.datetime({ offset: true }),
  /** When they became a member again. */
  returned_at: z.iso.datetime({ offset: true }).nullable(),
});
export type Departure = z.infer<typeof departureSchema>;

export const departureListSchema = z.object({
  departures: z.array(departureSchema),
  next_cursor: z.string().nullable(),
  total_count: count,
});
export type DepartureList = z.infer<typeof departureListSchema>;

export const listDeparturesSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(500).optional(),
  owner_id: z.string().min(1).max(255).optional(),
});
