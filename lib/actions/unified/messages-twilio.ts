import "server-only";
import { z } from "zod";
import type { SmsInput } from "@/lib/api/unified-request";
import type { Message } from "@/lib/api/unified-views";
import { AppError } from "@/lib/errors";
import { type Adapter, form, ownHost, path, senseless, unknownThere, withQuery } from "./adapter";
import { identity, maybeText } from "./reading";

/** Text messages, by Twilio. */

type SmsFilter = { from?: string | undefined; to?: string | undefined; accountSid?: string | undefined };

/** Twilio's hosts: the usual one, and those of its edges and regions. */
const HOSTS = [
  "api.twilio.com",
  "api.us1.twilio.com",
  "api.ashburn.us1.twilio.com",
  "api.umatilla.us1.twilio.com",
  "api.ie1.twilio.com",
  "api.dublin.ie1.twilio.com",
  "api.frankfurt.ie1.twilio.com",
  "api.au1.twilio.com",
  "api.sydney.au1.twilio.com",
];

/** The account that signed in: Nango fills in its SID, which is the user name and no secret. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how placeholders look at Nango
const OWN_ACCOUNT = "/2010-04-01/Accounts/${credentials.username}";

const recordSchema = z.looseObject({
  sid: identity,
  from: maybeText,
  to: maybeText,
  body: maybeText,
  status: maybeText,
  direction: maybeText,
  date_sent: maybeText,
  date_created: maybeText,
});

const pageSchema = z.object({ messages: z.array(z.unknown()), next_page_uri: maybeText });

const messagesOf = (accountSid: string | undefined): string =>
  `${accountSid === undefined ? OWN_ACCOUNT : path`/2010-04-01/Accounts/${accountSid}`}/Messages`;

/** Twilio writes times as in e-mail. */
function isoTime(text: string | null): string | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function toMessage(raw: unknown): Message {
  const { success, data } = recordSchema.safeParse(raw);
  if (!success) throw senseless("Twilio: a message without an id");
  return {
    id: data.sid,
    from: data.from,
    to: data.to,
    body: data.body,
    status: data.status,
    direction: data.direction === "inbound" ? "in" : "out",
    createdAt: isoTime(data.date_sent ?? data.date_created),
    raw,
  };
}

/** A place in Twilio's list: the number of the page and its token. */
function placeOf(cursor: string | undefined): { Page?: string; PageToken?: string } {
  if (cursor === undefined) return {};
  const match = /^([0-9]{1,9})\.([A-Za-z0-9]{1,100})$/.exec(cursor);
  if (!match?.[1] || !match[2]) throw new AppError("invalid_request");
  return { Page: match[1], PageToken: match[2] };
}

function cursorOf(nextPage: string | null): string | null {
  const query = nextPage === null ? null : new URLSearchParams(nextPage.split("?")[1] ?? "");
  const [number, token] = [query?.get("Page"), query?.get("PageToken")];
  return number && token ? `${number}.${token}` : null;
}

export const twilioMessages: Adapter<Message, SmsInput, SmsFilter> = {
  list: async (ask, { limit, cursor }, { from, to, accountSid }) => {
    const query = { PageSize: limit, ...placeOf(cursor), From: from, To: to };
    const answer = await ask({ method: "GET", endpoint: withQuery(`${messagesOf(accountSid)}.json`, query) });
    const { success, data } = pageSchema.safeParse(answer);
    if (!success) throw senseless("Twilio: a list without messages");
    return { items: data.messages.map(toMessage), nextCursor: cursorOf(data.next_page_uri) };
  },
  get: async (ask, id, { accountSid }) => {
    if (!/^(SM|MM)[0-9a-fA-F]{32}$/.test(id)) throw unknownThere();
    return toMessage(await ask({ method: "GET", endpoint: `${messagesOf(accountSid)}/${id}.json` }));
  },
  create: async (ask, { from, to, body, accountSid, baseUrlOverride }) => {
    const baseUrl = ownHost(baseUrlOverride, HOSTS);
    const sender = /^MG[0-9a-fA-F]{32}$/.test(from) ? { MessagingServiceSid: from } : { From: from };
    return toMessage(
      await ask({
        method: "POST",
        endpoint: `${messagesOf(accountSid)}.json`,
        ...form({ To: to, Body: body, ...sender }),
        ...(baseUrl !== undefined && { baseUrl }),
      }),
    );
  },
};
