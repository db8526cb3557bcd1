import { describe, expect, it } from "vitest";
import { manifests } from "@/lib/catalogue/manifests";
import { effectOf } from "./manifest-tools";
import { allTools } from "./tool-list";

/** Every action that changes something, by what it does. Written by hand: whoever adds one decides, here as well. */

/** They add something, or send it. */
const write: Record<string, string> = {
  airtable: "create_records",
  anthropic: "create_message",
  asana: "create_task",
  attio: "create_note",
  bamboohr: "create_employee",
  basecamp: "create_todo",
  bitbucket: "create_issue",
  box: "create_folder",
  circleci: "run_pipeline",
  clickup: "create_task",
  close: "create_lead create_note",
  cloudflare: "create_dns_record",
  copper: "create_person",
  datadog: "post_event",
  dropbox: "create_folder share_file",
  "dynamics-365": "create_contact",
  elevenlabs: "speak",
  freshsales: "create_contact",
  github: "create_issue comment_on_issue create_pull_request",
  gitlab: "create_issue",
  gmail: "send_message",
  "google-ai": "generate_content",
  "google-calendar": "create_event quick_add_event",
  "google-chat": "send_message",
  "google-drive": "create_folder create_document copy_file share_file",
  "google-meet": "create_meeting",
  "google-sheets": "append_rows",
  hubspot: "create_contact create_deal",
  instagram: "reply_to_comment",
  intercom: "reply_to_conversation",
  jira: "create_issue add_comment",
  linear: "create_issue add_comment",
  linkedin: "create_post",
  "microsoft-teams": "send_channel_message",
  monday: "create_item",
  nextcloud: "share_file",
  notion: "create_page append_content add_comment",
  onedrive: "create_link",
  openai: "create_response create_embedding",
  "outlook-calendar": "create_event",
  "outlook-mail": "send_mail reply create_draft",
  pagerduty: "create_incident",
  perplexity: "ask",
  pinterest: "create_pin",
  pipedrive: "create_deal create_activity",
  reddit: "submit_post",
  replicate: "run_model",
  ringcentral: "send_sms",
  salesforce: "create_lead",
  sendgrid: "send_email",
  sharepoint: "create_item",
  shopify: "create_product",
  slack: "send_message add_reaction",
  smartsheet: "add_row",
  stripe: "create_customer",
  telegram: "send_message",
  threads: "create_post",
  todoist: "create_task",
  trello: "create_card",
  twilio: "send_message make_call",
  twitter: "create_post",
  webex: "send_message",
  "whatsapp-business": "send_text send_template send_image send_document",
  wrike: "create_task",
  "zendesk-sell": "create_lead",
  "zoho-crm": "create_records",
  zoom: "create_meeting",
};

/** They change what is there, move it, or take it away; whatever SQL may. */
const destroy: Record<string, string> = {
  "cal-com": "cancel_booking",
  databricks: "run_sql",
  github: "update_issue",
  gmail: "change_labels trash_message",
  "google-bigquery": "run_query",
  "google-calendar": "update_event delete_event",
  "google-drive": "update_file",
  "google-sheets": "update_cells",
  hubspot: "update_contact update_deal",
  linear: "update_issue",
  magento: "add_order_comment",
  notion: "update_page",
  "outlook-calendar": "update_event delete_event",
  "outlook-mail": "move_message update_message",
  salesforce: "update_opportunity",
  slack: "update_message",
  snowflake: "run_query",
  stripe: "refund_payment",
  todoist: "complete_task",
  "whatsapp-business": "mark_as_read",
  woocommerce: "update_order",
};

const toolsOf = (table: Record<string, string>) =>
  Object.entries(table).flatMap(([slug, actions]) => actions.split(" ").map((action) => `${slug}_${action}`));

describe("what an action does", () => {
  const expected = new Map([
    ...toolsOf(write).map((name) => [name, "write"] as const),
    ...toolsOf(destroy).map((name) => [name, "destroy"] as const),
  ]);

  it("is as this table has it, and every other one only reads", () => {
    const found = [...manifests.values()].flatMap(({ slug, actions }) =>
      Object.entries(actions).map(([key, action]) => [`${slug}_${key}`, effectOf(action)] as const),
    );
    expect(Object.fromEntries(found.filter(([, effect]) => effect !== "read"))).toEqual(Object.fromEntries(expected));
  });

  it("is what the tools say, those with a name of their own included", () => {
    for (const { name, connector, actions, effect } of allTools().values()) {
      if (connector === null) continue;
      const [first = ""] = actions;
      expect(effect, name).toBe(expected.get(`${connector}_${first}`) ?? "read");
    }
  });
});
