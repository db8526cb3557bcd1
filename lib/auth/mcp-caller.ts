import "server-only";
import { brand } from "@/brand";
import { readKey } from "@/lib/auth/api-key";
import { countPerson, requestCaller } from "@/lib/auth/caller";
import { mcpResource, ORGANIZATION_SCOPE, oauthIssuer, oauthTenant } from "@/lib/auth/oauth-token";
import type { Tenant } from "@/lib/auth/tenant";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * Threat: a page elsewhere makes somebody's browser use their tools (DNS rebinding and cross-site requests).
 * Invariant: MCP takes an API key or an OAuth token in the Authorization header and nothing that a browser sends by itself,
 * and no request of a page of another origin. Guarded by tests/integration/mcp-door.test.ts.
 */

/** Where a client learns how to get a token; without OAuth, that it needs a key. Names a fault only where one was sent. */
function challenge(request: Request): string {
  const said = [`Bearer realm="patchbay"`];
  if (request.headers.has("authorization")) said.push('error="invalid_token"');
  const metadata = new URL("/.well-known/oauth-protected-resource/api/mcp", env().appUrl).href;
  if (oauthIssuer() !== null) said.push(`resource_metadata="${metadata}"`);
  return said.join(", ");
}

/** What clients ask for before they ask for a token (RFC 9728); null without OAuth. */
export function resourceMetadata(): Record<string, unknown> | null {
  const issuer = oauthIssuer();
  if (issuer === null) return null;
  return {
    resource: mcpResource(),
    authorization_servers: [issuer],
    bearer_methods_supported: ["header"],
    scopes_supported: [
      ORGANIZATION_SCOPE,
      "connectors:read",
      "connections:read",
      "connections:write",
      "actions:read",
      "actions:run",
    ],
    resource_name: brand.name,
  };
}

async function find(request: Request, headers: Headers): Promise<Tenant> {
  if (readKey(request.headers.get("authorization"))) return (await requestCaller(request, headers)).tenant;
  if (!/^bearer +\S/i.test(request.headers.get("authorization") ?? "")) throw new AppError("unauthenticated");
  const tenant = await oauthTenant(request);
  await countPerson(tenant, headers);
  return tenant;
}

/**
 * Who asks over MCP.
 * @param headers gets what the limits say, and how to sign in where that is missing
 * @throws AppError unauthenticated, cross_site_request, not_a_member, rate_limited, auth_unavailable
 */
export async function mcpTenant(request: Request, headers: Headers): Promise<Tenant> {
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== new URL(env().appUrl).origin) throw new AppError("cross_site_request");
  try {
    return await find(request, headers);
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthenticated") {
      headers.set("www-authenticate", challenge(request));
    }
    throw error;
  }
}
