import { z } from "zod";
import { connectionConfigSchema } from "@/lib/api/views";

/** What the API of connect links takes and gives. Safe in the browser. */

const time = z.iso.datetime({ offset: true });
const person = z.object({ id: z.string(), name: z.string() });

const linkViewSchema = z
  .object({
    id: z.uuid(),
    connector: z.string(),
    email: z.string().nullable().describe("Whom it was made for; null once that person's data are erased."),
    status: z.enum(["open", "used", "revoked", "expired"]),
    created_by: person,
    created_at: time,
    expires_at: time,
    used_by: person.nullable(),
    used_at: time.nullable(),
    connection_id: z.uuid().nullable().describe("What came of it."),
    revoked_at: time.nullable(),
  })
  .meta({ id: "ConnectLink", description: "A link by which one person connects their account." });
export type LinkView = z.infer<typeof linkViewSchema>;

export const linkListSchema = z.object({
  links: z.array(linkViewSchema),
  next_cursor: z.string().nullable(),
  total_count: z.number().int().nonnegative(),
});
export type LinkList = z.infer<typeof linkListSchema>;

/** `url` is given out here and never again. */
export const madeLinkSchema = z.object({ link: linkViewSchema, url: z.url() });
export type MadeLink = z.infer<typeof madeLinkSchema>;

export const linkAnswerSchema = z.object({ link: linkViewSchema });

const ownerId = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .describe("The owner that you mean; refused as owner_mismatch if you act for another.");

export const makeLinkSchema = z.strictObject({
  connector: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  email: z.string().trim().toLowerCase().max(254).pipe(z.email()),
  owner_id: ownerId,
});

export const listLinksSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(500).optional().describe("next_cursor of the page before."),
  owner_id: ownerId,
});

/** Connector, visibility and owner are the link's. */
export const startFromLinkSchema = z.strictObject({
  oauth_method: z.literal("direct").optional(),
  connection_config: connectionConfigSchema.optional(),
});

/** Path parameters. Whatever stands for a token is looked for like one. */
export const linkParamsSchema = z.object({ token: z.string().max(200) });
export const linkAttemptParamsSchema = z.object({ token: z.string().max(200), id: z.uuid() });
