// npm run dev: the developer's loop. Services whose real keys are in .env.local are used; the others are stood in for.
import { goOn, installMissing } from "./bootstrap/install.mjs";

installMissing();
goOn("scripts/product/main.ts", ["--dev", "--real", ...process.argv.slice(2)]);
