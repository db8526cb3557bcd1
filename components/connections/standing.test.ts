import { expect, test } from "vitest";
import type { ConnectionView } from "@/lib/api/views";
import { daysLeft, mostPressing, urgencyOf } from "./standing";

const now = Date.parse("2026-03-10T12:00:00Z");
const hours = (count: number) => new Date(now + count * 3_600_000).toISOString();
const connection = (id: string, code: string, expires_at: string | null = null) =>
  ({
    id,
    status: ["auth_failed", "expired"].includes(code) ? "needs_attention" : "connected",
    condition: { code },
    expires_at,
  }) as ConnectionView;

test("a begun day counts as a whole one, and what is over has none left", () => {
  expect(daysLeft(hours(1), now)).toBe(1);
  expect(daysLeft(hours(24), now)).toBe(1);
  expect(daysLeft(hours(25), now)).toBe(2);
  expect(daysLeft(hours(-1), now)).toBe(0);
  expect(daysLeft(null, now)).toBeNull();
});

test("the end of a sign-in is said louder three days and one day ahead", () => {
  expect([14, 4, 3, 2, 1, 0].map(urgencyOf)).toEqual(["calm", "calm", "soon", "soon", "now", "now"]);
});

test("what is broken comes first, then what ends within three days, the sooner before the later", () => {
  const all = [
    connection("ends in ten days", "expires_soon", hours(240)),
    connection("ends in two days", "expires_soon", hours(48)),
    connection("works", "healthy"),
    { ...connection("being looked at", "checking"), status: "needs_attention" as const },
    connection("ends tonight", "expires_soon", hours(8)),
    connection("broken", "auth_failed"),
  ];
  expect(mostPressing(all, now).map(({ id }) => id)).toEqual(["broken", "ends tonight", "ends in two days"]);
});
