import { z } from "zod";

/** What a delivery says it is about. Only a hint: none of it is believed before Nango was asked. */
export type DeliverySummary = {
  type: string | null;
  operation: string | null;
  integrationKey: string | null;
  connectionId: string | null;
};

/** Short plain text, or nothing: odd values are not worth a column, and a NUL cannot be stored. */
const word = z
  .string()
  .regex(/^[A-Za-z0-9._~:-]{1,255}$/)
  .nullish()
  .catch(null)
  .transform((text) => text ?? null);

const body = z.object({ type: word, operation: word, providerConfigKey: word, connectionId: word });

const nothing: DeliverySummary = { type: null, operation: null, integrationKey: null, connectionId: null };

/** Reads what can be read of a body; a provider's own JSON, or no JSON at all, gives nothing. */
export function summarise(text: string): DeliverySummary {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return nothing;
  }
  const parsed = body.safeParse(json);
  if (!parsed.success) return nothing;
  const { type, operation, providerConfigKey, connectionId } = parsed.data;
  return { type, operation, integrationKey: providerConfigKey, connectionId };
}

const outcome = z.object({ success: z.boolean() });

/** Whether the body says that something failed; false for bodies that do not say. */
export function saysFailure(text: string): boolean {
  try {
    const parsed = outcome.safeParse(JSON.parse(text));
    return parsed.success && !parsed.data.success;
  } catch {
    return false;
  }
}
