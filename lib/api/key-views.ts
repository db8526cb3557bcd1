import { z } from "zod";
import { scopeForm } from "@/lib/auth/scopes";
import { keyEndings } from "@/lib/db/vocabulary";

/** What the API of keys takes and gives. Safe in the browser. */

const time = z.iso.datetime({ offset: true });

const scopeSchema = z.string().regex(scopeForm).meta({
  id: "Scope",
  description:
    "connectors:read, connections:read, connections:write, actions:read:<connector> (actions that only read) or actions:run:<connector> (all of its actions). * stands for every connector.",
});

const keyViewSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    prefix: z.string().describe("The beginning of the key, to tell it from others."),
    scopes: z.array(scopeSchema),
    status: z.enum(["active", "expired", "revoked"]),
    created_by: z.object({ id: z.string(), name: z.string() }).describe("It acts in this person's name."),
    created_at: time,
    expires_at: time.nullable().describe("null: it has no end."),
    last_used_at: time.nullable().describe("To the minute."),
    revoked_at: time.nullable(),
    revoked_why: z.enum(keyEndings).nullable().describe("owner_left: whoever made it is no member any more."),
  })
  .meta({ id: "ApiKey", description: "A key of the API. The key itself is shown once, when it is made." });
export type KeyView = z.infer<typeof keyViewSchema>;

export const keyListSchema = z.object({
  api_keys: z.array(keyViewSchema),
  next_cursor: z.string().nullable(),
  total_count: z.number().int().nonnegative(),
});
export type KeyList = z.infer<typeof keyListSchema>;

export const madeKeySchema = z.object({
  api_key: keyViewSchema,
  key: z.string().describe("The key. Shown now and never again: only its digest is kept."),
});
export type MadeKey = z.infer<typeof madeKeySchema>;

export const keyAnswerSchema = z.object({ api_key: keyViewSchema });

const ownerId = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .describe("The owner that you mean; refused as owner_mismatch if you act for another.");

export const makeKeySchema = z.strictObject({
  name: z.string().trim().min(1).max(80),
  scopes: z.array(scopeSchema).min(1).max(50),
  expires_in_days: z.number().int().min(1).max(3_650).nullable().describe("null: it has no end."),
  owner_id: ownerId,
});
export type MakeKey = z.infer<typeof makeKeySchema>;

export const listKeysSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(500).optional().describe("next_cursor of the page before."),
  owner_id: ownerId,
});
