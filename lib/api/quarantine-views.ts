import { z } from "zod";
import { quarantineReasons } from "@/lib/db/vocabulary";

/** What the API of the quarantine takes and gives. Safe in the browser. */

const quarantineItemSchema = z
  .object({
    id: z.uuid(),
    connector: z.string().nullable(),
    integration_key: z.string(),
    reason_code: z.enum(quarantineReasons),
    started_by: z.object({ id: z.string(), name: z.string() }).nullable().describe("Whose attempt it came from."),
    visibility: z.enum(["everyone", "only_me"]).nullable(),
    first_seen_at: z.iso.datetime({ offset: true }),
    seen_count: z.number().int().positive(),
    can_adopt: z.boolean().describe("False: it can only be deleted."),
  })
  .meta({ id: "QuarantineItem", description: "What completed at Nango without an attempt to claim it." });
export type QuarantineItem = z.infer<typeof quarantineItemSchema>;

export const quarantineListSchema = z.object({
  items: z.array(quarantineItemSchema),
  next_cursor: z.string().nullable(),
  total_count: z.number().int().nonnegative(),
  others_only_me_count: z
    .number()
    .int()
    .nonnegative()
    .describe("For administrators: how many wait for other people alone."),
});
export type QuarantineList = z.infer<typeof quarantineListSchema>;

export const listQuarantineSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(500).optional().describe("next_cursor of the page before."),
  owner_id: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe("The owner that you mean; refused as owner_mismatch if you act for another."),
});

export const deleteAnswerSchema = z.object({ deleted: z.literal(true) });
