import "server-only";
import { z } from "zod";
import { findAction } from "@/lib/actions/find";
import { runAction } from "@/lib/actions/run";
import type { Tenant } from "@/lib/auth/tenant";
import { connectionIdSchema, effectOf } from "./manifest-tools";
import { objectSchema } from "./object-schema";
import { searchEmails } from "./search-emails";
import type { AgentTool } from "./tool";

/**
 * Tools with a name of their own, for what agents are asked to do most. Each runs an action of a manifest, with fewer
 * fields and flat ones; fields are spelled as their provider spells them.
 */

type Named = Pick<AgentTool, "name" | "title" | "description"> & {
  connector: string;
  action: string;
  /** Another action that it runs besides. */
  alsoRuns?: string;
  fields: z.ZodRawShape;
  /** The action's input; the fields themselves when left out. */
  toInput?: (fields: Record<string, unknown>) => Record<string, unknown>;
  run?: (tenant: Tenant, fields: Record<string, unknown>, connectionId?: string) => Promise<unknown>;
};

const text = (description: string, longest = 10_000) => z.string().min(1).max(longest).describe(description);
const anyText = (description: string, longest: number) => z.string().max(longest).describe(description);
const count = (most: number) => z.number().int().min(1).max(most).describe("How many to return").optional();

/** A point in time as Google Calendar takes it: a day alone, or a time of day. */
const toMoment = (value: unknown, timeZone: unknown) => {
  const moment = String(value);
  if (/^\d{4}-\d{2}-\d{2}$/.test(moment)) return { date: moment };
  return { dateTime: moment, ...(timeZone !== undefined && { timeZone }) };
};

const moment = (description: string) =>
  z
    .union([z.iso.datetime({ offset: true }), z.iso.date()])
    .describe(`${description}: a time such as 2030-05-17T09:30:00+02:00, or a date for an event of whole days`);

const named: Named[] = [
  {
    name: "sendEmail",
    title: "Send an e-mail",
    description: "Sends an e-mail from the connected Gmail mailbox.",
    connector: "gmail",
    action: "send_message",
    fields: {
      to: text("Addresses of the recipients, separated by commas"),
      cc: text("Addresses for a copy, separated by commas").optional(),
      bcc: text("Addresses for a hidden copy, separated by commas").optional(),
      subject: anyText("Subject line", 998),
      body: anyText("The message, as plain text", 500_000),
    },
  },
  {
    name: "searchEmails",
    title: "Search e-mails",
    description: "Finds messages in the connected Gmail mailbox, newest first, with sender, subject and first words.",
    connector: "gmail",
    action: "list_messages",
    alsoRuns: "get_message",
    fields: {
      query: anyText("Search as in Gmail, such as from:ada@example.com is:unread newer_than:7d", 2_000),
      maxResults: count(20),
      pageToken: text("nextPageToken of the page before").optional(),
    },
    run: (tenant, fields, connectionId) => searchEmails(tenant, fields, connectionId),
  },
  {
    name: "sendSlackMessage",
    title: "Send a Slack message",
    description: "Posts a message to a channel or a person in the connected Slack workspace.",
    connector: "slack",
    action: "send_message",
    fields: {
      channel: text("Id of the channel or person, such as C0123456789; see slack_list_channels", 255),
      text: text("The message, in Slack's mrkdwn", 40_000),
      thread_ts: text("Timestamp of the message to answer in its thread", 64).optional(),
    },
  },
  {
    name: "createHubSpotContact",
    title: "Create a HubSpot contact",
    description: "Adds a person to the connected HubSpot account.",
    connector: "hubspot",
    action: "create_contact",
    fields: {
      email: z.email().max(320).describe("E-mail address"),
      firstname: text("First name", 255).optional(),
      lastname: text("Last name", 255).optional(),
      phone: text("Phone number", 255).optional(),
      company: text("Company's name", 255).optional(),
      jobtitle: text("Job title", 255).optional(),
    },
    toInput: (properties) => ({ properties }),
  },
  {
    name: "searchHubSpotContacts",
    title: "Search HubSpot contacts",
    description: "Finds people in the connected HubSpot account by name, e-mail address, phone number or company.",
    connector: "hubspot",
    action: "search_contacts",
    fields: {
      query: anyText("Words to look for", 3_000),
      limit: count(100),
      after: text("Where the next page begins, from the answer before", 255).optional(),
    },
  },
  {
    name: "createCalendarEvent",
    title: "Create a calendar event",
    description: "Adds an event to the connected Google Calendar and invites people to it.",
    connector: "google-calendar",
    action: "create_event",
    fields: {
      summary: text("Title", 1_000),
      start: moment("When it begins"),
      end: moment("When it ends"),
      timeZone: text("IANA time zone in which it takes place, such as Europe/Berlin", 64).optional(),
      description: anyText("Description", 8_000).optional(),
      location: text("Where it takes place", 1_000).optional(),
      attendees: z.array(z.email().max(320)).max(200).describe("E-mail addresses of people to invite").optional(),
      calendarId: text("Another calendar than the main one, by its id", 255).optional(),
    },
    toInput: ({ start, end, timeZone, attendees, calendarId, ...fields }) => ({
      ...fields,
      calendarId: calendarId ?? "primary",
      start: toMoment(start, timeZone),
      end: toMoment(end, timeZone),
      ...(Array.isArray(attendees) && { attendees: attendees.map((email) => ({ email })), sendUpdates: "all" }),
    }),
  },
  {
    name: "createGitHubIssue",
    title: "Create a GitHub issue",
    description: "Opens an issue in a repository that the connected GitHub account may see.",
    connector: "github",
    action: "create_issue",
    fields: {
      owner: text("The account that owns the repository", 100),
      repo: text("The repository's name", 100),
      title: text("Title", 256),
      body: anyText("Text, in Markdown", 65_536).optional(),
      labels: z.array(z.string().min(1).max(100)).max(100).describe("Label names").optional(),
      assignees: z.array(z.string().min(1).max(100)).max(10).describe("User names").optional(),
    },
  },
  {
    name: "createLinearIssue",
    title: "Create a Linear issue",
    description: "Creates an issue in a team of the connected Linear workspace.",
    connector: "linear",
    action: "create_issue",
    fields: {
      teamId: text("The team's id; see linear_list_teams", 100),
      title: text("Title", 1_000),
      description: anyText("Text, in Markdown", 100_000).optional(),
      priority: z.number().int().min(0).max(4).describe("0 none, 1 urgent, 2 high, 3 normal, 4 low").optional(),
      assigneeId: text("Id of the person who takes care of it", 100).optional(),
    },
    toInput: (input) => ({ input }),
  },
  {
    name: "searchNotion",
    title: "Search Notion",
    description: "Finds pages and databases by their title in the connected Notion workspace.",
    connector: "notion",
    action: "search",
    fields: {
      query: anyText("Words in the title", 1_000),
      kind: z.enum(["page", "database"]).describe("Only pages, or only databases").optional(),
      page_size: count(100),
      start_cursor: text("next_cursor of the page before", 255).optional(),
    },
    toInput: ({ kind, ...fields }) => ({
      ...fields,
      ...(kind !== undefined && { filter: { property: "object", value: kind } }),
    }),
  },
  {
    name: "sendSms",
    title: "Send an SMS",
    description: "Sends a text message from a number of the connected Twilio account.",
    connector: "twilio",
    action: "send_message",
    fields: {
      to: text("The recipient's number, such as +4915112345678", 64),
      body: text("The text", 1_600),
      from: text("A number of the account; see twilio_list_numbers", 64),
    },
    toInput: ({ to, body, from }) => ({ To: to, Body: body, From: from }),
  },
];

function toTool({ fields, toInput, run, action, alsoRuns, ...about }: Named): AgentTool {
  const { connector } = about;
  const effect = effectOf(findAction(connector, action));
  const input = z.strictObject({ ...fields, connection_id: z.string().max(255).optional() });
  const described = objectSchema(z.strictObject(fields), "input");
  return {
    ...about,
    effect,
    actions: alsoRuns === undefined ? [action] : [action, alsoRuns],
    scope: `actions:${effect === "read" ? "read" : "run"}:${connector}`,
    input,
    inputSchema: { ...described, properties: { ...described.properties, connection_id: connectionIdSchema } },
    run: async (tenant, { connection_id, ...given }) => {
      const connectionId = connection_id as string | undefined;
      if (run) return run(tenant, given, connectionId);
      const { result } = await runAction(tenant, { connector, action, input: toInput?.(given) ?? given, connectionId });
      return result;
    },
  };
}

/** The ten of them. */
export const namedTools = (): AgentTool[] => named.map(toTool);
