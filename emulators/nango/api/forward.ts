import { NangoFault } from "../answers";
import { at } from "../auth/interpolate";
import { installed } from "../auth/pending";
import { provider as findProvider } from "../catalogue";
import type { Connection, Integration } from "../model";
import type { App, Standin } from "../standin";

/** Where a provider's own webhook names the account, and under which setting the connection keeps that name. */
const ATTRIBUTION: Record<string, { inBody: string; inConfig: string }> = {
  slackWebhookRouting: { inBody: "team_id", inConfig: "team.id" },
  hubspotWebhookRouting: { inBody: "0.portalId", inConfig: "portalId" },
  notionWebhookRouting: { inBody: "workspace_id", inConfig: "workspace_id" },
  shopifyWebhookRouting: { inBody: "myshopify_domain", inConfig: "subdomain" },
};

/** Headers of the provider that are not handed on with its webhook. */
const KEPT_BACK =
  /^(host|authorization|connection|keep-alive|content-|cookie|set-cookie|referer|user-agent|sec-|proxy-|www-authenticate|server|accept-encoding|transfer-encoding)/;

/**
 * Where providers post their own webhooks. Anybody can: the address is not secret, and for some providers nothing is
 * verified. What matches a connection is forwarded in an envelope; what matches none is forwarded as it came, signed
 * like everything else. So a stranger can put any words into a validly signed webhook.
 */
export function forwardRoutes(app: App, nango: Standin): void {
  app.post("/webhook/:environmentUuid/:providerConfigKey", async (c) => {
    if (c.req.param("environmentUuid") !== nango.store.environmentUuid)
      throw new NangoFault(404, "unknown_environment");
    const integration = nango.store.integration(c.req.param("providerConfigKey"));
    if (!integration) throw new NangoFault(404, "unknown_provider_config");
    const text = await c.req.text();
    let payload: unknown;
    try {
      payload = JSON.parse(text);
    } catch {
      payload = Object.fromEntries(new URLSearchParams(text));
    }
    const script = findProvider(integration.provider)?.webhook_routing_script;
    if (typeof script !== "string") return c.body(null, 204);
    if (at(payload, "type") === "url_verification") return c.json({ challenge: at(payload, "challenge") });
    if (!integration.forwardWebhooks) return c.body(null, 200);
    if (c.req.header("sentry-hook-resource") === "installation") await installed(nango, integration, payload);
    const headers = Object.fromEntries(Object.entries(c.req.header()).filter(([name]) => !KEPT_BACK.test(name)));
    const connections = concerned(nango, integration, script, payload, c.req.query("nangoConnectionId"));
    if (connections.length === 0) {
      nango.webhooks.send({
        body: payload,
        integration: integration.uniqueKey,
        operation: "forward",
        tags: {},
        headers,
      });
    }
    for (const connection of connections) forward(nango, integration, connection, payload, headers);
    return c.body(null, 200);
  });
}

function forward(
  nango: Standin,
  integration: Integration,
  connection: Connection,
  payload: unknown,
  headers: Record<string, string>,
): void {
  nango.webhooks.send({
    body: {
      from: integration.provider,
      type: "forward",
      providerConfigKey: integration.uniqueKey,
      connectionId: connection.connectionId,
      payload,
    },
    integration: integration.uniqueKey,
    operation: "forward",
    tags: connection.tags,
    urlOverride: connection.webhookUrlOverride,
    headers,
  });
}

function concerned(
  nango: Standin,
  integration: Integration,
  script: string,
  payload: unknown,
  named: string | undefined,
): Connection[] {
  const own = nango.store.connections.filter((connection) => connection.integrationKey === integration.uniqueKey);
  if (named) return own.filter((connection) => connection.connectionId === named);
  const rule = Object.hasOwn(ATTRIBUTION, script) ? ATTRIBUTION[script] : undefined;
  const account = rule ? at(payload, rule.inBody) : undefined;
  if (!rule || account === undefined) return [];
  return own.filter(
    ({ connectionConfig, metadata }) =>
      String(at(connectionConfig, rule.inConfig) ?? at(metadata, rule.inConfig) ?? "") === String(account),
  );
}
