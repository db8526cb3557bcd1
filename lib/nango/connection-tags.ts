import "server-only";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { callNango, isPathSafe, isUnknown } from "@/lib/nango/client";

/**
 * Replaces all tags of a connection: Nango merges nothing, so the whole set is given.
 * @returns false when Nango has no such connection
 * @throws AppError nango_*
 */
export async function writeTags(
  integrationKey: string,
  connectionId: string,
  tags: Record<string, string>,
): Promise<boolean> {
  if (!isPathSafe(connectionId))
    throw new AppError("misconfigured", { cause: new Error("connection id is not path-safe") });
  return callNango(
    "write tags",
    // Its own words, not just a 200: something in between may have answered instead.
    z.object({ success: z.literal(true) }).transform(() => true),
    (nango) =>
      nango.patchConnection(
        { connectionId: encodeURIComponent(connectionId), provider_config_key: encodeURIComponent(integrationKey) },
        { tags },
      ),
    (failure) => (isUnknown(failure) ? false : undefined),
  );
}
