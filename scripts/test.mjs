// npm test: every kind of test, for real, with one line at the end. A pattern limits it: npm test -- rls
import { goOn, installMissing } from "./bootstrap/install.mjs";

installMissing();
goOn("scripts/test/main.ts", process.argv.slice(2));
