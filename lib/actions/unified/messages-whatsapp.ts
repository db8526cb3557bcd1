import "server-only";
import { z } from "zod";
import type { WhatsappInput } from "@/lib/api/unified-request";
import type { Message } from "@/lib/api/unified-views";
import { type Adapter, ownHost, path, senseless } from "./adapter";
import { identity, maybeText } from "./reading";

/** WhatsApp messages, by Meta's Cloud API. It sends; messages that came in are pushed, and cannot be listed. */

const VERSION = "v20.0";
const HOSTS = ["graph.facebook.com"];

const sentSchema = z.object({
  messages: z.array(z.object({ id: identity, message_status: maybeText })).min(1),
  contacts: z.array(z.object({ wa_id: maybeText })).catch([]),
});

function contentOf(input: WhatsappInput): object {
  if (input.type === "text") return { type: "text", text: { body: input.body } };
  const { name, language, components } = input.template;
  return { type: "template", template: { name, language: { code: language.code }, ...(components && { components }) } };
}

export const whatsappMessages: Adapter<Message, WhatsappInput> = {
  create: async (ask, input) => {
    const baseUrl = ownHost(input.baseUrlOverride, HOSTS);
    const answer = await ask({
      method: "POST",
      endpoint: path`/${input.apiVersion ?? VERSION}/${input.phoneNumberId}/messages`,
      body: { messaging_product: "whatsapp", recipient_type: "individual", to: input.to, ...contentOf(input) },
      ...(baseUrl !== undefined && { baseUrl }),
    });
    const { success, data } = sentSchema.safeParse(answer);
    if (!success) throw senseless("WhatsApp: sent without a message's id");
    const [message] = data.messages;
    return {
      id: message?.id ?? "",
      from: input.phoneNumberId,
      to: data.contacts[0]?.wa_id ?? input.to,
      body: input.type === "text" ? input.body : null,
      // Whether it arrived is told by webhook only.
      status: message?.message_status ?? "accepted",
      direction: "out",
      createdAt: null,
      raw: answer,
    };
  },
};
