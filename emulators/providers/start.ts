import { Calls } from "./calls";
import { directClient, oauthClient } from "./clients";
import { control } from "./control";
import { Faults } from "./faults";
import { startGate } from "./gate";
import type { GateName, GateService } from "./gate-service";
import { GenericProvider } from "./generic/start";
import { newRecords } from "./own/services";
import { answerRealAddress } from "./real-address";
import { Registry } from "./registry";
import { resolveUrl } from "./resolve";
import { githubService } from "./services/github";
import { googleService } from "./services/google";
import { linearService } from "./services/linear";
import { microsoftService } from "./services/microsoft";
import { slackService } from "./services/slack";
import { stripeService } from "./services/stripe";
import { twilioService } from "./services/twilio";
import type { StandinConnector } from "./types";
import { type Listening, listen } from "./wire";

export type { StandinConnector } from "./types";

export type Providers = {
  /** Origins by service: the seven gates and "generic". */
  urls: Record<GateName | "generic", string>;
  /** The loopback URL for a real, fully interpolated one. */
  resolve(realUrl: string): string;
  /** The OAuth application that a provider knows without being told. */
  oauthClient(providerKey: string): { clientId: string; clientSecret: string };
  /** The one of an app that does without Nango, by the connector. */
  directClient(slug: string): { clientId: string; clientSecret: string };
  /** Every real address lives under this one: `{realAddresses}/<host>/<path>`. */
  realAddresses: string;
  /** Base URL of the control API; control.ts says what it can do. */
  control: string;
  close(): Promise<void>;
};

/**
 * Starts everything that stands for a third party behind a connection, on 127.0.0.1.
 * @param o.stateDir where issued tokens are kept, so that connections outlive a restart
 * @param o.port of the generic provider; @param o.ports of the gates, by service. Left out or 0: free ones
 * @param o.connectors whose test calls the generic provider answers
 * @throws the system's error when a port cannot be had; nothing is left running then
 */
export async function startProviders(o: {
  stateDir: string;
  port?: number;
  ports?: Record<string, number>;
  connectors: StandinConnector[];
}): Promise<Providers> {
  const keys = o.connectors.flatMap(({ slug, providerKey }) => (providerKey ? [[slug, providerKey] as const] : []));
  const registry = new Registry(o.stateDir, new Map(keys));
  const calls = new Calls();
  const faults = new Faults();
  const records = newRecords();
  const generic = new GenericProvider(registry, calls, faults, o.connectors, records);
  const controls = control(registry, calls, faults, records);
  const services: GateService[] = [
    googleService(),
    githubService(),
    slackService(),
    microsoftService(),
    linearService(),
    stripeService(),
    twilioService(),
  ];
  const started: [string, Listening][] = [];
  const start = async (name: string, starting: Promise<Listening>) => {
    started.push([name, await starting]);
  };
  const results = await Promise.allSettled([
    start(
      "generic",
      listen(async (request) => {
        const { pathname } = new URL(request.url);
        if (pathname.startsWith("/_control/")) return controls(request, pathname.slice("/_control".length));
        if (pathname.startsWith("/_real/")) return answerRealAddress(request, (realUrl) => resolveUrl(realUrl, urls));
        return generic.handle(request);
      }, o.port ?? o.ports?.generic),
    ),
    ...services.map((service) =>
      start(
        service.name,
        startGate(
          service,
          {
            registry,
            calls,
            faults,
            otherwise: async (host, { request, sent, path }, grant) =>
              generic.testCall({ request, sent, host, path }, grant.account),
          },
          o.ports?.[service.name],
        ),
      ),
    ),
  ]);
  const close = async () => {
    await Promise.all(started.map(([, each]) => each.close()));
  };
  const failed = results.find((result) => result.status === "rejected");
  if (failed) {
    await close();
    throw failed.reason;
  }
  const urls = Object.fromEntries(started.map(([name, { origin }]) => [name, origin])) as Providers["urls"];
  return {
    urls,
    resolve: (realUrl) => resolveUrl(realUrl, urls),
    oauthClient,
    directClient,
    realAddresses: `${urls.generic}/_real`,
    control: `${urls.generic}/_control`,
    close,
  };
}
