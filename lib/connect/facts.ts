import "server-only";
import { manifests } from "@/lib/catalogue/manifests";
import type { NangoConnectionFacts } from "@/lib/db/facts";
import type { NangoConnection } from "@/lib/nango/connections";

/** What Nango says about a connection, as the database takes it. */
export function factsOf(connection: NangoConnection): NangoConnectionFacts {
  const manifest = manifests.get(connection.tags.connector ?? "");
  const scopes = manifest?.oauth?.default_scopes;
  return {
    integrationKey: connection.integrationKey,
    connectionId: connection.connectionId,
    tags: connection.tags,
    authError: connection.authBroken,
    authErrorId: connection.authErrorId,
    ...(scopes && { scopesRequested: scopes }),
    ...(connection.pending !== null && { pending: connection.pending }),
    // The list of connections tells neither; what is unknown must not overwrite what is known.
    ...(connection.scopesGranted && { scopesGranted: connection.scopesGranted }),
    ...(connection.detailed && connection.credentialsReadable && { expiresAt: connection.expiresAt }),
    // The longest that a sign-in there can last. Where Nango does not show the credentials it may be shorter.
    ...(connection.credentialsReadable && { signInDays: manifest?.sign_in_life?.days }),
    ...(connection.credentialsReadable !== null && { credentialsReadable: connection.credentialsReadable }),
  };
}
