import "server-only";
import type { DirectOAuth, Manifest } from "@/lib/catalogue/manifest";

/** What our OAuth client knows of a connector's provider. All of it comes from the manifest. */
export type DirectProvider = {
  slug: string;
  authorizationUrl: string;
  tokenUrl: string;
  /** Names the provider where it names itself (RFC 9207): where its sign-in page is. */
  issuer: string;
  scopes: readonly string[];
  settings: DirectOAuth;
};

/** Null for a connector that cannot be connected without Nango. */
export function directProvider(manifest: Manifest): DirectProvider | null {
  const { slug, oauth, status } = manifest;
  if (status === "unavailable" || !oauth?.direct || !oauth.authorization_url || !oauth.token_url) return null;
  return {
    slug,
    authorizationUrl: oauth.authorization_url,
    tokenUrl: oauth.token_url,
    issuer: new URL(oauth.authorization_url).origin,
    scopes: oauth.default_scopes,
    settings: oauth.direct,
  };
}
