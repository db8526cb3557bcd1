/** `npm run whatsapp:test`: sends one WhatsApp text through a Nango connection, to see whether a set-up works. */
import { whatsappMessages } from "@/lib/actions/unified/messages-whatsapp";
import { AppError } from "@/lib/errors";
import { Failed, nangoId, runCommand, serverFlags } from "./nango/command";
import { askNango, nangoServer } from "./nango/server";

const flags = {
  nangoBase: serverFlags.base,
  nangoKey: serverFlags.key,
  providerConfigKey: {
    value: "integration",
    help: "the integration's key in Nango",
    required: true,
    pattern: /^[A-Za-z0-9~:.@_-]{1,255}$/,
  },
  connectionId: { value: "id", help: "the connection's id in Nango", required: true, pattern: nangoId },
  phoneNumberId: {
    value: "id",
    help: "the id of your number, from WhatsApp Manager",
    required: true,
    pattern: /^[0-9]{1,20}$/,
  },
  to: {
    value: "number",
    help: "the recipient's number with country code",
    required: true,
    pattern: /^\+?[0-9]{3,20}$/,
  },
  body: { value: "text", help: "the text", required: true, pattern: /^[\s\S]{1,4096}$/ },
  apiVersion: { value: "version", help: "version of the Graph API; else v20.0", pattern: /^v[0-9]{1,3}\.[0-9]$/ },
} as const;

await runCommand(
  "whatsapp:test",
  "Sends a text through a WhatsApp connection at Nango. It arrives only within 24 hours of the recipient's last message.",
  flags,
  async (values, out) => {
    const server = nangoServer({ base: values.nangoBase, key: values.nangoKey });
    const { providerConfigKey, connectionId, phoneNumberId, to, body, apiVersion } = values;
    const send = whatsappMessages.create;
    if (!send) throw new Failed("messages cannot be sent");
    const message = await send(
      ({ method, endpoint, body: content }) =>
        askNango(server, {
          method,
          path: `/proxy${endpoint}`,
          headers: { "provider-config-key": providerConfigKey, "connection-id": connectionId },
          body: content,
        }),
      { type: "text", phoneNumberId, to, body, apiVersion },
    ).catch((error: unknown) => {
      if (error instanceof AppError)
        throw new Failed(error.cause instanceof Error ? error.cause.message : error.message);
      throw error;
    });
    out.say(`accepted as ${message.id}, to ${message.to}`);
    out.json({ id: message.id, to: message.to, status: message.status });
  },
);
