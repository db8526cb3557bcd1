import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keyHash, newKey, readKey } from "./api-key";

describe("a new key", () => {
  it("is never the same, begins with its prefix, and is kept as a digest", () => {
    const keys = Array.from({ length: 200 }, newKey);
    expect(new Set(keys.map(({ text }) => text)).size).toBe(200);
    for (const { text, prefix, hash } of keys) {
      expect(text).toMatch(/^pby_[0-9A-Za-z]{49}$/);
      expect(text.startsWith(prefix)).toBe(true);
      expect(prefix).toHaveLength(10);
      expect(Buffer.from(hash)).toEqual(createHash("sha256").update(text).digest());
      expect(readKey(`Bearer ${text}`)).toEqual({ text, wellFormed: true });
    }
  });

  it("shows so little that 220 bits stay unknown", () => {
    const { text, prefix } = newKey();
    // The checksum follows from the rest.
    expect((text.length - prefix.length - 6) * Math.log2(62)).toBeGreaterThan(220);
  });
});

describe("what an Authorization header holds", () => {
  const { text } = newKey();

  it("is no key unless it begins like one", () => {
    for (const header of [
      null,
      "",
      "Basic pby_x",
      `Bearer x${text}`,
      "Bearer eyJhbGciOiJ9.e30.x",
      text,
      `Bearer: ${text}`,
    ])
      expect(readKey(header), String(header)).toBeNull();
  });

  it("is seen to be mistyped before anybody looks it up", () => {
    const swapped = `${text.slice(0, 20)}${text[21] === text[20] ? "~" : text[21]}${text[20]}${text.slice(22)}`;
    const other = text[30] === "a" ? "b" : "a";
    for (const wrong of [
      "pby_",
      text.slice(0, -1),
      `${text}0`,
      `${text} x`,
      `${text.slice(0, 30)}${other}${text.slice(31)}`,
      swapped,
      text.toUpperCase(),
    ])
      expect(readKey(`Bearer ${wrong}`)?.wellFormed ?? false, wrong).toBe(false);
  });

  it("may be written with any case of the word Bearer, and more than one space", () => {
    for (const header of [`bearer ${text}`, `BEARER   ${text}`]) expect(readKey(header)?.wellFormed).toBe(true);
  });

  it("has a digest that depends on every character", () => {
    expect(keyHash(text)).not.toEqual(keyHash(`${text.slice(0, -1)}~`));
  });
});
