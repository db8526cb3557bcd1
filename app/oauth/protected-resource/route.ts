import { resourceMetadata } from "@/lib/auth/mcp-caller";
import { notFound } from "@/lib/http";

/** Served as /.well-known/oauth-protected-resource: where MCP clients get a token. Public, also to pages elsewhere. */
export const dynamic = "force-dynamic";

export function GET(): Response | Promise<Response> {
  const metadata = resourceMetadata();
  if (metadata === null) return notFound();
  return Response.json(metadata, {
    headers: { "access-control-allow-origin": "*", "cache-control": "public, max-age=300" },
  });
}

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
