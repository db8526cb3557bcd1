import { z } from "zod";
import { ownerOnlySchema } from "@/lib/api/views";

/** What the calls take and give by which a program has somebody connect an account. Safe in the browser. */

const { owner_id } = ownerOnlySchema.shape;
const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);
const oauthMethod = z.enum(["nango", "direct"]).describe("Who keeps the sign-in: Nango, or this installation itself.");
/** Compared as text with what the operator allows. */
const redirectUri = z
  .string()
  .min(1)
  .max(2000)
  .describe("Where the person is sent back to. One that the operator allows.");
const secret = z.string().min(1).max(200);

export const authorizeSchema = z.strictObject({
  redirect_uri: redirectUri,
  scopes: z
    .array(z.string().min(1).max(300))
    .min(1)
    .max(100)
    .optional()
    .describe("Fewer permissions than the connector's default_scopes."),
  owner_id,
});
export const authorizeAnswerSchema = z.object({
  authorization_url: z.url().describe("Open it in the browser of the person for whom you call. Works for an hour."),
  state: z.string().describe("Comes back with the person. Compare it."),
  oauth_method: oauthMethod,
});

export const redeemSchema = z.strictObject({ state: secret, code: secret });
export const redeemAnswerSchema = z.object({
  success: z.literal(true),
  connector_slug: z.string(),
  connection_id: z.uuid(),
  oauth_method: oauthMethod,
});

export const refreshSchema = z.strictObject({
  connection_id: z.string().max(200).optional().describe("Which account; the default one if left out."),
  owner_id,
});
export const refreshAnswerSchema = z.object({
  success: z.literal(true),
  connector_slug: z.string(),
  expires_in: z
    .number()
    .int()
    .nonnegative()
    .nullable()
    .describe("Seconds until the new access token ends; null where it has no end, or the provider names none."),
  oauth_method: oauthMethod,
});

export const connectSessionSchema = z.strictObject({
  connector: slug,
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(254)
    .pipe(z.email())
    .optional()
    .describe("Whom the link is for, by an address that they have proven. Left out: the person for whom you call."),
  redirect_uri: redirectUri.optional(),
  owner_id,
});
export const connectSessionAnswerSchema = z.object({
  id: z.uuid(),
  url: z.url().describe("For one person; given out here only."),
  state: z.string().nullable().describe("Comes back with the person; null without a redirect_uri."),
  expires_at: z.iso.datetime({ offset: true }),
  oauth_method: oauthMethod,
});

export const connectSessionStatusSchema = z.object({
  id: z.uuid(),
  connector: z.string(),
  status: z.enum(["open", "used", "revoked", "expired"]),
  connection_id: z.uuid().nullable().describe("What came of it."),
  expires_at: z.iso.datetime({ offset: true }),
});

export const emptyBodySchema = z.strictObject({});

/** Where to send the browser of somebody who leaves a link. */
export const leaveAnswerSchema = z.object({ redirect_to: z.url() });
