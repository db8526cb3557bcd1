import "server-only";
import { createClerkClient } from "@clerk/backend";
import { env } from "@/lib/env";

type Client = ReturnType<typeof createClerkClient>;
let cached: { id: string; client: Client } | undefined;

/** Clerk's server client for the configured instance. */
export function clerkBackend(): Client {
  const { publishableKey, secretKey, apiUrl, jwtKey } = env().clerk;
  const id = `${publishableKey} ${secretKey} ${apiUrl ?? ""} ${jwtKey ?? ""}`;
  if (cached?.id === id) return cached.client;
  const client = createClerkClient({
    publishableKey,
    secretKey,
    ...(apiUrl && { apiUrl }),
    ...(jwtKey && { jwtKey }),
    telemetry: { disabled: true },
  });
  cached = { id, client };
  return client;
}
