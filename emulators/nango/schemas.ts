import { z } from "zod";

/** Shapes of what callers send, in zod so that refusals carry the same issue codes as the real server's. */

const MAX_TAGS = 10;

const tagsSchema = z
  .record(
    z
      .string()
      .regex(/^[a-zA-Z][a-zA-Z0-9_\-./]*$/)
      .max(64),
    z.string().min(1).max(255),
  )
  .superRefine((tags, context) => {
    if (Object.keys(tags).length > MAX_TAGS) {
      context.addIssue({ code: "custom", message: `At most ${MAX_TAGS} tags are allowed` });
    }
    const email = tags.end_user_email;
    if (email !== undefined && !z.email().safeParse(email).success) {
      context.addIssue({ code: "custom", path: ["end_user_email"], message: "Must be a valid e-mail address" });
    }
  })
  .transform((tags) => Object.fromEntries(Object.entries(tags).map(([key, value]) => [key.toLowerCase(), value])));

export const integrationKeySchema = z
  .string()
  .regex(/^[a-zA-Z0-9~:.@ _-]+$/)
  .max(255);
export const connectionIdSchema = z
  .string()
  .regex(/^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/)
  .max(255);

const endUserSchema = z
  .object({
    id: z.string().min(1).max(255),
    // Two rules, not one: a short wrong address earns two issues, as recorded.
    email: z.string().email().min(5).optional(),
    display_name: z.string().max(255).optional(),
    tags: tagsSchema.optional(),
  })
  .strict();

const organizationSchema = z.object({ id: z.string().max(255), display_name: z.string().max(255).optional() }).strict();

const defaultsSchema = z.record(
  integrationKeySchema,
  z
    .object({
      user_scopes: z.string().optional(),
      authorization_params: z.record(z.string(), z.string()).optional(),
      connection_config: z.looseObject({ oauth_scopes_override: z.string().optional() }).optional(),
    })
    .strict(),
);

const overridesSchema = z.record(integrationKeySchema, z.object({ docs_connect: z.string().optional() }));

const sessionFields = {
  organization: organizationSchema.optional(),
  integrations_config_defaults: defaultsSchema.optional(),
  overrides: overridesSchema.optional(),
  webhook_url_override: z.url({ protocol: /^https?$/ }).optional(),
};

export const sessionSchema = z
  .object({
    ...sessionFields,
    end_user: endUserSchema,
    allowed_integrations: z.array(integrationKeySchema).optional(),
    tags: tagsSchema.optional(),
  })
  .strict();

/** With tags, the end user may be left out. */
export const taggedSessionSchema = sessionSchema
  .extend({ end_user: endUserSchema.optional(), tags: tagsSchema })
  .strict();

export const reconnectSchema = z
  .object({
    ...sessionFields,
    connection_id: connectionIdSchema,
    integration_id: integrationKeySchema,
    end_user: endUserSchema.optional(),
    tags: tagsSchema.optional(),
  })
  .strict();

const integrationCredentialsSchema = z.looseObject({
  type: z.string(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  scopes: z.string().optional(),
  webhook_secret: z.string().nullish(),
});

export const integrationSchema = z
  .object({
    provider: z.string().min(1).max(255),
    unique_key: integrationKeySchema,
    display_name: z.string().min(1).max(255).optional(),
    credentials: integrationCredentialsSchema.optional(),
    forward_webhooks: z.boolean().optional(),
    integration_config: z.record(z.string(), z.string()).optional(),
    custom: z.record(z.string(), z.string()).optional(),
  })
  .strict();

export const integrationPatchSchema = z
  .object({
    unique_key: integrationKeySchema.optional(),
    display_name: z.string().min(1).max(255).optional(),
    credentials: integrationCredentialsSchema.optional(),
    forward_webhooks: z.boolean().optional(),
    integration_config: z.record(z.string(), z.string()).optional(),
    custom: z.record(z.string(), z.string()).optional(),
  })
  .strict();

export const connectionsQuerySchema = z
  .object({
    connectionId: z.string().min(1).max(255).optional(),
    search: z.string().min(1).max(255).optional(),
    endUserId: z.string().min(1).max(255).optional(),
    endUserOrganizationId: z.string().min(1).max(255).optional(),
    integrationId: z.string().min(1).optional(),
    tags: tagsSchema.optional(),
    limit: z.coerce.number().min(1).max(2000).optional(),
    page: z.coerce.number().min(0).optional(),
  })
  .strict();

const flag = z.stringbool().optional().default(false);

export const connectionQuerySchema = z
  .object({
    provider_config_key: integrationKeySchema,
    force_refresh: flag,
    refresh_token: flag,
    refresh_github_app_jwt_token: flag,
  })
  .strict();

export const providerConfigKeyQuerySchema = z.object({ provider_config_key: integrationKeySchema }).strict();

export const connectionPatchSchema = z
  .object({
    tags: tagsSchema.optional(),
    end_user: endUserSchema.optional(),
    // An empty one takes the connection's own address away.
    webhook_url_override: z
      .url({ protocol: /^https?$/ })
      .or(z.literal(""))
      .optional(),
  })
  .strict();

export const importSchema = z
  .object({
    connection_id: connectionIdSchema.optional(),
    provider_config_key: integrationKeySchema,
    metadata: z.record(z.string(), z.unknown()).optional(),
    connection_config: z.record(z.string(), z.unknown()).optional(),
    webhook_url_override: z.url({ protocol: /^https?$/ }).optional(),
    credentials: z.looseObject({ type: z.string() }),
    end_user: endUserSchema.optional(),
    tags: tagsSchema.optional(),
  })
  .strict();

export const metadataSchema = z
  .object({
    connection_id: z.union([connectionIdSchema, z.array(connectionIdSchema)]),
    provider_config_key: integrationKeySchema,
    metadata: z.record(z.string(), z.unknown()),
  })
  .strict();

export type EndUserInput = z.output<typeof endUserSchema>;
export type OrganizationInput = z.output<typeof organizationSchema>;
