import { expect, test } from "vitest";
import type { EventView } from "@/lib/api/views";
import { conditionCodes, connectionReasons, eventTypes, nextSteps, turns } from "@/lib/db/vocabulary";
import messages from "@/messages/en.json";
import { eventMessage } from "./event-message";

const event = (
  type: EventView["type"],
  data: EventView["data"] = {},
  reason_code: string | null = null,
): EventView => ({
  id: "1",
  type,
  reason_code,
  actor: { kind: "system", id: null, name: null },
  data,
  created_at: "2026-01-01T00:00:00Z",
});

const strange: EventView["data"] = { label: null, days: "soon", result: 3, source: "moon", account: {} };

test("every event has a sentence, also when its details are missing or strange", () => {
  for (const type of eventTypes)
    for (const data of [{}, strange])
      expect(messages.timeline.events).toHaveProperty(eventMessage(event(type, data)).key);
});

test("only what is no event of a connection goes without a sentence of its own", () => {
  const vague = eventTypes.filter((type) => eventMessage(event(type, { account: "ada" })).key === "other");
  expect(vague).toEqual(["quarantined", "policy_changed"]);
});

test("details choose the sentence", () => {
  const key = (...parts: Parameters<typeof event>) => eventMessage(event(...parts)).key;
  expect(key("labelled", { label: "Sales" })).toBe("labelled");
  expect(key("labelled", { label: null })).toBe("unlabelled");
  expect(key("needs_attention", { found: "grace" }, "account_mismatch")).toBe("mismatch");
  expect(key("needs_attention", {}, "auth_failed")).toBe("needs_attention");
  expect(key("disconnected", {}, "gone_upstream")).toBe("gone_upstream");
  expect(key("remote_deleted", { result: "already_gone" })).toBe("already_gone");
});

test("the end of a disconnect says what became of the access at the provider", () => {
  expect(eventMessage(event("remote_deleted", { result: "deleted", upstream: "revoked" })).upstream).toBe("revoked");
  expect(eventMessage(event("remote_deleted", { result: "deleted", upstream: null })).upstream).toBeNull();
});

test("how a suspicion was heard of is said; how a person's own doing was is not", () => {
  expect(eventMessage(event("suspected", { source: "webhook" })).source).toBe("webhook");
  expect(eventMessage(event("reconnected", { source: "webhook" })).source).toBeNull();
});

test("every condition, turn, next step and reason has words", () => {
  expect(Object.keys(messages.conditions).sort()).toEqual([...conditionCodes].sort());
  expect(Object.keys(messages.turns).sort()).toEqual([...turns].sort());
  expect(Object.keys(messages.nextSteps).sort()).toEqual([...nextSteps].sort());
  expect(Object.keys(messages.reasons)).toEqual(expect.arrayContaining([...connectionReasons]));
});
