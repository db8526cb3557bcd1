import { expect, test } from "vitest";
import { relativeText } from "./relative-text";

const now = new Date("2026-03-10T12:00:00Z");
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const text = (at: Date) => relativeText(at, now, "en-GB", "UTC");

test("dates are relative up to a week and a day of the year beyond it", () => {
  expect(text(before(10))).toBe("this minute");
  expect(text(before(4 * 60))).toBe("4 minutes ago");
  expect(text(before(2 * 3600))).toBe("2 hours ago");
  expect(text(before(86_400))).toBe("yesterday");
  expect(text(before(20 * 86_400))).toBe("18 Feb");
  expect(text(new Date("2025-11-12T00:00:00Z"))).toBe("12 Nov 2025");
});
