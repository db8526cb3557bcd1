import { z } from "zod";
import { actionListSchema } from "@/lib/api/action-views";
import { jsonSchema } from "@/lib/api/json";
import { ownerOnlySchema } from "@/lib/api/views";
import { categoryKeys } from "@/lib/catalogue/categories";

/** What the calls about connectors, and about what their providers push, take and give. Safe in the browser. */

const time = z.iso.datetime({ offset: true });
const { owner_id } = ownerOnlySchema.shape;

const availabilitySchema = z
  .object({
    state: z.enum(["available", "unavailable"]),
    method: z.enum(["nango", "direct"]).nullable().describe("Who keeps the sign-in of a new account."),
    reason: z
      .enum(["upstream", "needs_nango", "direct_not_configured", "not_configured", "blocked"])
      .nullable()
      .describe("Why no new account can be connected."),
  })
  .meta({ id: "Availability" });

const connectorFields = {
  id: z.uuid(),
  slug: z.string().describe("Names the connector in every other call."),
  name: z.string(),
  status: z.enum(["stable", "beta", "unavailable"]),
  category: z.string(),
  description: z.string(),
  latest_version: z.string(),
  nango_enabled: z.boolean(),
  nango_provider_key: z.string().nullable(),
  auth_mode: z
    .string()
    .nullable()
    .describe("How people sign in, as Nango names it; null: there is nothing to sign in to."),
  availability: availabilitySchema,
  created_at: time,
};
const connectorSchema = z.object(connectorFields).meta({ id: "Connector" });
export type ConnectorAnswer = z.input<typeof connectorSchema>;

export const connectorListSchema = z.object({
  connectors: z.array(connectorSchema),
  total_count: z.number().int().nonnegative(),
  next_cursor: z.string().nullable(),
});

export const connectorDetailSchema = z
  .object({
    ...connectorFields,
    version: z.string(),
    manifest: z.object({
      name: z.string(),
      slug: z.string(),
      description: z.string(),
      category: z.string(),
      nango: z.object({ enabled: z.boolean(), provider_key: z.string().nullable() }),
      oauth: z
        .object({
          authorization_url: z.string().nullable(),
          token_url: z.string().nullable(),
          default_scopes: z.array(z.string()),
        })
        .nullable(),
      actions: actionListSchema.shape.actions,
    }),
  })
  .meta({ id: "ConnectorDetail" });

export const listConnectorsSchema = z.strictObject({
  category: z.enum(categoryKeys).optional(),
  status_filter: connectorFields.status.optional(),
  q: z
    .string()
    .max(100)
    .optional()
    .describe("Words to search by: a name, a category, what it can do. Best match first."),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(200).optional(),
  owner_id,
});

export const triggerListSchema = z.object({
  triggers: z.array(z.object({ name: z.string(), description: z.string() })),
});

/** A moment that the database knows as well. */
const moment = time
  .transform((text) => new Date(text))
  .refine((at) => !Number.isNaN(at.getTime()) && at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999)
  .transform((at) => at.toISOString());

export const listTriggerEventsSchema = z.strictObject({
  connection_id: z.uuid().optional(),
  since: moment.optional().describe("From when on they arrived."),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .optional(),
  owner_id,
});

const triggerEventSchema = z
  .object({
    id: z.string(),
    connection_id: z.uuid(),
    connector: z.string(),
    received_at: time,
    size: z.number().int().describe("Bytes of the delivery."),
    payload: jsonSchema.describe("What the provider sent, as it came; null when it is too large to be given out."),
    truncated: z.boolean().describe("True: it is too large to be given out."),
  })
  .meta({ id: "TriggerEvent" });
export const triggerEventListSchema = z.object({
  events: z.array(triggerEventSchema),
  next_cursor: z.string().nullable(),
});
