import { Hono } from "hono";
import { z } from "zod";
import type { Standin } from "../standin";
import { bulkRoutes } from "./bulk";
import { deedRoutes } from "./deeds";
import { recordRoutes } from "./records";
import { settingRoutes } from "./settings";
import { stateRoutes } from "./state";

/**
 * The control API: what tests and demos do to the stand-in behind the app's back. No keys: it listens on loopback and
 * is none of Nango's. Bodies are JSON; every field is optional unless it is said to be needed; unknown fields are 400.
 *
 * What it remembers
 *   GET    /state                    everything, but for session tokens
 *   GET    /connections              every connection in full, credentials included, oldest first
 *   GET    /dump                     {connections: [{id, connection_id, integration, provider, tags, end_user_id, metadata,
 *                                    connection_config, broken, errors, kind, expires_at, refreshable, scope,
 *                                    credential_hash, pending, refresh_failed_at, refresh_attempts, refresh_exhausted,
 *                                    created_at, updated_at}], sessions, integrations}: made without the API's views, to be
 *                                    compared with what an app believes. `broken` is errors[] of type auth; `kind` the
 *                                    credentials' type; `credential_hash` changes whenever the credential does; `scope`
 *                                    is what the provider granted; `sessions` a count, `integrations` the keys.
 *   POST   /reset                    {integrations: true keeps them}: forgets all but the keys; faults, records too.
 *                                    Settings stay.
 *
 * One connection: POST /connections/:id/<deed>
 *   expire                           the access token ends now: the next read refreshes it
 *   kill                             the provider will refuse every credential from now on; Nango does not notice
 *   credentials {expires_at: ISO|null, refresh_token: text|null, scope: text|null, …}
 *                                    sets credential fields, null takes one away; `scope` is written where Nango keeps
 *                                    it (credentials.raw.scope). No webhook.
 *   refresh  {force: true}           what a forced read does, or with force false any read: {problem: null | {status, type}}
 *   break                            Nango's broken flag, the cool-down and the webhook of a failed refresh. The credential
 *                                    is left alone, so a forced refresh mends it where the kind has one; a key's flag
 *                                    stays until a sweep, a reconnect or recover, as at Nango.
 *   exhaust                          as after four days of failed refreshes: 424 until a forced refresh or a reconnect
 *   recover                          takes the flag back; a webhook only with recoveryWebhooks
 *   reject                           a reconnect that the customer's own check refused: flag, exhausted, and the webhook
 *                                    operation:"override", success:false, with tags
 *   vanish                           gone without a trace: never a webhook
 *   delete                           deleted by somebody in Nango's dashboard: access withdrawn where Nango does that,
 *                                    a webhook only with deletionWebhooks
 *   tags     {tags: {…}} needed      replaced behind the app's back ({} wipes them); no webhook
 *   config   {…}                     merged into connection_config
 *   approve                          finishes a pending connection; the webhook of a creation
 *
 * Many connections
 *   POST   /connections/bulk         {count, integrationKey (needed; one or a list taken in turn), tags, connectionId,
 *                                    credentials, startAt: 0, webhooks: false} -> {count, connectionIds}. In tags,
 *                                    connectionId and text credentials {n} is the running number, {n%7} its remainder,
 *                                    {n/7} its quotient. Left out, connectionId is a UUID and the credentials are of the
 *                                    integration's kind and good.
 *   POST   /connections/vanish       {connectionIds needed} -> {vanished}
 *   POST   /sweep                    {staleDays: 0}: the nightly job, refreshes and credential tests, of connections not
 *                                    read for that long (Nango: 1), but for exhausted ones
 *   POST   /sessions/expire          {tag: {key, value}}: ends every session, or those with the tag -> {expired}
 *
 * Faults: see faults.ts for the body
 *   GET    /faults · POST /faults -> 201 {id, …} · DELETE /faults · DELETE /faults/:id
 *
 * Records
 *   GET    /calls?after&method&path  calls that reached the API: {count, calls} · DELETE /calls
 *   GET    /webhooks?after           {count, outcomes: {delivered: 3, …}, deliveries} · DELETE /webhooks
 *   POST   /webhooks/:number/resend  the same bytes once more
 *   POST   /webhooks/send            {body needed}: any body, signed (what newer servers send, or a stranger)
 *   POST   /webhooks/settle          answers when no delivery is under way
 *
 * Settings and keys
 *   GET    /settings · PATCH /settings
 *          webhookUrl: text|null     where webhooks go
 *          authWebhooks: true        off, creations and refreshes are not told; overrides are
 *          deletionWebhooks: false   newer servers: operation "deletion", success true, tags, on API and dashboard deletes
 *          recoveryWebhooks: false   newer servers: operation "refresh", success true, tags, when a broken one recovers
 *          rateLimit: number|null    requests a minute for the account
 *          connectionLimit: number|null
 *          pendingIntegrations: []   consent for one of these makes a pending connection (isPending)
 *          timing: {refreshCooldown, refreshMargin, sessionTtl, stateTtl, webhookRetries: [ms, ms], webhookTimeout,
 *                   breaker: {failures, window, open}, proxyRetry, proxyTimeout}   milliseconds; those given change
 *   POST   /keys                     {name, scopes needed, key: UUID}: an API key that may do only that -> 201 {key}
 *   PATCH  /keys/:key                {scopes: [..]|null needed}: null is everything. `default` names the first key, so an
 *                                    app that runs can lose connections:read_credentials
 *   DELETE /keys/:key
 */
export function createControl(nango: Standin): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    // Tests and scripts send no Origin. A page that somebody has open must not reach this, nor one that calls this
    // machine by another name.
    const local = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(new URL(c.req.url).host);
    if (c.req.header("origin") || !local) return c.json({ error: "Not for browsers." }, 403);
    await next();
  });
  stateRoutes(app, nango);
  bulkRoutes(app, nango);
  deedRoutes(app, nango);
  recordRoutes(app, nango);
  settingRoutes(app, nango);
  app.onError((error, c) => {
    if (error instanceof z.ZodError) return c.json({ error: z.prettifyError(error) }, 400);
    return c.json({ error: error.message }, error instanceof SyntaxError ? 400 : 500);
  });
  app.notFound((c) => c.json({ error: "The control API has no such thing." }, 404));
  return app;
}
