import type { StandinConnector } from "@/emulators/providers/start";

function connector(
  slug: string,
  providerKey: string,
  endpoint: string,
  account: { id: string; name: string } | null,
  method = "GET",
): StandinConnector {
  return { slug, providerKey, authMode: null, testConnection: { method, endpoint, account } };
}

/** A few connectors of each kind, in the shapes that manifests have. */
export const CONNECTORS: StandinConnector[] = [
  connector("notion", "notion", "/v1/users/me", { id: "bot.workspace_id", name: "bot.workspace_name" }),
  connector("asana", "asana", "/api/1.0/users/me", { id: "data.gid", name: "data.name" }),
  connector("twitch", "twitch", "/helix/users", { id: "data.0.id", name: "data.0.display_name" }),
  connector("vercel", "vercel", "/v2/user", { id: "user.id", name: "user.name" }),
  connector("tableau", "tableau", "/sessions/current", { id: "session.user.id", name: "session.user.name" }),
  connector("trello", "trello", "/1/members/me?fields=id,fullName", { id: "id", name: "fullName" }),
  connector("monday", "monday", "/v2", { id: "data.me.id", name: "data.me.name" }, "POST"),
  connector("openai", "openai", "/v1/models", null),
  connector("anthropic", "anthropic", "/v1/models?limit=1", null),
  connector("google-ai", "google-gemini", "/v1/models", null),
  connector("telegram", "telegram", "/getMe", { id: "result.id", name: "result.username" }),
  connector("woocommerce", "woocommerce", "/wp-json/wc/v3/system_status", {
    id: "environment.site_url",
    name: "environment.site_url",
  }),
  connector("databricks", "databricks-workspace", "/preview/scim/v2/Me", { id: "id", name: "displayName" }),
  connector("youtube", "youtube", "/youtube/v3/channels?part=snippet&mine=true", {
    id: "items.0.id",
    name: "items.0.snippet.title",
  }),
  connector("hubspot", "hubspot", "/account-info/v3/details", { id: "portalId", name: "portalId" }),
];
