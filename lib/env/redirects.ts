import { z } from "zod";

/**
 * Where programs that connect accounts may have people sent back to: whole addresses, compared as they stand.
 */

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Names of what we add ourselves. */
const ours = ["state", "code", "error"];

function isAddress(text: string): boolean {
  if (!URL.canParse(text) || text.length > 2000) return false;
  const url = new URL(text);
  const secure = url.protocol === "https:" || (url.protocol === "http:" && loopback.has(url.hostname));
  const plain = url.username === "" && url.password === "" && !text.includes("#") && !text.includes("\\");
  return secure && plain && !/\s/.test(text) && !ours.some((name) => url.searchParams.has(name));
}

/** `https://app.example.com/connected,http://localhost:8080/connected` */
export const redirectUris = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((uri) => uri.trim())
      .filter((uri) => uri !== ""),
  )
  .refine(
    (uris) => uris.every(isAddress),
    "must be whole https addresses with commas between them, without # and without state, code or error (http on this machine alone)",
  );

/** In production nobody's own machine is meant, unless it is a demo. */
export function redirectProblems(source: Record<string, string | undefined>): string[] {
  const live = source.NODE_ENV === "production" && !/^(1|true)$/.test(source.PATCHBAY_DEMO?.trim() ?? "");
  const local = source.REDIRECT_URIS?.split(",").some((uri) => /^http:/i.test(uri.trim())) ?? false;
  return live && local ? ["REDIRECT_URIS must be https"] : [];
}
