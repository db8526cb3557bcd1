import * as calls from "@/lib/api/operations/api-keys";
import { revokeApiKey } from "@/lib/db/api-keys";
import { route } from "@/lib/http";
import { keyView } from "@/lib/keys/view";

export const DELETE = route(calls.revokeApiKey, async ({ tenant, params }) => ({
  api_key: keyView(await revokeApiKey(tenant, params.id)),
}));

export { notAllowed as GET, notAllowed as POST, notAllowed as PUT, notAllowed as PATCH } from "@/lib/http";
