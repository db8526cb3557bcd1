import { actionsOf } from "@/lib/actions/find";
import * as calls from "@/lib/api/operations/actions";
import { route } from "@/lib/http";

export const GET = route(calls.listActions, async ({ params }) => ({ actions: actionsOf(params.slug) }));

export { notAllowed as DELETE, notAllowed as PATCH, notAllowed as POST, notAllowed as PUT } from "@/lib/http";
