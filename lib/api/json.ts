import { z } from "zod";

/**
 * Whatever JSON can say: for what we pass on and do not own. What comes out of JSON.parse or a jsonb column is JSON, so
 * nothing is left to check, and the description says so in one word.
 */
export const jsonSchema = z.unknown() as unknown as z.ZodType<z.core.util.JSONType>;
