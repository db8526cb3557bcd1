import "server-only";
import { manifests } from "@/lib/catalogue/manifests";
import type { NangoConnectionFacts } from "@/lib/db/facts";
import type { NangoConnection } from "@/lib/nango/connections";

/** What Nango says about a connection, as the database takes it. */
export function factsOf(connection: NangoConnection): NangoConnectionFacts {
  const scopes = manifests.get(connection.tags.connector ?? "")?.oauth?.default_scopes;
  return {
    integrationKey: connection.integrationKey,
    connectionId: connection.connectionId,
    tags: connection.tags,
    authError: connection.authBroken,
    ...(scopes && { scopesRequested: scopes }),
    // The list of connections tells neither; what is unknown must not overwrite what is known.
    ...(connection.scopesGranted && { scopesGranted: connection.scopesGranted }),
    ...(connection.detailed && { expiresAt: connection.expiresAt }),
  };
}
