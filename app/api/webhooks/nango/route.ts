import { receiveDelivery } from "@/lib/webhooks/receive";

export const POST = (request: Request) => receiveDelivery(request);

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
