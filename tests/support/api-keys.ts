import { DELETE } from "@/app/api/v1/api-keys/[id]/route";
import { GET, POST } from "@/app/api/v1/api-keys/route";
import type { SignedIn } from "./people";
import type { Server } from "./server";

/** Every scope there is. */
export const allScopes = ["connectors:read", "connections:read", "connections:write", "actions:run:*"];

/** What people do with keys, by the handlers. */
export function keysOf(server: Server) {
  const make = (as: SignedIn, scopes: string[] = allScopes, more: object = {}) =>
    server.call(POST, "/api/v1/api-keys", { as, body: { name: "A script", scopes, expires_in_days: null, ...more } });
  return {
    /** The answer, whatever it is. */
    make,
    /** The key and its id. */
    made: async (as: SignedIn, scopes?: string[], more?: object): Promise<{ key: string; id: string }> => {
      const { status, json, text } = await make(as, scopes, more);
      if (status !== 201) throw new Error(`No key was made: ${text}`);
      return { key: json.key, id: json.api_key.id };
    },
    list: (as: SignedIn, query = "") => server.call(GET, `/api/v1/api-keys${query}`, { as }),
    revoke: (as: SignedIn, id: string) =>
      server.call(DELETE, `/api/v1/api-keys/${id}`, { as, method: "DELETE", params: { id } }),
  };
}
