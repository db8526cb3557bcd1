import { randomBytes, randomUUID } from "node:crypto";
import type { Context } from "hono";
import { NangoFault, nestedQuery } from "../answers";
import { CannotAuthorize, oauth2AuthorizeUrl } from "../auth/authorize";
import { exchangeCode, providerOf } from "../auth/exchange";
import { oauth1AuthorizeUrl, oauth1Credentials } from "../auth/oauth1";
import { makePending } from "../auth/pending";
import { keptValues, TokenRefused } from "../auth/token-answer";
import { allowedIntegration, renewedConnection, saveConnection } from "../connections";
import type { Outcome, PendingAuthorization } from "../flows";
import { findSession, querySessionGuard } from "../guard";
import type { Connection, Credentials, Integration, Session } from "../model";
import type { App, Env, Standin } from "../standin";
import { sendConnectFailed } from "../webhooks/bodies";
import { callbackPage } from "./callback-page";
import { connectionConfig, refuseOwnConnectionId } from "./credentials";

/**
 * Connecting through a provider's consent page. The popup starts at /oauth/connect, is sent to the provider, and comes
 * back to /oauth/callback; the outcome goes to the frame that opened it, and the popup closes itself.
 */
export function oauthRoutes(app: App, nango: Standin): void {
  app.get("/oauth/connect/:providerConfigKey", querySessionGuard(nango), async (c) => {
    const query = nestedQuery(c.req.url);
    const flow = String(query.ws_client_id ?? "");
    try {
      refuseOwnConnectionId(query);
      return c.redirect(nango.upstream(await begin(c, nango, flow, query)));
    } catch (error) {
      return fail(c, nango, flow, problemOf(error));
    }
  });

  app.get("/oauth/callback", async (c) => {
    const query = c.req.query();
    const pending = nango.flows.take(query.state ?? "");
    if (!pending) {
      return fail(c, nango, "", {
        errorType: "state_err",
        errorMessage: "This sign-in was used already, or took too long.",
      });
    }
    try {
      const connection = await finish(nango, pending, query);
      const outcome: Outcome = {
        success: true,
        connectionId: connection.connectionId,
        providerConfigKey: connection.integrationKey,
        ...(connection.heldCredentials ? { isPending: true } : {}),
      };
      nango.flows.finish(pending.flow, outcome);
      return c.html(callbackPage(outcome));
    } catch (error) {
      const problem = problemOf(error);
      tellApp(nango, pending, problem);
      return fail(c, nango, pending.flow, problem);
    }
  });
}

interface Problem {
  errorType: string;
  errorMessage: string;
  /** What the webhook calls it, where that differs. */
  webhookType?: string;
}

/** Consent was refused, or the provider came back without what is needed. */
class BadCallback extends Error {}

async function begin(c: Context<Env>, nango: Standin, flow: string, query: Record<string, unknown>): Promise<string> {
  const session = c.get("session") as Session;
  const integration = allowedIntegration(nango, session, c.req.param("providerConfigKey") as string);
  const provider = providerOf(integration);
  const renewed = renewedConnection(nango, session);
  const config = connectionConfig(session, integration, query);
  const defaults = session.defaults[integration.uniqueKey];
  const pending: PendingAuthorization = {
    state: randomUUID(),
    flow,
    sessionToken: session.token,
    integrationKey: integration.uniqueKey,
    // A reconnect keeps its id from the start, so a refused one names the connection that still works.
    connectionId: renewed?.connectionId ?? randomUUID(),
    connectionConfig: config,
    codeVerifier: provider.disable_pkce ? null : randomBytes(32).toString("base64url"),
    requestTokenSecret: null,
    expiresAt: Date.now() + nango.timing.stateTtl,
  };
  const redirectUri = `${nango.host}/oauth/callback`;
  let url: string;
  if (provider.auth_mode === "OAUTH2") {
    const userScopes = defaults?.user_scopes ?? (typeof query.user_scope === "string" ? query.user_scope : undefined);
    const { state, codeVerifier } = pending;
    url = oauth2AuthorizeUrl(integration, config, { state, redirectUri, codeVerifier, defaults, userScopes });
  } else if (provider.auth_mode === "OAUTH1") {
    const started = await oauth1AuthorizeUrl(nango, integration, `${redirectUri}?state=${pending.state}`);
    pending.requestTokenSecret = started.requestTokenSecret;
    url = started.url;
  } else {
    throw new CannotAuthorize("auth_mode_err", `${provider.auth_mode} is not connected through a consent page.`);
  }
  nango.flows.start(pending);
  return url;
}

async function finish(
  nango: Standin,
  pending: PendingAuthorization,
  query: Record<string, string>,
): Promise<Connection> {
  const session = findSession(nango, pending.sessionToken);
  const integration = allowedIntegration(nango, session, pending.integrationKey);
  const provider = providerOf(integration);
  const credentials = await obtain(nango, integration, pending, query);
  return saveConnection(nango, session, integration, {
    connectionId: pending.connectionId,
    credentials,
    pending: (connection) => {
      if (!nango.pendingIntegrations.has(integration.uniqueKey)) return false;
      makePending(connection);
      return true;
    },
    connectionConfig: {
      ...pending.connectionConfig,
      ...keptValues(query, provider.redirect_uri_metadata),
      ...keptValues(credentials.raw, provider.token_response_metadata),
    },
  });
}

async function obtain(
  nango: Standin,
  integration: Integration,
  pending: PendingAuthorization,
  query: Record<string, string>,
): Promise<Credentials> {
  const provider = providerOf(integration);
  if (provider.auth_mode === "OAUTH1") {
    const { oauth_token: token, oauth_verifier: verifier } = query;
    if (!token || !verifier) throw new BadCallback("Did not get oauth_token and oauth_verifier in the callback.");
    return oauth1Credentials(nango, integration, {
      token,
      verifier,
      requestTokenSecret: pending.requestTokenSecret ?? "",
    });
  }
  const code = query[provider.authorization_code_param_in_callback ?? "code"];
  if (!code) {
    const given = ["error", "error_description", "error_reason", "error_uri", "error_message"]
      .filter((key) => query[key])
      .map((key) => `${key}: ${query[key]}`);
    const why = given.length > 0 ? ` Provider error: ${given.join("; ")}` : "";
    throw new BadCallback(`Did not get authorization code in the callback.${why}`);
  }
  return exchangeCode(nango, integration, pending.connectionConfig, {
    code,
    redirectUri: `${nango.host}/oauth/callback`,
    codeVerifier: pending.codeVerifier,
  });
}

function problemOf(error: unknown): Problem {
  if (error instanceof BadCallback) {
    return { errorType: "callback_err", errorMessage: error.message, webhookType: "invalid_callback" };
  }
  if (error instanceof CannotAuthorize) return { errorType: error.errorType, errorMessage: error.message };
  if (error instanceof TokenRefused) return { errorType: "token_err", errorMessage: error.message };
  if (error instanceof NangoFault) return { errorType: error.code, errorMessage: error.message };
  return { errorType: "unknown_err", errorMessage: error instanceof Error ? error.message : "Unknown error" };
}

/** Failed attempts are told to the app as a failed creation: without tags, even when a connection was being renewed. */
function tellApp(nango: Standin, pending: PendingAuthorization, problem: Problem): void {
  const integration = nango.store.integration(pending.integrationKey);
  const session = nango.store.session(pending.sessionToken);
  if (!integration) return;
  sendConnectFailed(
    nango,
    integration,
    {
      connectionId: pending.connectionId,
      tags: session?.tags ?? {},
      urlOverride: session?.webhookUrlOverride ?? null,
    },
    { type: problem.webhookType ?? problem.errorType, description: problem.errorMessage },
  );
}

function fail(c: Context<Env>, nango: Standin, flow: string, problem: Problem): Response | Promise<Response> {
  const { errorType, errorMessage } = problem;
  const outcome: Outcome = { success: false, errorType, errorMessage };
  nango.flows.finish(flow, outcome);
  return c.html(callbackPage(outcome));
}
