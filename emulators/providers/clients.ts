import type { Client } from "./types";

const ID = /^standin-client-(.+)$/;
const SECRET = /^standin-secret-(.+)$/;

/** The application that every provider knows without being told. The pair says whose it is and that it is no real one. */
export function oauthClient(providerKey: string): { clientId: string; clientSecret: string } {
  return { clientId: `standin-client-${providerKey}`, clientSecret: `standin-secret-${providerKey}` };
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
  const builtIn = (providerKey: string | undefined): Client | null =>
    providerKey ? { ...oauthClient(providerKey), providerKey } : null;
  return {
    find: (clientId) => extra.find((client) => client.clientId === clientId) ?? builtIn(ID.exec(clientId)?.[1]),
    bySecret: (secret) => extra.find((client) => client.clientSecret === secret) ?? builtIn(SECRET.exec(secret)?.[1]),
    add: (client) => {
      const at = extra.findIndex((known) => known.clientId === client.clientId);
      if (at >= 0) extra.splice(at, 1);
      extra.push(client);
      changed();
    },
  };
}
