import { receiveClerkDelivery } from "@/lib/people/receive";

export const POST = (request: Request) => receiveClerkDelivery(request);

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
