import { randomUUID } from "node:crypto";
import type { Hono } from "hono";
import { z } from "zod";
import { approve } from "../auth/pending";
import { EXHAUSTED_AFTER_DAYS, freshen, markBroken, mended } from "../auth/refresh";
import { deleteConnection } from "../connections";
import type { Connection, Credentials, Integration } from "../model";
import type { Standin } from "../standin";
import { optionalJson } from "./optional-json";

/** What is done to one connection. A deed that gives something answers with it. */
type Deed = (
  nango: Standin,
  integration: Integration,
  connection: Connection,
  body: Record<string, unknown>,
) => unknown;

const nothing = z.strictObject({});
const tagsBody = z.strictObject({ tags: z.record(z.string(), z.string()) });
const refreshBody = z.strictObject({ force: z.boolean().default(true) });
const credentialsBody = z.looseObject({
  expires_at: z.iso.datetime({ offset: true }).nullable().optional(),
  refresh_token: z.string().nullable().optional(),
  scope: z.string().nullable().optional(),
});

const DEEDS: Record<string, { body: z.ZodType<Record<string, unknown>>; run: Deed }> = {
  expire: {
    body: nothing,
    run: (_nango, _integration, { credentials }) => {
      credentials.expires_at = new Date(Date.now() - 1000).toISOString();
    },
  },
  kill: {
    body: nothing,
    run: (_nango, _integration, { credentials }) => {
      // Refused by any provider that looks, whatever kind of credential it is.
      for (const field of ["access_token", "refresh_token", "token", "apiKey", "password", "oauth_token"]) {
        if (credentials[field]) credentials[field] = `bad-${randomUUID()}`;
      }
    },
  },
  credentials: {
    body: credentialsBody,
    run: (_nango, _integration, connection, { scope, ...fields }) => {
      setFields(connection.credentials, fields);
      if (scope === undefined) return;
      connection.credentials.raw = { ...connection.credentials.raw };
      setFields(connection.credentials.raw, { scope });
    },
  },
  refresh: {
    body: refreshBody,
    run: async (nango, integration, connection, { force }) => {
      const problem = await freshen(nango, integration, connection, { force: force === true });
      return { problem: problem && { status: problem.status, type: problem.type } };
    },
  },
  break: {
    body: nothing,
    run: (nango, integration, connection) => markBroken(nango, integration, connection, "refresh"),
  },
  exhaust: {
    body: nothing,
    run: (_nango, _integration, connection) => {
      connection.lastRefreshFailure ??= Date.now();
      connection.refreshAttempts = EXHAUSTED_AFTER_DAYS;
      connection.refreshExhausted = true;
      connection.authError ??= { logId: randomUUID() };
    },
  },
  recover: { body: nothing, run: mended },
  reject: {
    body: nothing,
    run: (nango, integration, connection) =>
      markBroken(nango, integration, connection, "override", {
        type: "connection_validation_failed",
        description: "Connection failed validation",
      }),
  },
  vanish: { body: nothing, run: (nango, _integration, connection) => nango.store.removeConnection(connection) },
  delete: {
    body: nothing,
    run: async (nango, integration, connection) => {
      await deleteConnection(nango, integration, connection);
    },
  },
  tags: {
    body: tagsBody,
    run: (_nango, _integration, connection, { tags }) => {
      connection.tags = tags as Connection["tags"];
    },
  },
  config: {
    body: z.record(z.string(), z.unknown()),
    run: (_nango, _integration, connection, config) => {
      Object.assign(connection.connectionConfig, config);
    },
  },
  approve: { body: nothing, run: approve },
};

export function deedRoutes(app: Hono, nango: Standin): void {
  for (const [name, deed] of Object.entries(DEEDS)) {
    app.post(`/connections/:id/${name}`, async (c) => {
      const body = deed.body.parse(await optionalJson(c.req.raw));
      const [connection] = nango.store.connectionsNamed(c.req.param("id"));
      const integration = connection && nango.store.integration(connection.integrationKey);
      if (!connection || !integration) return c.json({ error: "There is no such connection." }, 404);
      const answer: unknown = await deed.run(nango, integration, connection, body);
      nango.store.saveConnection(connection);
      return c.json({ ok: true, ...(typeof answer === "object" ? answer : {}) });
    });
  }
}

function setFields(target: Credentials | Record<string, unknown>, fields: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) delete target[name];
    else target[name] = value;
  }
}
