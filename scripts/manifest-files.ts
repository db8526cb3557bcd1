import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

export const repositoryRoot = path.resolve(import.meta.dirname, "..");
export const manifestsFolder = path.join(repositoryRoot, "manifests");
export const indexFile = path.join(repositoryRoot, "lib/catalogue/manifests.generated.ts");

export type ManifestFile = { slug: string; file: string; content: Record<string, unknown> };

/** Every manifest as it is on disk, unchecked, sorted by slug. Throws on a file that is not a JSON object. */
export function readManifestFiles(): ManifestFile[] {
  return readdirSync(manifestsFolder)
    .filter((name) => name.endsWith(".json") && name !== "schema.json")
    .map((name) => name.slice(0, -".json".length))
    .sort()
    .map((slug) => {
      const name = `${slug}.json`;
      const file = path.join(manifestsFolder, name);
      const text = readFileSync(file, "utf8");
      try {
        return {
          slug,
          file,
          content: z.record(z.string(), z.unknown()).parse(JSON.parse(text)),
        };
      } catch (error) {
        throw new Error(`manifests/${name} is not a JSON object: ${error instanceof Error ? error.message : error}`);
      }
    });
}

/** The static index through which the app imports the manifests, so that every bundler finds them. */
export function manifestsIndex(slugs: string[]): string {
  const imports = slugs.map((slug, at) => `import m${at} from "@/manifests/${slug}.json";`);
  return [
    "// Written by `npm run manifests:generate`. Do not edit.",
    ...imports,
    "",
    "/** Every manifest file as it was read. manifests.ts parses them. */",
    `export const manifestFiles: readonly unknown[] = [${slugs.map((_, at) => `m${at}`).join(", ")}];`,
    "",
  ].join("\n");
}
