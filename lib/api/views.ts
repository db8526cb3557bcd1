import { z } from "zod";

/**
 * What the HTTP API takes and gives. Safe in the browser; pages import the types.
 * Answers are parsed with these on the way out, so a column that is not listed here cannot leak.
 */

const time = z.iso.datetime({ offset: true });

const visibilitySchema = z.enum(["everyone", "only_me"]);
export type Visibility = z.infer<typeof visibilitySchema>;

const connectionStatusSchema = z.enum(["pending", "connected", "needs_attention", "disconnected"]);
export type ConnectionStatus = z.infer<typeof connectionStatusSchema>;

const attemptStatusSchema = z.enum(["open", "abandoned", "confirmed", "failed", "cancelled", "expired"]);

export const connectionViewSchema = z.object({
  id: z.uuid(),
  connector: z.string(),
  status: connectionStatusSchema,
  reason_code: z.string().nullable(),
  visibility: visibilitySchema,
  account_id: z.string().nullable(),
  account_name: z.string().nullable(),
  label: z.string().nullable(),
  is_default: z.boolean(),
  /** The n-th connection of its connector and owner: names an account that has no name ("SendGrid 1"). */
  number: z.number().int().positive(),
  scopes_granted: z.array(z.string()).nullable(),
  connected_by: z.object({ id: z.string(), name: z.string(), image_url: z.string().nullable() }).nullable(),
  connected_at: time.nullable(),
  last_used_at: time.nullable(),
  expires_at: time.nullable(),
  disconnected_at: time.nullable(),
  undo_until: time.nullable(),
  can_manage: z.boolean(),
});
export type ConnectionView = z.infer<typeof connectionViewSchema>;

export const attemptViewSchema = z.object({
  id: z.uuid(),
  connector: z.string(),
  status: attemptStatusSchema,
  outcome: z.string().nullable(),
  connection_id: z.uuid().nullable(),
  expires_at: time,
});
export type AttemptView = z.infer<typeof attemptViewSchema>;

export const sessionAnswerSchema = z.object({
  sessionToken: z.string(),
  attemptId: z.uuid(),
  expiresAt: time,
  connectLink: z.url(),
});
export type SessionAnswer = z.infer<typeof sessionAnswerSchema>;

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
  next_cursor: z.string().nullable(),
});
export type ConnectionList = z.infer<typeof connectionListSchema>;

// What callers send. Strict: an unknown key is refused.

/** The owner that the caller's page was drawn for; left out by callers without a page. */
const ownerId = z.string().min(1).max(255).optional();
const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);

export const startConnectSchema = z.strictObject({
  connector: slug,
  visibility: visibilitySchema.default("everyone"),
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

export const updateConnectionSchema = z.strictObject({
  label: z
    .string()
    .trim()
    .max(80)
    // Control characters have no place in a name, and the database refuses a NUL.
    .regex(/^\P{Cc}*$/u)
    .nullable()
    .transform((label) => label || null),
  owner_id: ownerId,
});

export const ownerOnlySchema = z.strictObject({ owner_id: ownerId });

const ownerFilterSchema = z.enum(["everyone", "only_me", "mine"]);
export const listConnectionsSchema = z.strictObject({
  connector: slug.optional(),
  status: connectionStatusSchema.optional(),
  owner: ownerFilterSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
  cursor: z.string().min(1).max(500).optional(),
  owner_id: ownerId,
});

/** Path parameters that name one row. */
export const idParamsSchema = z.object({ id: z.uuid() });
