/** npm run manifests:check: prints what is wrong with the manifests, one line each, and exits with 1 if anything is. */
import { readManifestFiles } from "./manifest-files";
import { checkManifests } from "./manifests-rules";
import { providerCatalogue } from "./provider-catalogue";

const files = readManifestFiles();
const findings = checkManifests(files, providerCatalogue());
for (const { slug, problem } of findings) console.log(`${slug}: ${problem}`);
console.log(`${files.length} manifests, ${findings.length} problems`);
process.exit(findings.length > 0 ? 1 : 0);
