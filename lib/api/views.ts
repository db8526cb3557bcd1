import { z } from "zod";
import { jsonSchema } from "@/lib/api/json";
import { actorKinds, conditionCodes, eventTypes, nextSteps, noticeKinds, turns } from "@/lib/db/vocabulary";

/**
 * What the HTTP API takes and gives. Safe in the browser; pages import the types.
 * Answers are parsed with these on the way out, so a column that is not listed here cannot leak.
 */

const time = z.iso.datetime({ offset: true });

const visibilitySchema = z.enum(["everyone", "only_me"]);
export type Visibility = z.infer<typeof visibilitySchema>;

const connectionStatusSchema = z.enum(["pending", "connected", "needs_attention", "disconnected"]);

/** What a list may be narrowed to: a status, or all that a person should see to (attention: broken, or ending soon). */
const statusFilterSchema = z.enum([...connectionStatusSchema.options, "attention"]);
export type StatusFilter = z.infer<typeof statusFilterSchema>;

/** How a connection stands: the same codes for pages, API and tools (docs/status-codes.md). */
const conditionSchema = z
  .object({
    code: z.enum(conditionCodes),
    cause: z.string().describe("The cause, as a sentence."),
    turn: z.enum(turns).describe("Whose turn it is."),
    next_step: z.enum(nextSteps),
    since: time.nullable(),
  })
  .meta({ id: "Condition", description: "How a connection stands: docs/status-codes.md explains each code." });
export type Condition = z.infer<typeof conditionSchema>;

/** What a disconnect has done so far. */
const receiptSchema = z
  .object({
    nango: z.enum(["waiting", "deleted", "already_gone", "stuck"]),
    upstream: z.enum(["waiting", "revoked", "not_supported", "kept_in_use", "failed", "unknown"]),
    finished_at: time.nullable(),
  })
  .meta({ id: "Receipt", description: "What a disconnect has done so far." });
export type Receipt = z.infer<typeof receiptSchema>;

const oauthMethodSchema = z.enum(["nango", "direct"]);
/** Who keeps the sign-in: Nango, or this app itself. */
export type OAuthMethod = z.infer<typeof oauthMethodSchema>;

const attemptStatusSchema = z.enum(["open", "abandoned", "confirmed", "failed", "cancelled", "expired"]);

export const connectionViewSchema = z
  .object({
    id: z.uuid(),
    connector: z.string(),
    status: connectionStatusSchema,
    reason_code: z.string().nullable(),
    condition: conditionSchema,
    oauth_method: oauthMethodSchema,
    visibility: visibilitySchema,
    account_id: z.string().nullable(),
    account_name: z.string().nullable(),
    label: z.string().nullable(),
    is_default: z.boolean(),
    number: z
      .number()
      .int()
      .positive()
      .describe('The n-th connection of its connector and owner: names an account that has no name ("SendGrid 1").'),
    scopes_requested: z.array(z.string()).nullable(),
    scopes_granted: z.array(z.string()).nullable(),
    scopes_missing: z.array(z.string()).describe("Asked for and not granted; empty when that is not known."),
    actions_affected: z
      .array(z.string())
      .describe("Keys of the connector's actions that need one of the missing scopes."),
    credentials_readable: z
      .boolean()
      .nullable()
      .describe("False: Nango's API key may not read credentials, so neither expiry nor scopes are known."),
    found_account_name: z
      .string()
      .nullable()
      .describe("Who signed in instead, while another account than before stands behind it."),
    same_account_as: z
      .uuid()
      .nullable()
      .describe("Another live connection of the same connector that holds the same account."),
    /** left: they are no member of the organisation any more. */
    connected_by: z
      .object({ id: z.string(), name: z.string(), image_url: z.string().nullable(), left: z.boolean() })
      .nullable(),
    contact: z
      .object({ id: z.string(), name: z.string() })
      .nullable()
      .describe("Who is asked about it; null for nobody."),
    sign_in_left: z.boolean().describe("It still works by the sign-in of somebody who left."),
    connected_at: time.nullable(),
    last_used_at: time.nullable(),
    last_synced_at: time.nullable().describe("The last sync that Nango reported."),
    checked_at: time.nullable().describe("When it was last looked at."),
    suspect_since: time.nullable(),
    expires_at: time.nullable().describe("When the sign-in ends for good; null when no end is known."),
    disconnected_at: time.nullable(),
    undo_until: time.nullable(),
    receipt: receiptSchema.nullable(),
    can_manage: z.boolean(),
    can_share: z.boolean().describe("May the reader change who may use it?"),
    can_become_contact: z
      .boolean()
      .describe("May the reader become the one who is asked about it, in place of somebody who left?"),
  })
  .meta({ id: "Connection", description: "A connected account, as its reader may see it." });
export type ConnectionView = z.infer<typeof connectionViewSchema>;

export const eventViewSchema = z
  .object({
    id: z.string(),
    type: z.enum(eventTypes),
    reason_code: z.string().nullable(),
    actor: z.object({ kind: z.enum(actorKinds), id: z.string().nullable(), name: z.string().nullable() }),
    data: z.record(z.string(), jsonSchema),
    created_at: time,
  })
  .meta({ id: "Event", description: "Something that happened to a connection." });
export type EventView = z.infer<typeof eventViewSchema>;
export const eventListSchema = z.object({
  events: z.array(eventViewSchema),
  next_cursor: z.string().nullable(),
});
export type EventList = z.infer<typeof eventListSchema>;

export const noticeViewSchema = z
  .object({
    id: z.string(),
    kind: z.enum(noticeKinds),
    connection_id: z.uuid().nullable(),
    connector: z.string().nullable().describe("Null for what concerns a person."),
    account: z.string().nullable(),
    reason_code: z.string().nullable(),
    days: z.number().int().nullable().describe("For expires_soon: 14, 3 or 1."),
    visibility: visibilitySchema.nullable().describe("Who may use the connection that it is about."),
    person: z.string().nullable().describe("Whom it is about."),
    count: z.number().int().nullable().describe("How many connections it is about, for person_left and contact."),
    created_at: time,
    seen: z.boolean(),
  })
  .meta({ id: "Notice", description: "Something that a person was told." });
export type NoticeView = z.infer<typeof noticeViewSchema>;
export const noticeListSchema = z.object({
  notices: z.array(noticeViewSchema),
  unseen_count: z.number().int().nonnegative(),
});
export type NoticeList = z.infer<typeof noticeListSchema>;

export const attemptViewSchema = z.object({
  id: z.uuid(),
  connector: z.string(),
  status: attemptStatusSchema,
  outcome: z.string().nullable(),
  connection_id: z.uuid().nullable(),
  expires_at: time,
});
export type AttemptView = z.infer<typeof attemptViewSchema>;

/** How to go on with a sign-in: in Nango's frame, or at the provider itself. */
export const sessionAnswerSchema = z.discriminatedUnion("oauth_method", [
  z.object({
    oauth_method: z.literal("nango"),
    sessionToken: z.string(),
    attemptId: z.uuid(),
    expiresAt: time,
    connectLink: z.url(),
  }),
  z.object({
    oauth_method: z.literal("direct"),
    attemptId: z.uuid(),
    expiresAt: time,
    authorizationUrl: z.url(),
    fallback: z.boolean().describe("True: Nango could not be reached, and this way was taken instead."),
  }),
]);
export type SessionAnswer = z.infer<typeof sessionAnswerSchema>;
export type NangoSession = Extract<SessionAnswer, { oauth_method: "nango" }>;

export const attemptAnswerSchema = z.object({ attempt: attemptViewSchema });
export const confirmAnswerSchema = z.object({
  attempt: attemptViewSchema,
  connection: connectionViewSchema.nullable(),
});
export type ConfirmAnswer = z.infer<typeof confirmAnswerSchema>;

export const connectionAnswerSchema = z.object({ connection: connectionViewSchema });
export const connectionListSchema = z.object({
  connections: z.array(connectionViewSchema),
  total_count: z.number().int().nonnegative(),
  others_only_me_count: z
    .number()
    .int()
    .nonnegative()
    .nullable()
    .describe("How many others have for themselves alone; null for anybody but an organisation's admins."),
  next_cursor: z.string().nullable(),
});
export type ConnectionList = z.infer<typeof connectionListSchema>;

// What callers send. Strict: an unknown key is refused.

/** The owner that the caller's page was drawn for; left out by callers without a page. */
const ownerId = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .describe("The owner that you mean; refused as owner_mismatch if you act for another.");
const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);

/** What a direct sign-in has to know beforehand, by the names of the connector's questions. */
export const connectionConfigSchema = z
  .record(z.string().min(1).max(50), z.string().max(300))
  .refine((given) => Object.keys(given).length <= 20, "at most 20 values");

export const startConnectSchema = z.strictObject({
  connector: slug,
  visibility: visibilitySchema.default("everyone"),
  oauth_method: z
    .literal("direct")
    .optional()
    .describe(
      "Directly although it would go through Nango: taken by a person who was offered it while Nango was away.",
    ),
  connection_config: connectionConfigSchema
    .optional()
    .describe(
      "What a direct sign-in has to know beforehand, such as the name of a shop. Looked at only where it goes directly.",
    ),
  owner_id: ownerId,
});

export const confirmAttemptSchema = z.strictObject({
  connectionId: z.string().min(1).max(255).optional(),
  owner_id: ownerId,
});

const closeReasonSchema = z.enum(["closed", "denied", "failed", "cancelled"]);
export type CloseReason = z.infer<typeof closeReasonSchema>;
export const cancelAttemptSchema = z.strictObject({
  reason: closeReasonSchema.default("cancelled"),
  owner_id: ownerId,
});

export const updateConnectionSchema = z
  .strictObject({
    label: z
      .string()
      .trim()
      .max(80)
      // Control characters have no place in a name, and the database refuses a NUL.
      .regex(/^\P{Cc}*$/u)
      .nullable()
      .transform((label) => label || null)
      .optional(),
    is_default: z.literal(true).optional().describe("A default is given to another connection, never just taken away."),
    owner_id: ownerId,
  })
  .refine(({ label, is_default }) => label !== undefined || is_default !== undefined, "nothing to change");

export const changeVisibilitySchema = z.strictObject({ visibility: visibilitySchema, owner_id: ownerId });

export const ownerOnlySchema = z.strictObject({ owner_id: ownerId });

/** The name of the account that is to be kept, as it was shown: by then somebody may have signed in as yet another. */
export const keepAccountSchema = z.strictObject({
  account: z.string().min(1).max(500),
  owner_id: ownerId,
});

/** Ids of events and notices, as they were given out: at most what a number holds exactly. */
const eventId = z.string().regex(/^[1-9]\d{0,14}$/);

export const listEventsSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: eventId.optional().describe("next_cursor of the page before."),
  owner_id: ownerId,
});

export const seenNoticesSchema = z.strictObject({
  until_id: eventId,
  owner_id: ownerId,
});

const ownerFilterSchema = z.enum(["everyone", "only_me", "mine"]);
export const listConnectionsSchema = z.strictObject({
  connector: slug.optional(),
  status: statusFilterSchema.optional(),
  owner: ownerFilterSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
  cursor: z.string().min(1).max(500).optional().describe("next_cursor of the page before."),
  owner_id: ownerId,
});

/** Path parameters that name one row. */
export const idParamsSchema = z.object({ id: z.uuid() });
