import "server-only";
import { type Manifest, manifestSchema } from "./manifest";
import { manifestFiles } from "./manifests.generated";

/**
 * All manifests, by slug. Parsed once per process, when first imported. The imports are static, so a build holds them all
 * and nothing reads files at run time. Throws on an invalid manifest: manifests:check finds those before a build does.
 */
export const manifests: ReadonlyMap<string, Manifest> = new Map(
  manifestFiles.map((file) => {
    const manifest = manifestSchema.parse(file);
    return [manifest.slug, manifest];
  }),
);

/** The manifests that catalogue pages show, in alphabetical order of their names. */
export function listedManifests(): Manifest[] {
  return [...manifests.values()]
    .filter((manifest) => manifest.listed)
    .sort((a, b) => a.name.localeCompare(b.name, "en", { sensitivity: "base" }));
}
