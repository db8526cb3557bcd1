import { runAction } from "@/lib/actions/run";
import * as calls from "@/lib/api/operations/actions";
import { route } from "@/lib/http";

/** Seconds that a host must grant: the longest `max_seconds` of a manifest, and what is ours. */
export const maxDuration = 60;

export const POST = route(calls.runAction, async ({ tenant, params, body }) => {
  const { connection_id: connectionId, ...input } = body;
  const { result } = await runAction(tenant, { connector: params.slug, action: params.action, input, connectionId });
  return { success: true as const, result };
});

export { notAllowed as DELETE, notAllowed as GET, notAllowed as PATCH, notAllowed as PUT } from "@/lib/http";
