import * as calls from "@/lib/api/operations/triggers";
import { manifestOf } from "@/lib/catalogue/connector-list";
import { route } from "@/lib/http";

export const GET = route(calls.listTriggers, async ({ params }) => ({ triggers: manifestOf(params.slug).triggers }));

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
