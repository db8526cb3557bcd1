import { z } from "zod";

/** Shapes of the calls about actions. Safe in the browser. */

/** Whatever is in the address: what names nothing is answered so by the call itself. */
const segment = z.string().min(1).max(100);

export const connectorParamsSchema = z.strictObject({ slug: segment.describe("The connector's slug.") });
export const actionParamsSchema = z.strictObject({
  slug: segment.describe("The connector's slug."),
  action: segment.describe("The action's name, as the list of actions has it."),
});

const actionSchema = z
  .object({
    name: z.string().describe("What it does, for people."),
    description: z.string(),
    method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    endpoint: z.string().describe("Where the provider is called. `{name}` stands for a field of the input."),
    input_schema: z.record(z.string(), z.unknown()).describe("JSON Schema of the input."),
    read_only: z.boolean().describe("True when it changes nothing at the provider."),
    destructive: z.boolean().describe("True when it can change or take away what is there."),
    max_seconds: z
      .number()
      .int()
      .optional()
      .describe("How long the provider may take, where that is longer than the 5 s that any request may."),
  })
  .meta({ id: "Action", description: "A call that can be made on a connection." });

export const actionListSchema = z.object({ actions: z.record(z.string(), actionSchema) });

/** The input's own fields are checked against the action's schema, by the call itself. */
export const runActionSchema = z
  .object({ connection_id: z.string().max(200).optional().describe("Which account; the default one if left out.") })
  .catchall(z.unknown());

export const actionResultSchema = z.object({
  success: z.literal(true),
  result: z.unknown().describe("What the provider answered: JSON, a text, or null for nothing."),
});
