import { expect, test } from "vitest";
import type { ConnectionView } from "@/lib/api/views";
import { liveInterval } from "./live-interval";

const now = Date.parse("2026-03-10T12:00:00Z");
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
const connection = (more: object) =>
  ({
    status: "connected",
    condition: { code: "healthy", since: null },
    account_name: "ada",
    connected_at: ago(5),
    disconnected_at: null,
    receipt: null,
    ...more,
  }) as ConnectionView;
const checking = (since: string) => connection({ condition: { code: "checking", since } });
const disconnected = (at: string, finished_at: string | null) =>
  connection({ status: "disconnected", disconnected_at: at, receipt: { finished_at } });

test("what is at rest is not asked for", () => {
  expect(liveInterval([connection({}), disconnected(ago(60), ago(20))], now)).toBe(false);
});

test("a look is followed closely for its time, and now and then after it", () => {
  expect(liveInterval([checking(ago(10))], now)).toBe(2_000);
  expect(liveInterval([checking(ago(600))], now)).toBe(30_000);
});

test("a receipt is followed until it is finished", () => {
  expect(liveInterval([disconnected(ago(10), null)], now)).toBe(2_000);
  expect(liveInterval([disconnected(ago(3_600), null)], now)).toBe(30_000);
});

test("a new account's name is waited for, not for ever; the most urgent of several decides", () => {
  const nameless = connection({ account_name: null });
  expect(liveInterval([disconnected(ago(3_600), null), nameless], now)).toBe(1_500);
  expect(liveInterval([connection({ account_name: null, connected_at: ago(30) })], now)).toBe(false);
});
