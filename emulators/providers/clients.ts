import type { Client } from "./types";

const ID = /^standin-(client|direct)-(.+)$/;
const SECRET = /^standin-secret-(.+)$/;

/** The application that every provider knows without being told. The pair says whose it is and that it is no real one. */
export function oauthClient(providerKey: string): { clientId: string; clientSecret: string } {
  return { clientId: `standin-client-${providerKey}`, clientSecret: `standin-secret-${providerKey}` };
}

/** A second one at each provider, for an app that signs people in itself: its consents are not Nango's. */
export function directClient(providerKey: string): { clientId: string; clientSecret: string } {
  return { clientId: `standin-direct-${providerKey}`, clientSecret: `standin-direct-secret-${providerKey}` };
}

/** Clients that were registered over the control API, and the built-in ones. */
export type Clients = {
  find(clientId: string): Client | null;
  /** stripe-app authenticates by its secret alone. */
  bySecret(clientSecret: string): Client | null;
  add(client: Client): void;
};

/** @param extra kept by the caller, so that registered clients survive a restart */
export function openClients(extra: Client[], changed: () => void): Clients {
  const builtIn = (providerKey: string | undefined, pair = oauthClient): Client | null =>
    providerKey ? { ...pair(providerKey), providerKey } : null;
  return {
    find: (clientId) => {
      const [, kind, providerKey] = ID.exec(clientId) ?? [];
      const known = extra.find((client) => client.clientId === clientId);
      return known ?? builtIn(providerKey, kind === "direct" ? directClient : oauthClient);
    },
    bySecret: (secret) => extra.find((client) => client.clientSecret === secret) ?? builtIn(SECRET.exec(secret)?.[1]),
    add: (client) => {
      const at = extra.findIndex((known) => known.clientId === client.clientId);
      if (at >= 0) extra.splice(at, 1);
      extra.push(client);
      changed();
    },
  };
}
