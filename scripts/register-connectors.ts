/** Registers the manifests in the connectors table; running it again changes nothing. */
import { registerConnectors } from "@/lib/catalogue/register";

const { changed } = await registerConnectors();
console.log(`  connectors changed: ${changed}`);
process.exit(0);
