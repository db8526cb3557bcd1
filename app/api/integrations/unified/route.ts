import { runUnified } from "@/lib/actions/unified/run";
import { callUnified } from "@/lib/api/operations/unified";
import { route } from "@/lib/http";

export const POST = route(callUnified, ({ tenant, body }) => runUnified(tenant, body));

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
