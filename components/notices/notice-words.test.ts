import { expect, test } from "vitest";
import { attentionReasons, connectionReasons, noticeKinds } from "@/lib/db/vocabulary";
import messages from "@/messages/en.json";
import { connectorOf } from "./connector-entry";
import { noticeHref } from "./notice-href";

test("every kind of notice has words, and every reason behind those that have one", () => {
  const { kinds, needsAttention, disconnected } = messages.notices;
  const byReason = ["needs_attention", "disconnected"];
  expect(Object.keys(kinds).sort()).toEqual(noticeKinds.filter((kind) => !byReason.includes(kind)).sort());
  expect(Object.keys(needsAttention).sort()).toEqual([...attentionReasons, "unknown"].sort());
  const ends = connectionReasons.filter((reason) => !(attentionReasons as readonly string[]).includes(reason));
  expect(Object.keys(disconnected).sort()).toEqual([...ends, "unknown"].sort());
});

test("a notice leads to its connection, and to the quarantine only whoever may see it", () => {
  const connection_id = "7f1d4d4e-3c52-4f0c-9d5c-5b5a3f5a9a11";
  expect(noticeHref({ kind: "recovered", connection_id }, false)).toBe(`/connections/${connection_id}`);
  expect(noticeHref({ kind: "quarantined", connection_id: null }, true)).toBe("/admin/quarantine");
  expect(noticeHref({ kind: "quarantined", connection_id: null }, false)).toBeNull();
  expect(noticeHref({ kind: "disconnected", connection_id: null }, true)).toBeNull();
  for (const kind of ["person_left", "contact"] as const) {
    expect(noticeHref({ kind, connection_id: null }, true)).toBe("/admin/people-left");
  }
});

test("a connector that no manifest names any more goes by its slug and a letter", () => {
  expect(connectorOf([["github", "GitHub"]], "github")).toEqual({
    name: "GitHub",
    logo: { src: "/logos/github.svg", letter: "G" },
  });
  expect(connectorOf([["attio", "Attio", "A"]], "attio").logo).toEqual({ src: null, letter: "A" });
  expect(connectorOf([], "gone")).toEqual({ name: "gone", logo: { src: null, letter: "G" } });
});
