import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_CHARACTERS, shorten } from "./shorten";

const size = (value: unknown) => JSON.stringify(value).length;

describe("what is too long for an agent", () => {
  it("is left alone while it fits", () => {
    const answer = { messages: [{ id: "1", text: "x".repeat(1_000) }], next: null };
    expect(shorten(answer, MAX_CHARACTERS)).toEqual({ value: answer, truncated: false });
    expect(shorten(undefined, 100)).toEqual({ value: null, truncated: false });
  });

  it("keeps its form, and what stands behind a long list", () => {
    const answer = {
      messages: Array.from({ length: 900 }, (_, n) => ({ id: n, subject: `Letter ${n}`, body: "x".repeat(5_000) })),
      nextPageToken: "page-2",
    };
    const { value, truncated } = shorten(answer, MAX_CHARACTERS);
    const short = value as typeof answer;
    expect(truncated).toBe(true);
    expect(size(short)).toBeLessThanOrEqual(MAX_CHARACTERS);
    expect(short.nextPageToken).toBe("page-2");
    expect(short.messages[0]).toMatchObject({ id: 0, subject: "Letter 0" });
    expect(short.messages[0]?.body).toMatch(/^x+… \[\d+ more characters\]$/);
    expect(short.messages.at(-1)).toMatch(/^… \[\d+ more of 900\]$/);
  });

  it("loses nothing of a few long texts but their ends", () => {
    const { value } = shorten({ a: "a".repeat(30_000), b: "kept" }, MAX_CHARACTERS);
    const { a, b } = value as { a: string; b: string };
    expect(a.length).toBeGreaterThan(7_000);
    expect(b).toBe("kept");
  });

  it("is never cut within a character", () => {
    for (let shift = 0; shift < 4; shift++) {
      const { value } = shorten(`${"a".repeat(shift)}${"😀".repeat(20_000)}`, 5_000);
      expect(Buffer.from(String(value)).toString()).toBe(value);
    }
  });

  it("fits, whatever it was, and is JSON still", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 1, max: 400 }), (json, times) => {
        const grown = Array.from({ length: times }, () => ({ json, deep: { deep: { deep: json } } }));
        const { value, truncated } = shorten(grown, 2_000);
        expect(size(value)).toBeLessThanOrEqual(2_000);
        expect(JSON.parse(JSON.stringify(value))).toBeDefined();
        if (!truncated) expect(value).toEqual(grown);
      }),
      { numRuns: 200 },
    );
  });
});
