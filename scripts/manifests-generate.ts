/**
 * npm run manifests:generate [-- <new-slug> --provider <key> --category <key>] [-- --check]
 *
 * Writes into each manifest what @nangohq/providers knows (auth mode, authorization and token URL, a docs link where none
 * is given), keeps everything hand-written, brings the fields into one order, and writes manifests/schema.json and the
 * static index that the app imports. Running it twice changes nothing. With --check it writes nothing and exits with 1
 * when something is out of date.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { deriveManifest, manifestSkeleton } from "./manifest-derive";
import { indexFile, manifestsFolder, manifestsIndex, readManifestFiles, repositoryRoot } from "./manifest-files";
import { manifestJsonSchema } from "./manifests-schema";
import { providerCatalogue } from "./provider-catalogue";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: "boolean" }, provider: { type: "string" }, category: { type: "string" } },
});

const providers = providerCatalogue();
const stale: string[] = [];
const written: string[] = [];

function put(file: string, text: string): void {
  const name = path.relative(repositoryRoot, file);
  stale.push(name);
  if (values.check) return;
  writeFileSync(file, text);
  written.push(file);
}

for (const slug of positionals) {
  const file = path.join(manifestsFolder, `${slug}.json`);
  if (existsSync(file)) continue;
  const provider = values.provider ?? slug;
  if (!providers.has(provider)) {
    console.error(`There is no provider "${provider}" in @nangohq/providers. Name one with --provider.`);
    process.exit(1);
  }
  const skeleton = manifestSkeleton(slug, provider, values.category ?? "", providers);
  put(file, `${JSON.stringify(skeleton, null, 2)}\n`);
}

const files = readManifestFiles();
for (const { slug, file, content } of files) {
  const derived = deriveManifest(slug, content, providers);
  // Compared as values in order, so that the formatter's own line breaks are left alone.
  if (JSON.stringify(derived) !== JSON.stringify(content)) put(file, `${JSON.stringify(derived, null, 2)}\n`);
}

const schemaFile = path.join(manifestsFolder, "schema.json");
const schema = manifestJsonSchema();
if (!existsSync(schemaFile) || readFileSync(schemaFile, "utf8") !== schema) put(schemaFile, schema);

const squeeze = (text: string) => text.replace(/[\s,]+/g, "");
const index = manifestsIndex(files.map((manifest) => manifest.slug));
if (!existsSync(indexFile) || squeeze(readFileSync(indexFile, "utf8")) !== squeeze(index)) put(indexFile, index);

const formattable = written.filter((file) => file !== schemaFile);
if (formattable.length > 0) {
  const biome = path.join(repositoryRoot, "node_modules/.bin/biome");
  execFileSync(biome, ["format", "--write", "--log-level=error", ...formattable], {
    cwd: repositoryRoot,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

for (const name of stale) console.log(values.check ? `out of date: ${name}` : `wrote ${name}`);
console.log(`${files.length} manifests, ${stale.length} ${values.check ? "out of date" : "written"}`);
if (values.check && stale.length > 0) process.exit(1);
