import { stem } from "./words";

/** Words that people use for each other when they look for what a connector can do. Each group is one meaning. */
const groups = [
  ["email", "mail", "inbox", "newsletter"],
  ["sms", "text", "texts"],
  ["chat", "message", "messages", "messaging"],
  ["call", "calls", "phone", "voice"],
  ["meeting", "meetings", "video", "conference"],
  ["calendar", "event", "events", "appointment", "booking", "schedule", "scheduling"],
  ["invoice", "invoices", "billing", "bill", "charge"],
  ["payment", "payments", "pay", "checkout", "subscription"],
  ["shop", "store", "ecommerce", "commerce", "orders", "products"],
  ["issue", "issues", "ticket", "tickets", "bug", "bugs"],
  ["task", "tasks", "todo", "todos"],
  ["repo", "repository", "repositories", "code", "git"],
  ["file", "files", "document", "documents", "storage", "folder", "folders"],
  ["contact", "contacts", "lead", "leads", "customer", "customers", "crm"],
  ["ai", "llm", "gpt", "model", "models"],
  ["warehouse", "sql", "database", "query"],
  ["spreadsheet", "spreadsheets", "sheet", "sheets", "excel"],
  ["monitoring", "logs", "errors", "alerts", "incidents"],
  ["post", "posts", "publish", "social"],
  ["dashboard", "dashboards", "report", "reports", "analytics", "metrics"],
];

const byStem = new Map<string, string[]>();
for (const group of groups) {
  for (const word of group) {
    const others = group.filter((other) => other !== word);
    byStem.set(stem(word), [...(byStem.get(stem(word)) ?? []), ...others]);
  }
}

/** Other words for a stemmed word; none for most. */
export function synonymsOf(root: string): readonly string[] {
  return byStem.get(root) ?? [];
}
