import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../product/paths";

type Entry = { resolved?: string; optionalDependencies?: Record<string, string> };

const read = (folder: string) =>
  (JSON.parse(readFileSync(join(root, folder, "package-lock.json"), "utf8")) as { packages: Record<string, Entry> })
    .packages;

describe("the lock files", () => {
  it("hold the packages of every platform, or npm ci refuses them", () => {
    const packages = read(".");
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  it.each([".", "emulators/clerk/vendor"])("name no download address (%s)", (folder) => {
    const addresses = Object.values(read(folder)).flatMap(({ resolved }) =>
      resolved?.startsWith("http") ? [resolved] : [],
    );
    expect(addresses).toEqual([]);
  });
});
