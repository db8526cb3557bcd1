/** A world in which one person's accounts are looked at, for the tests of what changes a connection's state. */
import { expect } from "vitest";
import { POST as checkRoute } from "@/app/api/v1/connections/[id]/check/route";
import { POST as keepRoute } from "@/app/api/v1/connections/[id]/keep-account/route";
import { POST as reconnectRoute } from "@/app/api/v1/connections/[id]/reconnect/route";
import { GET as showRoute } from "@/app/api/v1/connections/[id]/route";
import { POST as undoRoute } from "@/app/api/v1/connections/[id]/undo/route";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import type { ConnectionView, NangoSession } from "@/lib/api/views";
import { connectionForJob, suspect } from "@/lib/db/connection-jobs";
import { hmac } from "@/tests/support/forgeries";
import type { SignedIn } from "@/tests/support/people";
import { openWorld } from "./reconcile-world";

type Route = Parameters<Awaited<ReturnType<typeof openWorld>>["server"]["call"]>[0];
const twilio = { username: "AC1", password: "good" };
/** What a gateway in front of Nango says, and what Nango says itself. */
export const gatewaysNotFound = { kind: "answer", status: 404, body: "<html>404 Not Found</html>" } as const;

export async function openTruth() {
  const world = await openWorld({ SECOND_LOOK_SECONDS: "0" });
  const { server, go, sql } = world;
  const ada = await world.ada();

  const at = (id: string, rest = "") => [`/api/v1/connections/${id}${rest}`, { as: ada, params: { id } }] as const;
  const post =
    (route: Route, rest: string) =>
    (id: string, body: object = {}) => {
      const [path, options] = at(id, rest);
      return server.call(route, path, { ...options, body });
    };
  const reconnect = post(reconnectRoute, "/reconnect");
  const show = async (id: string): Promise<ConnectionView> => {
    const answer = await server.call(showRoute, ...at(id));
    expect(answer.status, answer.text).toBe(200);
    return answer.json.connection;
  };
  /** Whoever is signed in at the provider from now on; its name is "Workspace" and the id. */
  const account = (id: string) => Object.assign(server.provider.account, { id, name: `Workspace ${id}` });
  const startAgain = async (id: string): Promise<NangoSession> => {
    const answer = await reconnect(id);
    expect(answer.status, answer.text).toBe(201);
    return answer.json;
  };
  const finish = (session: NangoSession) => server.complete(session, "twilio", twilio);

  return {
    ...world,
    ada,
    account,
    show,
    startAgain,
    finish,
    check: post(checkRoute, "/check"),
    keep: post(keepRoute, "/keep-account"),
    undo: post(undoRoute, "/undo"),
    /** An account that is connected, known by its id, and works. */
    connect: async (id: string, as: SignedIn = ada) => {
      account(id);
      const session = await go.start(as, "twilio");
      const nangoId = await finish(session);
      const connection: ConnectionView = (await go.confirm(as, session.attemptId, nangoId)).json.connection;
      await server.runJobs();
      return { id: connection.id, nangoId };
    },
    /** A connection by OAuth, as its consent page would leave it, and how it is confirmed. */
    consent: async (connector: string, credentials: object = {}) => {
      const session = await go.start(ada, connector);
      const [attempt] = await sql`select instance from connection_attempts where id = ${session.attemptId}`;
      const tags = {
        organization_id: ada.ownerId,
        end_user_id: ada.userId,
        connector,
        attempt_id: session.attemptId,
        instance: attempt?.instance as string,
      };
      const made = await world.nango("POST", "/connections", {
        provider_config_key: connector,
        credentials: { type: "OAUTH2", access_token: "good", ...credentials },
        tags,
      });
      const nangoId: string = made.json.connection_id;
      const answer = await go.confirm(ada, session.attemptId, nangoId);
      await server.runJobs();
      return { id: answer.json.connection.id as string, nangoId, tags };
    },
    /** Somebody signs in again, as `id`; a look follows as soon as jobs run. */
    signInAgain: async (connectionId: string, id: string) => {
      account(id);
      const session = await startAgain(connectionId);
      await finish(session);
      await go.confirm(ada, session.attemptId);
    },
    /** Something spoke against it, and no look has decided yet. */
    doubt: async (id: string) => {
      const connection = await connectionForJob(id);
      if (connection) await suspect(connection);
    },
    /** Any look but that after a sign-in. */
    look: async (id: string) => {
      await sql`select patchbay.enqueue_look(${id})`;
      await server.runJobs();
    },
    /** A delivery of Nango's about a connection. @returns the id that it is stored under */
    deliver: async (nangoId: string, about: object, key = "twilio") => {
      const body = JSON.stringify({ from: "nango", connectionId: nangoId, providerConfigKey: key, ...about });
      const headers = { "x-nango-hmac-sha256": hmac(server.nango.webhookSigningKey, body) };
      expect((await server.call(webhook, "/api/webhooks/nango", { body, headers })).status).toBe(200);
      const [row] = await sql`select id from webhook_deliveries where body = ${Buffer.from(body)}`;
      return row?.id as string;
    },
    delivery: async (id: string) => {
      const [row] = await sql`select verdict, reason_code from webhook_deliveries where id = ${id}`;
      return row;
    },
    notices: async (id: string) =>
      (await sql`select kind from notices where connection_id = ${id} order by id`).map(({ kind }) => kind),
    jobs: async (id: string) =>
      (await sql`select key from graphile_worker.jobs where key like ${`%:${id}`} order by key`).map(
        ({ key }) => key.split(":")[0],
      ),
    /** Time goes by for a connection. */
    minutesLater: (id: string, minutes: number) =>
      sql`update connections set looking_since = looking_since - make_interval(mins => ${minutes}),
        signed_in_at = signed_in_at - make_interval(mins => ${minutes}),
        suspect_since = suspect_since - make_interval(mins => ${minutes}) where id = ${id}`,
  };
}

export type Truth = Awaited<ReturnType<typeof openTruth>>;
