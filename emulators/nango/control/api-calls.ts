/** The calls that an app makes, by the names that faults are scoped with. */
export const API_CALLS = [
  "list",
  "get",
  "patch",
  "delete",
  "import",
  "metadata",
  "session",
  "reconnect",
  "session_delete",
  "integrations",
  "proxy",
] as const;

export type ApiCallName = (typeof API_CALLS)[number];

/** What a call is named, or undefined for those of browsers and of the catalogue. */
export function apiCallName(method: string, path: string): ApiCallName | undefined {
  if (path.startsWith("/proxy/")) return "proxy";
  if (path === "/connect/sessions") return "session";
  if (path === "/connect/sessions/reconnect") return "reconnect";
  if (path === "/connect/session") return method === "DELETE" ? "session_delete" : undefined;
  if (/^\/integrations(\/|$)/.test(path)) return "integrations";
  if (/^\/connections?\/metadata$/.test(path)) return "metadata";
  if (/^\/connections?$/.test(path)) return method === "POST" ? "import" : "list";
  if (!/^\/connections?\/[^/]+$/.test(path)) return undefined;
  return method === "PATCH" ? "patch" : method === "DELETE" ? "delete" : "get";
}
