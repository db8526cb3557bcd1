import { invalid, jsonBody, NangoFault, parse } from "../answers";
import { provider } from "../catalogue";
import { apiKeyGuard, apiKeyOrSessionGuard, hasScope } from "../guard";
import type { Integration, IntegrationCredentials } from "../model";
import { integrationPatchSchema, integrationSchema } from "../schemas";
import type { App, Standin } from "../standin";
import { integrationCredentialsView, integrationView } from "../views";

/** Integrations: providers that the operator configured, each under a key of its own. */
export function integrationRoutes(app: App, nango: Standin): void {
  app.get("/integrations", apiKeyOrSessionGuard(nango, "integrations:list", "integrations:list_credentials"), (c) => {
    const allowed = c.get("session")?.allowedIntegrations;
    const shown = nango.store.integrations.filter((i) => !allowed || allowed.includes(i.uniqueKey));
    return c.json({ data: shown.map((integration) => integrationView(nango, integration)) });
  });

  app.post("/integrations", apiKeyGuard(nango, "integrations:create"), async (c) => {
    const input = parse(integrationSchema, await jsonBody(c), "invalid_body");
    const entry = provider(input.provider);
    if (!entry) throw invalid("invalid_body", [issue("provider", "There is no such provider")]);
    refuseTaken(nango, input.unique_key);
    const now = new Date().toISOString();
    const integration: Integration = {
      id: nango.store.nextId(),
      uniqueKey: input.unique_key,
      provider: input.provider,
      displayName: input.display_name ?? entry.display_name,
      forwardWebhooks: input.forward_webhooks ?? true,
      credentials: withDefaultScopes(input.credentials as IntegrationCredentials | undefined, entry.default_scopes),
      custom: { ...input.custom, ...input.integration_config },
      createdAt: now,
      updatedAt: now,
    };
    nango.store.saveIntegration(integration);
    return c.json({ data: integrationView(nango, integration) });
  });

  app.get("/integrations/:uniqueKey", apiKeyGuard(nango, "integrations:read", "integrations:read_credentials"), (c) => {
    const integration = find(nango, c.req.param("uniqueKey"));
    const include = (c.req.queries("include") ?? []).flatMap((value) => value.split(","));
    const withCredentials =
      include.includes("credentials") && hasScope(c.get("apiKey"), "integrations:read_credentials");
    const credentials = withCredentials ? { credentials: integrationCredentialsView(integration) } : {};
    return c.json({ data: { ...integrationView(nango, integration), ...credentials } });
  });

  app.patch("/integrations/:uniqueKey", apiKeyGuard(nango, "integrations:update"), async (c) => {
    const integration = find(nango, c.req.param("uniqueKey"));
    const input = parse(integrationPatchSchema, await jsonBody(c), "invalid_body");
    if (input.unique_key && input.unique_key !== integration.uniqueKey) {
      if (nango.store.connections.some((connection) => connection.integrationKey === integration.uniqueKey)) {
        throw new NangoFault(400, "invalid_body", "The unique key can't change while there are connections.");
      }
      refuseTaken(nango, input.unique_key);
      integration.uniqueKey = input.unique_key;
    }
    if (input.display_name) integration.displayName = input.display_name;
    if (input.forward_webhooks !== undefined) integration.forwardWebhooks = input.forward_webhooks;
    if (input.credentials) integration.credentials = { ...integration.credentials, ...input.credentials };
    Object.assign(integration.custom, input.custom, input.integration_config);
    integration.updatedAt = new Date().toISOString();
    nango.store.saveIntegration(integration);
    return c.json({ data: integrationView(nango, integration) });
  });

  app.delete("/integrations/:uniqueKey", apiKeyGuard(nango, "integrations:delete"), (c) => {
    nango.store.removeIntegration(find(nango, c.req.param("uniqueKey")).uniqueKey);
    return c.json({ success: true });
  });
}

function find(nango: Standin, uniqueKey: string): Integration {
  const integration = nango.store.integration(uniqueKey);
  if (!integration) throw new NangoFault(404, "not_found", `There is no integration "${uniqueKey}".`);
  return integration;
}

/** OAuth apps made without scopes get those that the catalogue suggests. */
function withDefaultScopes(
  credentials: IntegrationCredentials | undefined,
  suggested: string[] | undefined,
): IntegrationCredentials | null {
  if (!credentials) return null;
  if (credentials.scopes || !suggested || !credentials.type.startsWith("OAUTH2")) return credentials;
  return { ...credentials, scopes: suggested.join(",") };
}

function refuseTaken(nango: Standin, uniqueKey: string): void {
  // The real answer names the field in camel case here, unlike everywhere else.
  if (nango.store.integration(uniqueKey)) throw invalid("invalid_body", [issue("uniqueKey", "The key is taken")]);
}

function issue(field: string, message: string) {
  return { code: "invalid_string", message, path: [field] };
}
