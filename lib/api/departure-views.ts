import { z } from "zod";
import { departureReasons } from "@/lib/db/vocabulary";

/** What the API of the people who left takes and gives. Safe in the browser. */

const person = z.object({ id: z.string(), name: z.string() });
const count = z.number().int().nonnegative();

const departureSchema = z
  .object({
    id: z.uuid(),
    person: z
      .object({ id: z.string(), name: z.string().nullable() })
      .describe("name: null once the person was deleted."),
    why: z.enum(departureReasons),
    contact: person.nullable().describe("Who is asked about what stayed."),
    /** Everyone's connections that stayed, at most a hundred. */
    stayed: z.array(
      z.object({
        id: z.uuid(),
        connector: z.string(),
        name: z.string().nullable(),
        number: z.number().int().positive(),
        disconnected: z.boolean().describe("Since then."),
      }),
    ),
    stayed_count: count,
    disconnected_count: count.describe("Only-me connections that were disconnected."),
    keys_count: count,
    links_count: count,
    left_at: z.iso.datetime({ offset: true }),
    returned_at: z.iso.datetime({ offset: true }).nullable().describe("When they became a member again."),
  })
  .meta({ id: "Departure", description: "Somebody who left the organisation." });
export type Departure = z.infer<typeof departureSchema>;

export const departureListSchema = z.object({
  departures: z.array(departureSchema),
  next_cursor: z.string().nullable(),
  total_count: count,
});
export type DepartureList = z.infer<typeof departureListSchema>;

export const listDeparturesSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(500).optional().describe("next_cursor of the page before."),
  owner_id: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe("The owner that you mean; refused as owner_mismatch if you act for another."),
});
