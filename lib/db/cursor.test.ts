import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor";

it("a cursor comes back as the key it was made of, to the microsecond", () => {
  const key = ["2026-11-21T08:00:00.123456Z", "6f1d8c1e-0000-4000-8000-00000000000a"] as const;
  expect(decodeCursor(encodeCursor(key))).toEqual(key);
});

it("anything else is the caller's mistake, never the database's", () => {
  const bad = ["", "x", "AAAA", Buffer.from("2026-11-21T08:00:00Z").toString("base64url")];
  bad.push(encodeCursor(["2026-99-21T08:00:00Z", "6f1d8c1e-0000-4000-8000-00000000000a"]));
  bad.push(encodeCursor(["2026-11-21T08:00:00Z", "6f1d8c1e-0000-4000-8000-00000000000a extra"]));
  const time = "2026-11-21T08:00:00Z";
  const id = "6f1d8c1e-0000-4000-8000-00000000000a";
  for (const none of ["2026-02-30T08:00:00Z", "0000-01-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T23:59:60Z"])
    bad.push(encodeCursor([none, id]));
  for (const none of ["-".repeat(36), `${"1".repeat(34)}--`, id.replace("-", "0")])
    bad.push(encodeCursor([time, none]));
  for (const cursor of bad) expect(() => decodeCursor(cursor)).toThrow(/not valid/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      try {
        const [time, id] = decodeCursor(text);
        return !Number.isNaN(Date.parse(time)) && id.length === 36;
      } catch (error) {
        return (error as { code?: string }).code === "invalid_request";
      }
    }),
    { numRuns: 200 },
  );
});
