import "server-only";
import { z } from "zod";
import type { EventInput } from "@/lib/api/unified-request";
import type { CalendarEvent } from "@/lib/api/unified-views";
import { type Adapter, path, senseless, unknownThere, withQuery } from "./adapter";
import { identity, maybeText } from "./reading";

/** Events, of Google Calendar. */

type EventFilter = {
  calendarId?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
};

const moment = z
  .object({ dateTime: maybeText, date: maybeText })
  .nullish()
  .catch(null)
  .transform((value) => ({
    at: value?.dateTime ?? value?.date ?? null,
    day: !value?.dateTime && Boolean(value?.date),
  }));

const recordSchema = z.looseObject({
  id: identity,
  summary: maybeText,
  description: maybeText,
  location: maybeText,
  start: moment,
  end: moment,
  status: maybeText,
  htmlLink: maybeText,
  attendees: z
    .array(z.object({ email: maybeText, responseStatus: maybeText }))
    .nullish()
    .catch(null),
});

const pageSchema = z.object({ items: z.array(z.unknown()).catch([]), nextPageToken: maybeText });

function toEvent(raw: unknown): CalendarEvent {
  const { success, data } = recordSchema.safeParse(raw);
  if (!success) throw senseless("Google Calendar: an event without an id");
  return {
    id: data.id,
    title: data.summary,
    description: data.description,
    location: data.location,
    start: data.start.at,
    end: data.end.at,
    allDay: data.start.day,
    status: data.status,
    url: data.htmlLink,
    attendees: (data.attendees ?? []).flatMap(({ email, responseStatus }) =>
      email === null ? [] : [{ email, status: responseStatus }],
    ),
    raw,
  };
}

const eventsOf = (calendarId = "primary") => path`/calendar/v3/calendars/${calendarId}/events`;

/** A time of day, or a day alone. */
const written = (at: string, timeZone: string | undefined) =>
  at.includes("T") ? { dateTime: at, ...(timeZone !== undefined && { timeZone }) } : { date: at };

export const events: Record<string, Adapter<CalendarEvent, EventInput, EventFilter>> = {
  "google-calendar": {
    list: async (ask, { limit, cursor }, { calendarId, from, until }) => {
      const query = { maxResults: limit, pageToken: cursor, timeMin: from, timeMax: until };
      const answer = await ask({ method: "GET", endpoint: withQuery(eventsOf(calendarId), query) });
      const { success, data } = pageSchema.safeParse(answer);
      if (!success) throw senseless("Google Calendar: an answer that is no list");
      return { items: data.items.map(toEvent), nextCursor: data.nextPageToken };
    },
    get: async (ask, id, { calendarId }) => {
      if (!/^[A-Za-z0-9_-]{1,1024}$/.test(id)) throw unknownThere();
      return toEvent(await ask({ method: "GET", endpoint: `${eventsOf(calendarId)}/${id}` }));
    },
    create: async (ask, { calendarId, title, description, location, start, end, timeZone, attendees }) =>
      toEvent(
        await ask({
          method: "POST",
          endpoint: eventsOf(calendarId),
          body: {
            ...{ summary: title, description, location },
            start: written(start, timeZone),
            end: written(end, timeZone),
            ...(attendees && { attendees: attendees.map((email) => ({ email })) }),
          },
        }),
      ),
  },
};
