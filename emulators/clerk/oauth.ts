import { createHash, randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import { requireSecretKey } from "./backend";
import { findMembership } from "./directory";
import { requireSignedInPerson, type Standin } from "./exchange";
import { ClerkError, notFound } from "./faults";
import { readFields } from "./fields";
import { newId } from "./store";
import { signJwt } from "./token";

/** Asks on the consent page for which organisation the client is to act. */
const ORGANIZATION_SCOPE = "user:org:read";
const DAY_S = 86_400;
const CODE_LIFETIME_MS = 600_000;

/** An application as the dashboard has it. All are public clients with PKCE and the consent page. */
export type OAuthApplication = {
  clientId: string;
  redirectUris: string[];
  /** What it may ask for. */
  scopes: string[];
  /** "Generate access tokens as JWTs". */
  jwt: boolean;
  /** Clerk's tokens live for a day. */
  lifetimeS?: number;
};

export type OAuthOptions = { issuer: string; applications: OAuthApplication[] };

/** What a person agreed to. */
type Grant = { clientId: string; userId: string; scopes: string[]; organizationId: string | null; aud: string | null };
type Code = Grant & { redirectUri: string; challenge: string; expireAt: number };
type AccessToken = Grant & { id: string; expireAt: number; revoked: boolean; createdAt: number };

/** An error as RFC 6749 has it, which is how Clerk's OAuth endpoints answer. */
const oauthError = (c: Context, status: 400 | 401, error: string) => c.json({ error }, status);

/**
 * Clerk as an OAuth authorization server, as its changelog (organisations: 2026-05-14) and its OpenAPI files say: consent
 * with a choice of organisation, codes with PKCE, tokens that are JWTs or opaque, userinfo, and the Backend API's verification,
 * whose answer names no organisation. Kept in memory.
 */
export function oauthRoutes(standin: Standin, { issuer, applications }: OAuthOptions): Hono {
  const { store, keys } = standin;
  const codes = new Map<string, Code>();
  const refreshTokens = new Map<string, Grant>();
  const opaque = new Map<string, AccessToken>();
  const app = new Hono();
  const application = (clientId: string | null) => applications.find((each) => each.clientId === clientId);

  app.get("/.well-known/oauth-authorization-server", (c) =>
    c.json({
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      token_endpoint_auth_methods_supported: ["none"],
      code_challenge_methods_supported: ["S256"],
      scopes_supported: [...new Set(applications.flatMap(({ scopes }) => scopes))],
    }),
  );

  /** The person's decision, with the parameters of the request to authorize. */
  app.post("/v1/me/oauth/consent/:clientId", async (c) => {
    const { session, person } = requireSignedInPerson(c, standin);
    const fields = await readFields(c);
    const client = application(c.req.param("clientId"));
    const redirectUri = fields.text("redirect_uri") ?? "";
    if (!client) throw notFound("OAuth application");
    // To an address that is not the client's own, not even an error is sent.
    if (!client.redirectUris.includes(redirectUri))
      throw new ClerkError(400, "oauth_redirect_uri_invalid", "Invalid redirect_uri");
    const back = (answer: Record<string, string>) => {
      const state = fields.text("state");
      const target = new URL(redirectUri);
      for (const [name, value] of Object.entries({ ...answer, ...(state && { state }), iss: issuer }))
        target.searchParams.set(name, value);
      return c.redirect(target.href, 303);
    };
    if (fields.text("response_type") !== "code") return back({ error: "unsupported_response_type" });
    const challenge = fields.text("code_challenge");
    if (!challenge || fields.text("code_challenge_method") !== "S256") return back({ error: "invalid_request" });
    const scopes = (fields.text("scope") ?? "profile email").split(" ");
    if (scopes.some((scope) => !client.scopes.includes(scope))) return back({ error: "invalid_scope" });
    if (fields.text("consented") !== "true") return back({ error: "access_denied" });
    let organizationId: string | null = null;
    if (scopes.includes(ORGANIZATION_SCOPE)) {
      organizationId = fields.text("organization_id") || session.organizationId || person.lastOrganizationId;
      if (organizationId && !findMembership(store, organizationId, person.id)) throw notFound("organization");
    }
    const code = newId("code");
    const aud = fields.text("resource");
    const expireAt = Date.now() + CODE_LIFETIME_MS;
    const grant = { clientId: client.clientId, userId: person.id, scopes, organizationId, aud };
    codes.set(code, { ...grant, redirectUri, challenge, expireAt });
    return back({ code });
  });

  app.post("/oauth/token", async (c) => {
    const fields = await readFields(c);
    const client = application(fields.text("client_id"));
    if (!client) return oauthError(c, 401, "invalid_client");
    const grant =
      fields.text("grant_type") === "refresh_token"
        ? takeRefreshToken(fields.text("refresh_token") ?? "")
        : takeCode(fields.text("code") ?? "", fields.text("redirect_uri"), fields.text("code_verifier") ?? "");
    if (grant?.clientId !== client.clientId || !store.state.people[grant.userId])
      return oauthError(c, 400, "invalid_grant");
    const resource = fields.text("resource");
    if (resource && resource !== grant.aud) return oauthError(c, 400, "invalid_target");
    const lifetimeS = client.lifetimeS ?? DAY_S;
    const refreshToken = newId("ort");
    refreshTokens.set(refreshToken, grant);
    return c.json({
      access_token: client.jwt ? signed(grant, lifetimeS) : unreadable(grant, lifetimeS),
      token_type: "bearer",
      expires_in: lifetimeS,
      refresh_token: refreshToken,
      scope: grant.scopes.join(" "),
    });
  });

  app.post("/oauth/token/revoke", async (c) => {
    const token = opaque.get((await readFields(c)).text("token") ?? "");
    if (token) token.revoked = true;
    return c.body(null, 200);
  });

  app.get("/oauth/userinfo", (c) => {
    const found = opaque.get(c.req.header("authorization")?.replace(/^Bearer /, "") ?? "");
    if (!found || found.revoked || found.expireAt <= Date.now())
      throw new ClerkError(401, "oauth_token_invalid", "Invalid access token");
    const chosen = found.organizationId ? store.state.organizations[found.organizationId] : undefined;
    return c.json({
      object: "oauth_user_info",
      instance_id: keys.kid,
      user_id: found.userId,
      sub: found.userId,
      ...(chosen && { org_id: chosen.id, org_name: chosen.name, org_slug: chosen.slug }),
    });
  });

  app.post("/oauth_applications/access_tokens/verify", async (c) => {
    requireSecretKey(c, keys.secretKey);
    const found = opaque.get((await readFields(c)).text("access_token") ?? "");
    if (!found) throw notFound("OAuth token");
    return c.json({
      object: "clerk_idp_oauth_access_token",
      id: found.id,
      client_id: found.clientId,
      type: "oauth_token",
      subject: found.userId,
      scopes: found.scopes,
      ...(found.aud && { aud: [found.aud] }),
      revoked: found.revoked,
      revocation_reason: null,
      expired: found.expireAt <= Date.now(),
      expiration: found.expireAt,
      created_at: found.createdAt,
      updated_at: found.createdAt,
    });
  });

  /** A code is worth one token, whatever comes of the attempt. */
  function takeCode(text: string, redirectUri: string | null, verifier: string): Grant | null {
    const code = codes.get(text);
    codes.delete(text);
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    if (!code || code.expireAt <= Date.now() || code.redirectUri !== redirectUri || code.challenge !== challenge)
      return null;
    const { clientId, userId, scopes, organizationId, aud } = code;
    return { clientId, userId, scopes, organizationId, aud };
  }

  function takeRefreshToken(text: string): Grant | null {
    const grant = refreshTokens.get(text) ?? null;
    refreshTokens.delete(text);
    return grant;
  }

  function signed({ clientId, userId, scopes, organizationId, aud }: Grant, lifetimeS: number): string {
    const now = Math.floor(Date.now() / 1000);
    return signJwt(keys, "at+jwt", {
      ...(aud && { aud }),
      client_id: clientId,
      exp: now + lifetimeS,
      iat: now,
      iss: issuer,
      jti: newId("oat"),
      nbf: now - 10,
      ...(organizationId && { org_id: organizationId }),
      scope: scopes.join(" "),
      sub: userId,
    });
  }

  function unreadable(grant: Grant, lifetimeS: number): string {
    const text = `oat_${randomBytes(16).toString("hex")}`;
    const now = Date.now();
    opaque.set(text, { ...grant, id: newId("oat"), expireAt: now + lifetimeS * 1000, revoked: false, createdAt: now });
    return text;
  }

  return app;
}
