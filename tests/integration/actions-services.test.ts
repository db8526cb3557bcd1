// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a text like any other in a body
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SignedIn } from "@/tests/support/people";
import { type ActionsWorld, openActionsWorld } from "./actions-world";

/** Actions that arrive: what was sent is found at the provider's stand-in. */

const connectors = [
  ...["gmail", "google-calendar", "slack", "github", "linear", "twilio", "notion", "hubspot", "whatsapp-business"],
  ...["salesforce", "pipedrive"],
];

let world: ActionsWorld;
let ada: SignedIn;

beforeAll(async () => {
  world = await openActionsWorld(connectors);
  ada = await world.server.signIn("ada@acme.test", "acme");
  for (const slug of connectors) await world.connect(ada, slug);
});
afterAll(() => world?.close());

const done = (connector: string, action: string, input: object = {}) => world.done(ada, connector, action, input);

describe("an action arrives", () => {
  it("as an e-mail at Google, with letters of any script and nobody but whom it was sent to", async () => {
    const subject = "Grüße aus Köln: 日本語 🎉";
    const sent = await done("gmail", "send_message", {
      to: "Grace <grace@acme.test>",
      subject,
      body: "Zeile eins\nZeile zwei",
    });
    const message = await done("gmail", "get_message", { id: sent.id, format: "raw" });
    const text = Buffer.from(message.raw, "base64url").toString();
    expect(text).toMatch(/^[\x20-\x7e\r\n]*$/);
    expect(text).toContain("grace@acme.test");
    expect(message.labelIds).toContain("SENT");
    const read = await done("gmail", "get_message", { id: sent.id, format: "full" });
    const headers = Object.fromEntries(
      read.payload.headers.map(({ name, value }: { name: string; value: string }) => [name.toLowerCase(), value]),
    );
    const words = [...headers.subject.matchAll(/=\?UTF-8\?B\?([^?]*)\?=/g)].map(([, word]) =>
      Buffer.from(word, "base64").toString(),
    );
    expect(words.length > 0 ? words.join("") : headers.subject).toBe(subject);
    const found = await done("gmail", "list_messages", { q: "in:sent", maxResults: 5 });
    expect(found.messages.map(({ id }: { id: string }) => id)).toContain(sent.id);
  });

  it("as an event in the calendar", async () => {
    const start = { dateTime: "2026-12-01T10:00:00+01:00" };
    const end = { dateTime: "2026-12-01T11:00:00+01:00" };
    const made = await done("google-calendar", "create_event", { summary: "Planning & review", start, end });
    const listed = await done("google-calendar", "list_events", { timeMin: "2026-11-30T00:00:00Z" });
    expect(listed.items.find(({ id }: { id: string }) => id === made.id)?.summary).toBe("Planning & review");
  });

  it("as a message in Slack's channel", async () => {
    const { channels } = await done("slack", "list_channels");
    const channel = channels.find(({ name }: { name: string }) => name === "engineering").id;
    const text = "Deployed: a < b && c > d ${accessToken}";
    await done("slack", "send_message", { channel, text });
    const { messages } = await done("slack", "read_messages", { channel, limit: 5 });
    expect(messages.map((message: { text: string }) => message.text)).toContain(text);
  });

  it("as an SMS at Twilio", async () => {
    const body = "Your table is ready & waiting: 5 + 5 = 10 %";
    const { sid } = await done("twilio", "send_message", { To: "+4915112345678", From: "+15005550006", Body: body });
    expect(await done("twilio", "get_message", { sid })).toMatchObject({ to: "+4915112345678", body });
  });

  it("as an issue at GitHub and at Linear", async () => {
    const [repository] = await done("github", "list_repositories", { per_page: 1 });
    const [owner, repo] = repository.full_name.split("/");
    const { number } = await done("github", "create_issue", {
      owner,
      repo,
      title: "It does not start",
      body: "At all.",
    });
    expect(await done("github", "get_issue", { owner, repo, issue_number: number })).toMatchObject({
      title: "It does not start",
    });

    const { data } = await done("linear", "list_teams");
    const teamId = data.teams.nodes[0].id;
    const made = await done("linear", "create_issue", { input: { teamId, title: "It does not stop" } });
    const { id } = made.data.issueCreate.issue;
    expect((await done("linear", "get_issue", { id })).data.issue.title).toBe("It does not stop");
  });

  it("as a contact in HubSpot, which is found there and changed", async () => {
    const email = "joan@both.test";
    const { id } = await done("hubspot", "create_contact", {
      properties: { email, firstname: "Joan", favourite_colour: "blue" },
    });
    expect(await done("hubspot", "search_contacts", { query: "joan", properties: ["email"] })).toMatchObject({
      total: 1,
      results: [{ id, properties: { email } }],
    });
    await done("hubspot", "update_contact", { contactId: id, properties: { lastname: "Clarke" } });
    const read = { contactId: email, idProperty: "email", properties: "lastname,favourite_colour" };
    expect((await done("hubspot", "get_contact", read)).properties).toEqual({
      lastname: "Clarke",
      favourite_colour: "blue",
    });
    expect(await world.records("service=hubspot&kind=contacts")).toContainEqual(
      expect.objectContaining({ id, properties: expect.objectContaining({ email, lastname: "Clarke" }) }),
    );
  });

  it("as a WhatsApp message, as text and by template", async () => {
    const to = "+4915112345678";
    const phone_number_id = "106540352242922";
    const { messages } = await done("whatsapp-business", "send_text", { phone_number_id, to, text: { body: "Grüße" } });
    const template = { name: "hello_world", language: { code: "en_US" } };
    await done("whatsapp-business", "send_template", { phone_number_id, to, template });
    const kept = await world.records("service=whatsapp");
    expect(kept.find(({ id }) => id === messages[0].id)).toMatchObject({
      ...{ messaging_product: "whatsapp", recipient_type: "individual", type: "text", to, text: { body: "Grüße" } },
    });
    expect(kept.at(-1)).toMatchObject({ type: "template", template });
  });

  it("as a page in Notion, a lead in Salesforce and a deal in Pipedrive", async () => {
    const { results } = await done("notion", "search", { query: "handbook" });
    const title = [{ text: { content: "Holidays" } }];
    const page = await done("notion", "create_page", { parent: { page_id: results[0].id }, properties: { title } });
    const children = [{ paragraph: { rich_text: [{ text: { content: "Thirty days." } }] } }];
    await done("notion", "append_content", { block_id: page.id, children });
    expect(JSON.stringify(await done("notion", "read_page", { block_id: page.id }))).toContain("Thirty days.");

    const { id } = await done("salesforce", "create_lead", { LastName: "O'Hara", Company: "Acme Inc" });
    const found = await done("salesforce", "query", { q: "SELECT Id, Company FROM Lead WHERE LastName = 'O\\'Hara'" });
    expect(found.records).toEqual([expect.objectContaining({ Id: id, Company: "Acme Inc" })]);

    const deal = await done("pipedrive", "create_deal", { title: "Engine, second", value: 12.5, currency: "EUR" });
    const { data } = await done("pipedrive", "list_deals", { owner_id: 1 });
    expect(data.some((each: { id: number }) => each.id === deal.data.id)).toBe(false);
    expect((await done("pipedrive", "list_deals")).data).toContainEqual(
      expect.objectContaining({ title: "Engine, second" }),
    );
  });
});
