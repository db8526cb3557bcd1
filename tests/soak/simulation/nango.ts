import { createApi } from "@/emulators/nango/api/app";
import { createControl } from "@/emulators/nango/control/app";
import { CallLog } from "@/emulators/nango/control/call-log";
import { FaultBox } from "@/emulators/nango/control/faults";
import { Flows } from "@/emulators/nango/flows";
import { listen } from "@/emulators/nango/listen";
import type { Connection, Session } from "@/emulators/nango/model";
import { REAL_TIMING, type Standin, type Timing } from "@/emulators/nango/standin";
import { Store } from "@/emulators/nango/store";
import { type Outgoing, WebhookSender } from "@/emulators/nango/webhooks/sender";
import { signatureHeaders, stableJson } from "@/emulators/nango/webhooks/signing";

/**
 * The Nango stand-in, put together so that the simulation decides when each webhook arrives, if it does, and how much
 * time has passed.
 */

/** A webhook that left Nango. */
export type Posted = { body: string; signature: string };

/** Hands over what would be sent, at once. */
class CapturingSender extends WebhookSender {
  onPost: (posted: Posted) => void = () => {};

  constructor(
    private readonly key: () => string,
    timing: Timing,
    faults: FaultBox,
  ) {
    super(null, key, timing, faults);
  }
  override send(outgoing: Outgoing): void {
    const body = stableJson(outgoing.body);
    this.onPost({ body, signature: signatureHeaders(this.key(), body)["x-nango-hmac-sha256"] ?? "" });
  }
}

/** What GET /state of the control API says. */
export type Dump = { connections: Connection[]; sessions: Omit<Session, "token">[] };

/** @param upstream maps the real address of a provider to where it is served */
export async function startSimulatedNango(upstream: (url: string) => string) {
  const store = new Store(undefined, {});
  const faults = new FaultBox();
  const webhooks = new CapturingSender(() => store.signingKey, REAL_TIMING, faults);
  const standin: Standin = {
    store,
    timing: REAL_TIMING,
    upstream,
    host: "",
    connectUrl: "",
    webhooks,
    faults,
    calls: new CallLog(),
    flows: new Flows(),
    pendingIntegrations: new Set(),
    rateLimit: null,
    connectionLimit: null,
  };
  const api = createApi(standin);
  const control = createControl(standin);
  /** While set, reads of one connection are answered with another: a mix-up in a cache between us and Nango. */
  let crossed: { next: number } | null = null;

  async function answer(request: Request, bindings: unknown): Promise<Response> {
    const { pathname } = new URL(request.url);
    const id = /^\/connections?\/([^/]+)$/.exec(pathname)?.[1];
    if (crossed && crossed.next > 0 && request.method === "GET" && id && store.connections.length > 1) {
      crossed.next -= 1;
      const other = store.connections.find((connection) => connection.connectionId !== id) as Connection;
      const url = new URL(request.url);
      url.pathname = `/connections/${other.connectionId}`;
      url.searchParams.set("provider_config_key", other.integrationKey);
      return api.fetch(new Request(url, { headers: request.headers }), bindings as never);
    }
    return api.fetch(request, bindings as never);
  }
  const listening = await listen(answer);
  standin.host = listening.origin;
  standin.connectUrl = listening.origin;
  /** A request of a browser's or an operator's: it does not go over the wire that the faults are on. */
  const ask = (path: string, init?: RequestInit) =>
    Promise.resolve(api.fetch(new Request(`http://127.0.0.1${path}`, init)));

  return {
    host: listening.origin,
    apiKey: store.apiKey,
    signingKey: store.signingKey,
    store,
    faults,
    standin,
    ask,
    onPost(handler: (posted: Posted) => void) {
      webhooks.onPost = handler;
    },
    control: async (path: string, body?: unknown): Promise<Response> =>
      control.fetch(
        new Request(`http://127.0.0.1${path}`, {
          method: body === undefined ? "GET" : "POST",
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      ),
    /** The independent dump that the model starts from. */
    dump: async (): Promise<Dump> =>
      (await control.fetch(new Request("http://127.0.0.1/state"))).json() as Promise<Dump>,
    cross(times: number) {
      crossed = { next: times };
    },
    uncross() {
      crossed = null;
    },
    /** Time passes: every moment it remembers lies further back. */
    shift(milliseconds: number) {
      const earlier = <T extends string | null | undefined>(iso: T) =>
        iso ? (new Date(Date.parse(iso) - milliseconds).toISOString() as T) : iso;
      for (const session of store.sessions) {
        session.createdAt -= milliseconds;
        session.expiresAt -= milliseconds;
      }
      for (const connection of store.connections) {
        connection.createdAt = earlier(connection.createdAt);
        connection.updatedAt = earlier(connection.updatedAt);
        connection.lastFetchedAt = earlier(connection.lastFetchedAt);
        if (connection.lastRefreshFailure !== null) connection.lastRefreshFailure -= milliseconds;
        for (const credentials of [connection.credentials, connection.heldCredentials]) {
          if (credentials?.expires_at) credentials.expires_at = earlier(credentials.expires_at);
        }
      }
    },
    close: () => listening.close(),
  };
}
