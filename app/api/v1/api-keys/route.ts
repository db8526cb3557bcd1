import * as calls from "@/lib/api/operations/api-keys";
import { listApiKeys } from "@/lib/db/api-keys";
import { route } from "@/lib/http";
import { makeApiKey } from "@/lib/keys/make";
import { keyListView, keyView } from "@/lib/keys/view";

export const GET = route(calls.listApiKeys, async ({ tenant, query }) => keyListView(await listApiKeys(tenant, query)));

/** The only answer that holds the key. */
export const POST = route(calls.makeApiKey, async ({ tenant, body }) => {
  const { name, scopes, expires_in_days: expiresInDays } = body;
  const { row, key } = await makeApiKey(tenant, { name, scopes, expiresInDays });
  return { api_key: keyView(row), key };
});

export { notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
