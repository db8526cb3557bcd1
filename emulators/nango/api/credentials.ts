import { z } from "zod";
import { invalid, jsonBody, NangoFault, nestedQuery, parse } from "../answers";
import { assumeRole, clientCredentials, providerOf, twoStep } from "../auth/exchange";
import { keptValues, TokenRefused } from "../auth/token-answer";
import { verifyCredentials } from "../auth/verify";
import { allowedIntegration, renewedConnection, saveConnection } from "../connections";
import { querySessionGuard } from "../guard";
import type { Credentials, Integration, Session } from "../model";
import type { App, Standin } from "../standin";

/** A way to connect in which the person types something in, and no provider page is visited. */
interface Kind {
  path: string;
  authMode: string;
  body: z.ZodType<Record<string, unknown>>;
  obtain(
    nango: Standin,
    integration: Integration,
    config: Record<string, unknown>,
    given: Record<string, unknown>,
  ): Promise<Credentials> | Credentials;
  /** True for kinds whose renewal forgets the connection's metadata. */
  forgetsMetadata?: boolean;
  /** Settings that every connection of this kind begins with. */
  settings?: Record<string, unknown>;
  /** Error code when `obtain` is refused. */
  refused: string;
}

const text = z.string().min(1).max(10_000);
const anything = z.record(z.string(), z.unknown());

const KINDS: Kind[] = [
  {
    path: "/api-auth/api-key",
    forgetsMetadata: true,
    authMode: "API_KEY",
    body: z.object({ apiKey: text }).strict(),
    obtain: (_nango, _integration, _config, given) => ({ type: "API_KEY", ...given }),
    refused: "invalid_credentials",
  },
  {
    path: "/api-auth/basic",
    forgetsMetadata: true,
    authMode: "BASIC",
    body: z.object({ username: z.string().max(1024), password: z.string().max(1024) }).strict(),
    obtain: (_nango, _integration, _config, given) => ({ type: "BASIC", ...given }),
    refused: "invalid_credentials",
  },
  {
    path: "/auth/two-step",
    forgetsMetadata: true,
    authMode: "TWO_STEP",
    body: anything,
    obtain: twoStep,
    refused: "two_step_credentials_fetch_error",
  },
  {
    path: "/oauth2/auth",
    authMode: "OAUTH2_CC",
    body: z.looseObject({ client_id: z.string().optional(), client_secret: z.string().optional() }),
    obtain: clientCredentials,
    refused: "client_credentials_fetch_error",
  },
  {
    path: "/auth/aws-sigv4",
    forgetsMetadata: true,
    authMode: "AWS_SIGV4",
    body: z.object({ role_arn: text, region: z.string().optional() }),
    obtain: (_nango, integration, config, given) => assumeRole(integration, { region: config.region, ...given }),
    refused: "aws_sigv4_sts_request_failed",
  },
  {
    // The provider tells by a webhook when the person has installed the app there; until then there is no token.
    path: "/auth/oauth-outbound",
    authMode: "OAUTH2",
    body: anything,
    obtain: () => ({ type: "OAUTH2" }),
    settings: { pending: true },
    refused: "invalid_credentials",
  },
  {
    path: "/auth/unauthenticated",
    authMode: "NONE",
    body: anything,
    obtain: () => ({ type: "NONE" }),
    refused: "invalid_credentials",
  },
];

export function credentialRoutes(app: App, nango: Standin): void {
  for (const kind of KINDS) {
    app.post(`${kind.path}/:providerConfigKey`, querySessionGuard(nango), async (c) => {
      const given = parse(kind.body, withoutType(await jsonBody(c)), "invalid_body");
      const query = nestedQuery(c.req.url);
      refuseOwnConnectionId(query);
      const session = c.get("session") as Session;
      const integration = allowedIntegration(nango, session, c.req.param("providerConfigKey") as string);
      if (providerOf(integration).auth_mode !== kind.authMode) throw new NangoFault(400, "invalid_auth_mode");
      const made = await obtain(
        nango,
        kind,
        session,
        integration,
        connectionConfig(session, integration, query),
        given,
      );
      const connection = saveConnection(nango, session, integration, {
        ...made,
        ...(kind.forgetsMetadata ? { metadata: {} } : {}),
      });
      return c.json({ connectionId: connection.connectionId, providerConfigKey: integration.uniqueKey });
    });
  }
}

async function obtain(
  nango: Standin,
  kind: Kind,
  session: Session,
  integration: Integration,
  config: Record<string, unknown>,
  given: Record<string, unknown>,
): Promise<{ credentials: Credentials; connectionConfig: Record<string, unknown> }> {
  // A reconnect session whose connection is gone fails before anything is sent to the provider.
  renewedConnection(nango, session);
  let credentials: Credentials;
  try {
    credentials = await kind.obtain(nango, integration, config, given);
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    throw new NangoFault(400, kind.refused, error.message, { payload: {} });
  }
  const problem = await verifyCredentials(nango, integration, { credentials, connectionConfig: config });
  if (problem) {
    // The person is told; the app is not: no webhook tells of a refused key.
    throw new NangoFault(400, "connection_test_failed", problem);
  }
  const kept = keptValues(credentials.raw, providerOf(integration).token_response_metadata);
  return { credentials, connectionConfig: { ...config, ...kind.settings, ...kept } };
}

/** The browser SDK sends the auth mode along with the fields. */
function withoutType(body: unknown): unknown {
  if (typeof body !== "object" || body === null || !("type" in body)) return body;
  const { type: _type, ...rest } = body;
  return rest;
}

/** With a session the server chooses the connection's id, always. */
export function refuseOwnConnectionId(query: Record<string, unknown>): void {
  if (query.connection_id === undefined) return;
  throw invalid("invalid_query_params", [
    { code: "custom", message: "connection_id can't be chosen with a connect session", path: ["connection_id"] },
  ]);
}

/** The connection's settings: what the person typed in, under what the session prescribes. */
export function connectionConfig(
  session: Session,
  integration: Integration,
  query: Record<string, unknown>,
): Record<string, unknown> {
  const typed = (query.params ?? {}) as Record<string, unknown>;
  const fields = providerOf(integration).connection_config ?? {};
  const preset = Object.entries(fields).flatMap(([name, field]) =>
    field.default_value && typed[name] === undefined ? [[name, field.default_value] as const] : [],
  );
  const { oauth_scopes_override: _scopes, ...prescribed } =
    session.defaults[integration.uniqueKey]?.connection_config ?? {};
  const given = Object.entries(typed).filter(([, value]) => value !== "");
  return { ...Object.fromEntries(preset), ...Object.fromEntries(given), ...prescribed };
}
