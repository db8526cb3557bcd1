import "server-only";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { callNango } from "@/lib/nango/client";
import { authFlaw, flaws } from "@/lib/nango/connections";

/** What Nango's list says of a connection: enough to tell whether it needs a closer look. */
export type ListedConnection = {
  integrationKey: string;
  connectionId: string;
  /** Without entries that no database can hold. */
  tags: Record<string, string>;
  /** Nango's own flag: the last refresh or test of the credentials failed. */
  authBroken: boolean;
  /** Nango's log entry of it. */
  authErrorId: string | null;
};

/** A NUL or half a character: Postgres stores neither, and no id of ours has one. */
const unstorable = /[\p{Cc}\p{Cs}]/u;
const name = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !unstorable.test(text));

const listed = z.object({
  connection_id: name,
  provider_config_key: name,
  tags: z
    .record(z.string(), z.string())
    .nullish()
    .catch(null)
    .transform((tags) =>
      Object.fromEntries(Object.entries(tags ?? {}).filter((entry) => !entry.some((text) => unstorable.test(text)))),
    ),
  errors: flaws,
});

/**
 * One page of all connections of the environment, newest first. What is made meanwhile shifts the others to later pages,
 * so a walk meets some twice; what is deleted meanwhile shifts them to earlier ones, so it may miss some.
 * @param page counted from 0
 * @returns `size`: how many Nango listed; those that cannot be read are left out of `connections`
 * @throws AppError nango_*
 */
export async function listConnectionPage(
  page: number,
  limit: number,
): Promise<{ size: number; connections: ListedConnection[] }> {
  // The SDK sends the page along; only its types do not say so.
  const wanted: { limit: number } = { limit, ...{ page } };
  const answer = await callNango(
    "list connections",
    z.object({ connections: z.array(z.unknown()).max(limit) }),
    (nango) => nango.listConnections(wanted),
  );
  const connections = answer.connections.flatMap((row): ListedConnection[] => {
    const { success, data } = listed.safeParse(row);
    if (!success) return [];
    return [
      {
        integrationKey: data.provider_config_key,
        connectionId: data.connection_id,
        tags: data.tags,
        authBroken: authFlaw(data.errors) !== undefined,
        authErrorId: authFlaw(data.errors)?.log_id ?? null,
      },
    ];
  });
  return { size: answer.connections.length, connections };
}

/**
 * Whether Nango lists a connection. Asks for nothing but that: reading one would refresh its credentials, and this is for
 * connections that are not ours.
 * @throws AppError nango_*
 */
export async function isListed(integrationKey: string, connectionId: string): Promise<boolean> {
  const answer = await callNango("find connection", z.object({ connections: z.array(listed) }), (nango) =>
    nango.listConnections({ connectionId, integrationId: integrationKey, limit: 1 }),
  );
  const [found] = answer.connections;
  if (found && (found.connection_id !== connectionId || found.provider_config_key !== integrationKey))
    throw new AppError("nango_invalid_answer", { cause: new Error("find connection: another one was given") });
  return found !== undefined;
}
