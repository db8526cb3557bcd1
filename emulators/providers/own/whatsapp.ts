import { isRecord, json } from "../wire";
import type { OwnService } from "./own-service";

const templates = [
  { id: "9001", name: "hello_world", language: "en_US", status: "APPROVED", category: "UTILITY" },
  { id: "9002", name: "order_update", language: "de", status: "APPROVED", category: "UTILITY" },
];

/** WhatsApp's Cloud API at Meta's Graph: messages of a number, and an account's templates and numbers. */
export const whatsapp: OwnService = {
  name: "whatsapp",
  seed: {},
  answer({ request: { method }, sent, host, path }, account, records) {
    const match = /^\/v\d{1,2}\.\d\/(\d+)\/(messages|message_templates|phone_numbers)$/.exec(path);
    if (host !== "graph.facebook.com" || !match) return null;
    const [, number = "", what] = match;
    if (method === "GET" && what === "message_templates")
      return json({ data: templates.filter(({ status }) => !sent.params.status || status === sent.params.status) });
    if (method === "GET" && what === "phone_numbers")
      return json({
        data: [{ id: "106540352242922", display_phone_number: "+1 555-000-6006", verified_name: "Acme" }],
      });
    if (method !== "POST" || what !== "messages") return null;
    const body = isRecord(sent.body) ? sent.body : {};
    if (body.messaging_product !== "whatsapp")
      return refusal(100, "(#100) The parameter messaging_product is required.");
    if (body.status === "read") return json({ success: true });
    const { to, type } = body;
    if (typeof to !== "string" || !/^\+?[\d ()-]{6,20}$/.test(to)) return refusal(100, "(#100) Invalid parameter: to");
    if (typeof type !== "string" || !isRecord(body[type]))
      return refusal(100, `(#100) The parameter ${type} is required.`);
    const template = body.template;
    if (type === "template" && isRecord(template) && !templates.some(({ name }) => name === template.name))
      return refusal(132001, "(#132001) Template name does not exist in the translation", 404);
    const message = records.add("whatsapp", account, "messages", { ...body, from: number }, (n) => `wamid.standin${n}`);
    return json({
      messaging_product: "whatsapp",
      contacts: [{ input: to, wa_id: to.replace(/\D/g, "") }],
      messages: [{ id: message.id, message_status: "accepted" }],
    });
  },
};

function refusal(code: number, message: string, status = 400): Response {
  return json({ error: { message, type: "OAuthException", code, fbtrace_id: "Astandin" } }, status);
}
