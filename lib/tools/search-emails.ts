import "server-only";
import { z } from "zod";
import { runAction } from "@/lib/actions/run";
import type { Tenant } from "@/lib/auth/tenant";
import { AppError } from "@/lib/errors";

/** How many messages one search tells of. */
const DEFAULT = 10;

/** Gmail's search answers ids alone; the rest is read message by message. */
const foundSchema = z.looseObject({
  messages: z.array(z.looseObject({ id: z.string() })).optional(),
  nextPageToken: z.string().optional(),
});

const messageSchema = z.looseObject({
  id: z.string(),
  threadId: z.string().optional(),
  snippet: z.string().optional(),
  labelIds: z.array(z.string()).optional(),
  payload: z
    .looseObject({ headers: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional() })
    .optional(),
});

const told = ["From", "To", "Subject", "Date"] as const;

function read<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw new AppError("provider_upstream", { cause: parsed.error, details: { retry: "later" } });
  return parsed.data;
}

function summary(message: unknown) {
  const { id, threadId, snippet, labelIds, payload } = read(messageSchema, message);
  const header = (name: string) =>
    payload?.headers?.find((each) => each.name.toLowerCase() === name.toLowerCase())?.value ?? null;
  return {
    id,
    threadId: threadId ?? null,
    ...Object.fromEntries(told.map((name) => [name.toLowerCase(), header(name)])),
    snippet: snippet ?? "",
    unread: labelIds?.includes("UNREAD") ?? false,
  };
}

/**
 * Finds messages and says of each who wrote it, when, and how it begins.
 * @param fields query, maxResults, pageToken
 * @throws what runAction() throws
 */
export async function searchEmails(
  tenant: Tenant,
  fields: Record<string, unknown>,
  connectionId?: string,
): Promise<{ messages: unknown[]; nextPageToken: string | null }> {
  const { query, maxResults = DEFAULT, pageToken } = fields;
  const list = await runAction(tenant, {
    connector: "gmail",
    action: "list_messages",
    input: { q: query, maxResults, ...(pageToken !== undefined && { pageToken }) },
    connectionId,
  });
  const found = read(foundSchema, list.result ?? {});
  const messages = await Promise.all(
    (found.messages ?? []).map(async ({ id }) => {
      const input = { id, format: "metadata" };
      // The one that the search used, also where another has become the default meanwhile.
      const { result } = await runAction(tenant, {
        connector: "gmail",
        action: "get_message",
        input,
        connectionId: list.connectionId,
      });
      return summary(result);
    }),
  );
  return { messages, nextPageToken: found.nextPageToken ?? null };
}
