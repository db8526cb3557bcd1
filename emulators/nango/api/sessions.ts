import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { invalid, jsonBody, NangoFault, parse } from "../answers";
import { endUserFrom, refuseWhenFull, tagsFrom } from "../connections";
import { apiKeyGuard, sessionGuard } from "../guard";
import type { Session } from "../model";
import { reconnectSchema, sessionSchema, taggedSessionSchema } from "../schemas";
import type { App, Env, Standin } from "../standin";
import { sessionView } from "../views";

/** Connect sessions: what lets a browser make connections, for half an hour and as often as it likes. */
export function sessionRoutes(app: App, nango: Standin): void {
  app.post("/connect/sessions", apiKeyGuard(nango, "connect_sessions:write"), async (c) => {
    refuseWhenFull(nango);
    const body = await jsonBody(c);
    const tagsOnly = typeof body === "object" && body !== null && "tags" in body && !("end_user" in body);
    const input = parse(tagsOnly ? taggedSessionSchema : sessionSchema, body, "invalid_body");
    const allowed = input.allowed_integrations ?? [];
    refuseUnknown(nango, [
      ...allowed.map((key, position) => ({ key, path: ["allowed_integrations", String(position)] })),
      ...namedIntegrations(input),
    ]);
    return answerWith(c, nango, {
      ...common(input),
      endUser: endUserFrom(input.end_user, input.organization),
      // An empty list means all, not none.
      allowedIntegrations: allowed.length > 0 ? allowed : null,
      reconnects: null,
    });
  });

  app.post("/connect/sessions/reconnect", apiKeyGuard(nango, "connect_sessions:write"), async (c) => {
    const input = parse(reconnectSchema, await jsonBody(c), "invalid_body");
    const connection = nango.store.connection(input.integration_id, input.connection_id);
    if (!connection) {
      throw new NangoFault(400, "invalid_body", "The connection_id or the integration_id does not exist.");
    }
    refuseUnknown(nango, namedIntegrations(input));
    return answerWith(c, nango, {
      ...common(input),
      endUser: endUserFrom(input.end_user, input.organization),
      allowedIntegrations: [input.integration_id],
      reconnects: connection.id,
    });
  });

  app.get("/connect/session", sessionGuard(nango), (c) => {
    return c.json({ data: sessionView(nango, c.get("session") as Session) });
  });

  app.delete("/connect/session", sessionGuard(nango), (c) => {
    nango.store.removeSession((c.get("session") as Session).token);
    return c.body(null, 204);
  });

  // The Connect UI reports what people click; nothing here wants to know.
  app.post("/connect/telemetry", (c) => c.body(null, 204));
}

type Input = ReturnType<typeof reconnectSchema.parse> | ReturnType<typeof sessionSchema.parse>;
type Common = Pick<
  Input,
  "organization" | "integrations_config_defaults" | "overrides" | "webhook_url_override" | "tags"
> & {
  end_user?: Input["end_user"];
};

function common(input: Common): Pick<Session, "tags" | "defaults" | "overrides" | "webhookUrlOverride"> {
  return {
    tags: tagsFrom(input.end_user, input.organization, input.tags),
    defaults: (input.integrations_config_defaults ?? {}) as Session["defaults"],
    overrides: (input.overrides ?? null) as Session["overrides"],
    webhookUrlOverride: input.webhook_url_override ?? null,
  };
}

function namedIntegrations(input: Common): { key: string; path: string[] }[] {
  return (["integrations_config_defaults", "overrides"] as const).flatMap((field) =>
    Object.keys(input[field] ?? {}).map((key) => ({ key, path: [field, key] })),
  );
}

/** One unknown key fails the whole session. */
function refuseUnknown(nango: Standin, named: { key: string; path: string[] }[]): void {
  const unknown = named.filter(({ key }) => !nango.store.integration(key));
  if (unknown.length === 0) return;
  throw invalid(
    "invalid_body",
    unknown.map(({ path }) => ({ code: "custom", message: "Integration does not exist", path })),
  );
}

function answerWith(
  c: Context<Env>,
  nango: Standin,
  made: Omit<Session, "token" | "createdAt" | "expiresAt">,
): Response {
  const now = Date.now();
  const session: Session = {
    ...made,
    token: `nango_connect_session_${randomBytes(32).toString("hex")}`,
    createdAt: now,
    expiresAt: now + nango.timing.sessionTtl,
  };
  nango.store.addSession(session);
  // As at a self-hosted server, the link does not say where the API is: whoever hands it out appends `&apiURL=`.
  const connect_link = `${nango.connectUrl}/?session_token=${session.token}`;
  const expires_at = new Date(session.expiresAt).toISOString();
  return c.json({ data: { token: session.token, connect_link, expires_at } }, 201);
}
