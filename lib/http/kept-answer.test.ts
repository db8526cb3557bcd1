import { describe, expect, it } from "vitest";
import { openAnswer, sealAnswer } from "./kept-answer";

describe("a kept answer", () => {
  const text = '{"result":"Grüße"}';

  it("is read with the key that it belongs to", () => {
    expect(openAnswer(sealAnswer(text, "one"), "one")).toBe(text);
    expect(openAnswer(sealAnswer("", "one"), "one")).toBe("");
  });

  it("is not read with another, nor after a change, and does not show what it holds", () => {
    const kept = sealAnswer(text, "one");
    expect(() => openAnswer(kept, "two")).toThrow();
    for (const at of [0, 20, 30, kept.length - 1]) {
      const changed = Uint8Array.from(kept);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => openAnswer(changed, "one"), String(at)).toThrow();
    }
    expect(Buffer.from(kept).toString("latin1")).not.toContain("result");
    expect(Buffer.from(sealAnswer(text, "one"))).not.toEqual(Buffer.from(kept));
  });
});
