import { createHash } from "node:crypto";
import { openApiJson } from "@/lib/api/openapi";
import { answering } from "@/lib/http/answering";

let tag: string | undefined;

/** The API's description: public, and the same for everybody. */
export function GET(request: Request): Promise<Response> {
  return answering(async () => {
    const json = openApiJson();
    tag ??= `"${createHash("sha256").update(json).digest("base64url").slice(0, 22)}"`;
    const headers = { etag: tag, "cache-control": "public, max-age=300" };
    const known = request.headers
      .get("if-none-match")
      ?.split(/,\s*/)
      .some((one) => one.replace(/^W\//, "") === tag);
    return known
      ? new Response(null, { status: 304, headers })
      : new Response(json, { headers: { ...headers, "content-type": "application/json" } });
  });
}

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
