import { receiveDelivery } from "@/lib/webhooks/receive";

export const POST = (request: Request) => receiveDelivery(request);
