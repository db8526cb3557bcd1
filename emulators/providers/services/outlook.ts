import { randomUUID } from "node:crypto";
import type { GateCall } from "../gate-service";
import type { Account } from "../types";
import { isRecord, json } from "../wire";

type Item = Record<string, unknown> & { id: string };
type Mailbox = { inbox: Item[]; sent: Item[]; events: Item[] };

/**
 * Outlook's mail and calendar, which `emulate` lacks: a list of messages, sending, and events with create, change and
 * delete. In memory; each start begins with one message and one event.
 */
export function outlook(): (call: GateCall, account: Account) => Promise<Response | null> {
  const boxes = new Map<string, Mailbox>();
  return async (call, account) => {
    const match =
      /^\/v1\.0\/me\/(?:(?:mailFolders\/([^/]+)\/)?(messages|sendMail)|(?:calendar\/)?(events|calendarView|calendars))(?:\/([^/]+))?$/.exec(
        call.path,
      );
    if (!match) return null;
    const box = boxes.get(account.key) ?? newMailbox(account);
    boxes.set(account.key, box);
    const [, folder, mail, calendar, id] = match;
    if (mail === "sendMail" && call.method === "POST") return send(box, call.sent.body, account);
    if (mail === "messages")
      return read(
        folder?.toLowerCase() === "sentitems" ? box.sent : [...box.inbox, ...(folder ? [] : box.sent)],
        call,
        id,
      );
    if (calendar === "calendars")
      return read(
        [
          {
            id: "calendar",
            name: "Calendar",
            isDefaultCalendar: true,
            owner: { name: account.name, address: account.email },
          },
        ],
        call,
        id,
      );
    return events(box, call, id);
  };
}

function send(box: Mailbox, body: unknown, account: Account): Response {
  const message = isRecord(body) && isRecord(body.message) ? body.message : null;
  if (!message || !Array.isArray(message.toRecipients)) {
    return json({ error: { code: "ErrorInvalidRecipients", message: "At least one recipient is not valid." } }, 400);
  }
  box.sent.unshift({ ...message, id: randomUUID(), sentDateTime: new Date().toISOString(), from: person(account) });
  return new Response(null, { status: 202 });
}

function events(box: Mailbox, call: GateCall, id: string | undefined): Response {
  const body = isRecord(call.sent.body) ? call.sent.body : {};
  if (call.method === "POST" && !id) {
    if (!isRecord(body.start) || !isRecord(body.end))
      return json({ error: { code: "ErrorInvalidRequest", message: "start and end are required." } }, 400);
    const created = { ...body, id: randomUUID(), createdDateTime: new Date().toISOString() };
    box.events.push(created);
    return json(created, 201);
  }
  const at = box.events.findIndex((event) => event.id === id);
  if (id && at < 0) return missing();
  if (call.method === "PATCH" && id) {
    const changed = { ...(box.events[at] as Item), ...body, id };
    box.events[at] = changed;
    return json(changed);
  }
  if (call.method === "DELETE" && id) {
    box.events.splice(at, 1);
    return new Response(null, { status: 204 });
  }
  return read(box.events, call, id);
}

function read(items: Item[], call: GateCall, id: string | undefined): Response {
  if (id) {
    const found = items.find((item) => item.id === id);
    return found ? json(found) : missing();
  }
  const top = Number(call.sent.params.$top ?? 10) || 10;
  return json({ value: items.slice(0, top) });
}

function missing(): Response {
  return json(
    { error: { code: "ErrorItemNotFound", message: "The specified object was not found in the store." } },
    404,
  );
}

const person = ({ name, email }: { name: string; email: string }) => ({ emailAddress: { name, address: email } });

function newMailbox(account: Account): Mailbox {
  return {
    inbox: [
      {
        id: "AAMkAGI-planning",
        subject: "Notes from the planning meeting",
        bodyPreview: "Here is what we agreed on for the release.",
        isRead: false,
        receivedDateTime: "2026-11-20T10:00:00Z",
        from: person({ name: "Grace Hopper", email: "grace@acme.test" }),
        toRecipients: [person(account)],
      },
    ],
    sent: [],
    events: [
      {
        id: "AAMkAGI-weekly",
        subject: "Weekly planning",
        start: { dateTime: "2026-11-23T09:00:00.0000000", timeZone: "UTC" },
        end: { dateTime: "2026-11-23T09:30:00.0000000", timeZone: "UTC" },
        organizer: person(account),
      },
    ],
  };
}
