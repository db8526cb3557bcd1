import { z } from "zod";
import type { ObjectSchema } from "./tool";

/**
 * The JSON Schema of an object, as models are shown it: a format says what it is, and a pattern beside it is only noise to
 * them, like bounds that any number keeps.
 */
export function objectSchema(schema: z.ZodType, io: "input" | "output"): ObjectSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return rest as unknown as ObjectSchema;
}
