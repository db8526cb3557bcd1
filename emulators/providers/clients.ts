import type { Client } from "./types";

const ID = /^standin-(client|direct)-(.+)$/;
const SECRET = /^standin-(direct-)?secret-(.+)$/;

/** The application that every provider knows without being told. The pair says whose it is and that it is no real one. */
export function oauthClient(providerKey: string): { clientId: string; clientSecret: string } {
  return { clientId: `standin-client-${providerKey}`, clientSecret: `standin-secret-${providerKey}` };
}

/** A second one at each connector's provider, for an app that signs people in itself: its consents are not Nango's. */
export function directClient(slug: string): { clientId: string; clientSecret: string } {
  return { clientId: `standin-direct-${slug}`, clientSecret: `standin-direct-secret-${slug}` };
}

/** Clients that were registered over the control API, and the built-in ones. */
export type Clients = {
  find(clientId: string): Client | null;
  /** stripe-app authenticates by its secret alone. */
  bySecret(clientSecret: string): Client | null;
  add(client: Client): void;
};

/**
 * @param extra kept by the caller, so that registered clients survive a restart
 * @param keys the providers of connectors, by slug
 */
export function openClients(extra: Client[], changed: () => void, keys: ReadonlyMap<string, string>): Clients {
  const builtIn = (name: string | undefined, direct: boolean): Client | null => {
    if (!name) return null;
    return direct
      ? { ...directClient(name), providerKey: keys.get(name) ?? name }
      : { ...oauthClient(name), providerKey: name };
  };
  const ofSecret = (secret: string): Client | null => {
    const [, direct, name] = SECRET.exec(secret) ?? [];
    return builtIn(name, direct !== undefined);
  };
  return {
    find: (clientId) => {
      const [, kind, name] = ID.exec(clientId) ?? [];
      const known = extra.find((client) => client.clientId === clientId);
      return known ?? builtIn(name, kind === "direct");
    },
    bySecret: (secret) => extra.find((client) => client.clientSecret === secret) ?? ofSecret(secret),
    add: (client) => {
      const at = extra.findIndex((known) => known.clientId === client.clientId);
      if (at >= 0) extra.splice(at, 1);
      extra.push(client);
      changed();
    },
  };
}
