import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import sources from "./logos.json";
import { manifests } from "./manifests";

const folder = path.resolve(import.meta.dirname, "../../public/logos");
const entries = Object.entries(sources as Record<string, { from: string; icon?: string }>);
const drawn = entries
  .filter(([, source]) => source.from !== "letter")
  .map(([slug, source]) => [slug, `${source.from} (${source.icon})`] as const);

/** Which connectors show a letter, because neither package has the brand's mark. A brand that gets its mark leaves this list. */
const letters = [
  "amazon-seller",
  "attio",
  "cal-com",
  "copper",
  "egnyte",
  "freshsales",
  "pipedrive",
  "ringcentral",
  "smartsheet",
  "when2meet",
  "wrike",
];

describe("logos", () => {
  it("say for every listed connector where its mark comes from", () => {
    const listed = [...manifests.values()].filter((manifest) => manifest.listed).map((manifest) => manifest.slug);
    expect(listed.filter((slug) => !(slug in sources))).toEqual([]);
    expect(entries.filter(([slug]) => !manifests.has(slug)).map(([slug]) => slug)).toEqual([]);
  });

  it("fall back to a letter only for brands that neither package has", () => {
    expect(entries.filter(([, source]) => source.from === "letter").map(([slug]) => slug)).toEqual(letters);
  });

  it("have a file each, and no file is left over", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".svg"));
    expect(files.sort()).toEqual(drawn.map(([slug]) => `${slug}.svg`).sort());
  });

  it.each(drawn)("%s is a small, square, self-contained drawing from %s", (slug) => {
    const file = path.join(folder, `${slug}.svg`);
    expect(existsSync(file)).toBe(true);
    expect(statSync(file).size).toBeLessThan(20_000);
    const svg = readFileSync(file, "utf8");
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 64 64">/);
    // Shapes and paints only: nothing that runs, loads, embeds or refers to another place.
    const tags = new Set([...svg.matchAll(/<([a-zA-Z]+)/g)].map((match) => match[1]));
    const shapes = [
      "svg",
      "g",
      "defs",
      "path",
      "circle",
      "ellipse",
      "rect",
      "polygon",
      "polyline",
      "line",
      "use",
      "mask",
    ];
    const paints = ["linearGradient", "radialGradient", "stop", "clipPath", "filter", "title"];
    const filters = [...tags].filter((tag) => tag?.startsWith("fe") && tag !== "feImage");
    expect([...tags].filter((tag) => tag && ![...shapes, ...paints, ...filters].includes(tag))).toEqual([]);
    expect(svg).not.toMatch(/\son[a-z]+\s*=|javascript:|<!|<\?|data:|@import/i);
    const references = [...svg.matchAll(/(?:href="|url\()([^")]*)/g)].map((match) => match[1] ?? "");
    const ids = [...svg.matchAll(/\sid="([^"]+)"/g)].map((match) => `#${match[1]}`);
    expect(references.filter((reference) => !ids.includes(reference))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
