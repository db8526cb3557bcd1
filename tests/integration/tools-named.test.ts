import { generateText, isStepCount } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { twilioAccount } from "@/emulators/providers/accounts";
import { toolsFor } from "@/lib/tools/tools-for";
import type { SignedIn } from "@/tests/support/people";
import { basic, call, control } from "./providers-person";
import { openToolsWorld, type ToolsWorld } from "./tools-world";

const connected = "gmail slack hubspot google-calendar github linear notion twilio google-bigquery".split(" ");

let world: ToolsWorld;
let ada: SignedIn;
let connections: Record<string, string>;

beforeAll(async () => {
  world = await openToolsWorld(connected);
  ada = await world.server.signIn("ada@acme.test", "acme");
  connections = {};
  for (const slug of connected) connections[slug] = (await world.connect(ada, slug)).id;
});
afterAll(() => world.close());

const tools = () => toolsFor(world.tenantOf(ada, "admin"));

/** What a tool answers to an agent that calls it. */
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests themselves
async function use(name: string, input: Record<string, unknown>): Promise<any> {
  const found = (await tools())[name];
  if (!found?.execute) throw new Error(`no tool ${name}`);
  return found.execute(input, { toolCallId: "1", messages: [], context: {} });
}

/** The provider's own API, asked with the token that the account was connected with. */
async function provider(service: string, realUrl: string, init?: Parameters<typeof call>[3]) {
  const { grants } = (await control(world.providers, `/grants?service=${service}`, null, "GET")) as {
    grants: { accessTokens: { token: string }[] }[];
  };
  return call(world.providers, realUrl, grants[0]?.accessTokens[0]?.token ?? null, init);
}

/** A header of RFC 2047's words, as a mail program shows it. */
const fromWords = (header: string) =>
  header
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?utf-8\?b\?([^?]*)\?=/gi, (_, word: string) => Buffer.from(word, "base64").toString());

describe("each tool that has a name", () => {
  it("sendEmail: the message is in the mailbox, with its subject as it was written", async () => {
    const subject = "Grüße aus Zürich, 東京 und überall – mit einem Betreff, der länger als eine Zeile ist";
    const body = "Zeile eins\nZeile zwei: äöü €";
    const sent = await use("sendEmail", { to: "grace@acme.test, joan@both.test", subject, body });
    expect(sent).toMatchObject({ success: true, result: { id: expect.any(String) } });
    const { body: message } = await provider(
      "google",
      `https://gmail.googleapis.com/gmail/v1/users/me/messages/${sent.result.id}?format=full`,
    );
    const header = (name: string) =>
      message.payload.headers.find((each: { name: string }) => each.name.toLowerCase() === name)?.value;
    expect(message.labelIds).toContain("SENT");
    expect(header("to")).toBe("grace@acme.test, joan@both.test");
    expect(fromWords(header("subject"))).toBe(subject);
  });

  it("sendEmail: nothing slips into the header", async () => {
    for (const field of ["to", "cc", "subject"]) {
      const input = {
        to: "grace@acme.test",
        subject: "Hello",
        body: "x",
        [field]: "a@acme.test\r\nBcc: eve@evil.test",
      };
      expect(await use("sendEmail", input), field).toMatchObject({
        success: false,
        error: { code: "action_invalid_input" },
      });
    }
  });

  it("searchEmails: tells of each message who wrote it and how it begins", async () => {
    const found = await use("searchEmails", { query: "planning", maxResults: 5 });
    expect(found).toMatchObject({ success: true, result: { messages: [{ from: expect.stringContaining("Grace") }] } });
    expect(found.result.messages[0]).toMatchObject({
      subject: "Notes from the planning meeting",
      snippet: expect.stringContaining("what we agreed on"),
      unread: true,
    });
  });

  it("sendSlackMessage: the message is in the channel", async () => {
    const { result } = await use("slack_list_channels", {});
    const channel = result.channels.find(({ name }: { name: string }) => name === "engineering").id;
    const sent = await use("sendSlackMessage", { channel, text: "The release is out <https://acme.test|here>" });
    expect(sent).toMatchObject({ success: true, result: { ok: true } });
    const { body } = await provider("slack", "https://slack.com/api/conversations.history", {
      method: "POST",
      json: { channel },
    });
    expect(body.messages[0].text).toBe("The release is out <https://acme.test|here>");
  });

  it("createHubSpotContact and searchHubSpotContacts: the contact is there, and is found", async () => {
    const contact = { email: "rosalind@acme.test", firstname: "Rosalind", lastname: "Franklin", company: "Acme" };
    const made = await use("createHubSpotContact", contact);
    expect(made, JSON.stringify(made)).toMatchObject({ success: true, result: { id: expect.any(String) } });
    const { shelves } = (await control(world.providers, "/records?service=hubspot&kind=contacts", null, "GET")) as {
      shelves: { records: { id: string; properties: object }[] }[];
    };
    const kept = shelves.flatMap(({ records }) => records).find(({ id }) => id === made.result.id);
    expect(kept?.properties).toMatchObject(contact);
    const found = await use("searchHubSpotContacts", { query: "rosalind" });
    expect(found.result.results.map(({ id }: { id: string }) => id)).toContain(made.result.id);
  });

  it("createCalendarEvent: the event is in the calendar, with its guests", async () => {
    const made = await use("createCalendarEvent", {
      summary: "Release review",
      start: "2030-05-17T09:30:00+02:00",
      end: "2030-05-17T10:00:00+02:00",
      attendees: ["grace@acme.test"],
    });
    expect(made, JSON.stringify(made)).toMatchObject({ success: true });
    const { body } = await provider(
      "google",
      `https://www.googleapis.com/calendar/v3/calendars/primary/events?timeMin=2030-05-17T00:00:00Z&timeMax=2030-05-18T00:00:00Z`,
    );
    expect(body.items).toContainEqual(expect.objectContaining({ summary: "Release review" }));
    expect(JSON.stringify(body.items)).toContain("grace@acme.test");
  });

  it("createGitHubIssue: the issue is in the repository", async () => {
    const issue = { owner: "acme", repo: "website", title: "Footer overlaps", body: "On **small** screens." };
    const made = await use("createGitHubIssue", issue);
    expect(made, JSON.stringify(made)).toMatchObject({ success: true, result: { number: expect.any(Number) } });
    const { body } = await provider("github", `https://api.github.com/repos/acme/website/issues/${made.result.number}`);
    expect(body).toMatchObject({ title: issue.title, body: issue.body });
  });

  it("createLinearIssue: the issue is in the team", async () => {
    const { result } = await use("linear_list_teams", {});
    const [team] = result.data.teams.nodes;
    const made = await use("createLinearIssue", { teamId: team.id, title: "Slow search", priority: 2 });
    expect(made, JSON.stringify(made)).toMatchObject({
      success: true,
      result: { data: { issueCreate: { success: true } } },
    });
    const { body } = await provider("linear", "https://api.linear.app/graphql", {
      method: "POST",
      json: { query: "{ issues { nodes { title priority } } }" },
    });
    expect(body.data.issues.nodes).toContainEqual(expect.objectContaining({ title: "Slow search", priority: 2 }));
  });

  it("searchNotion: finds pages by their title", async () => {
    const found = await use("searchNotion", { query: "", kind: "page", page_size: 10 });
    expect(found, JSON.stringify(found)).toMatchObject({ success: true, result: { object: "list" } });
    for (const { object } of found.result.results) expect(object).toBe("page");
  });

  it("sendSms: the text message left the account's number", async () => {
    const sms = { to: "+14155550123", from: twilioAccount.phoneNumber, body: "Your code is 1234 – äöü" };
    const sent = await use("sendSms", sms);
    expect(sent, JSON.stringify(sent)).toMatchObject({ success: true, result: { sid: expect.stringMatching(/^SM/) } });
    const { body } = await call(
      world.providers,
      `https://api.twilio.com/2010-04-01/Accounts/${twilioAccount.accountSid}/Messages/${sent.result.sid}.json`,
      null,
      { headers: basic(twilioAccount.accountSid, twilioAccount.authToken) },
    );
    expect(body).toMatchObject({ to: sms.to, from: sms.from, body: sms.body });
  });

  it("works on the connection that is named", async () => {
    const second = await world.connect(ada, "slack", { account: /edsger/i });
    const answer = await use("slack_list_people", { connection_id: second.id });
    expect(answer.success, JSON.stringify(answer)).toBe(true);
    const [row] = await world.server.sql`select last_used_at from connections where id = ${second.id}`;
    expect(row?.last_used_at).not.toBeNull();
  });
});

/** A model that calls one tool and then says a word. */
function modelThatCalls(toolName: string, input: Record<string, unknown>) {
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  };
  return new MockLanguageModelV4({
    doGenerate: [
      {
        content: [{ type: "tool-call", toolCallId: "call-1", toolName, input: JSON.stringify(input) }],
        finishReason: { unified: "tool-calls", raw: undefined },
        usage,
        warnings: [],
      },
      {
        content: [{ type: "text", text: "Done." }],
        finishReason: { unified: "stop", raw: undefined },
        usage,
        warnings: [],
      },
    ],
  });
}

describe("a model's call", () => {
  const sms = { to: "+14155550199", from: twilioAccount.phoneNumber, body: "From a model" };

  it("runs, and the model reads the answer", async () => {
    const model = modelThatCalls("sendSms", sms);
    const { steps } = await generateText({
      model,
      tools: await tools(),
      stopWhen: isStepCount(3),
      prompt: "Text them.",
    });
    expect(steps[0]?.toolResults[0]?.output).toMatchObject({ success: true, result: { body: sms.body } });
    expect(JSON.stringify(model.doGenerateCalls[1]?.prompt)).toContain("From a model");
  });

  it("waits for a person where approval is asked for, if it changes something", async () => {
    const before = await messagesSent();
    const careful = await toolsFor(world.tenantOf(ada, "admin"), { approval: true });
    const { content } = await generateText({
      model: modelThatCalls("sendSms", sms),
      tools: careful,
      prompt: "Text them.",
    });
    expect(content).toContainEqual(expect.objectContaining({ type: "tool-approval-request" }));
    expect(await messagesSent()).toBe(before);
    const reading = await generateText({
      model: modelThatCalls("twilio_list_messages", {}),
      tools: careful,
      stopWhen: isStepCount(3),
      prompt: "Which?",
    });
    expect(reading.steps[0]?.toolResults[0]?.output).toMatchObject({ success: true });
  });

  it("that may destroy waits where the app decides as docs/agents.md shows it: SQL, but no text message", async () => {
    const all = await tools();
    const asked = async (tool: string, input: Record<string, unknown>) => {
      const { content } = await generateText({
        model: modelThatCalls(tool, input),
        tools: all,
        toolApproval: ({ toolCall }) =>
          all[toolCall.toolName]?.metadata?.effect === "destroy" ? "user-approval" : undefined,
        prompt: "Do it.",
      });
      return content.some(({ type }) => type === "tool-approval-request");
    };
    expect(await asked("google-bigquery_run_query", { projectId: "acme", query: "drop table orders" })).toBe(true);
    expect(await asked("sendSms", sms)).toBe(false);
  });

  async function messagesSent(): Promise<number> {
    const { result } = await use("twilio_list_messages", {});
    return result.messages.length;
  }
});

describe("an account that stopped working", () => {
  it("says so and where to mend it, and takes no other tool away", async () => {
    const before = await tools();
    const { sql } = world.server;
    await sql`
      update connections set status = 'needs_attention', reason_code = 'auth_failed', suspect_since = now()
      where id = ${connections.notion as string}`;
    const after = await tools();
    const gone = Object.keys(before).filter((name) => !(name in after));
    expect(gone.every((name) => name === "searchNotion" || name.startsWith("notion_"))).toBe(true);
    expect(gone).toContain("searchNotion");
    // What an agent was handed before answers with the reason.
    const answer = await before.searchNotion?.execute?.({ query: "x" }, { toolCallId: "1", messages: [], context: {} });
    expect(answer).toMatchObject({
      success: false,
      error: {
        code: "connection_needs_attention",
        reason_code: "auth_failed",
        next_step: "reconnect",
        connect_url: expect.stringMatching(new RegExp(`/connections/${connections.notion}$`)),
      },
    });
    expect(await use("slack_list_channels", {})).toMatchObject({ success: true });
  });

  it("that was not given a permission offers what it can do without", async () => {
    const katherine = await world.server.signIn("katherine@globex.test", "globex");
    await world.connect(katherine, "hubspot", { without: ["crm.objects.contacts.write"] });
    const names = Object.keys(await toolsFor(world.tenantOf(katherine, "admin")));
    expect(names).toEqual(expect.arrayContaining(["searchHubSpotContacts", "hubspot_create_deal"]));
    expect(names.filter((name) => /createHubSpotContact|hubspot_(create|update)_contact/.test(name))).toEqual([]);
  });

  it("that nobody connected is offered by no list", async () => {
    const mary = await world.server.signIn("mary@nowhere.test", null);
    const marys = await toolsFor(world.tenantOf(mary));
    expect(Object.keys(marys).sort()).toEqual(["connect_account", "list_connections", "list_connectors"]);
  });
});
