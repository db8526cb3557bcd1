// npm run demo: the whole product on this machine, with no account and no key.
import { goOn, installMissing } from "./bootstrap/install.mjs";

const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(`npm run demo -- [--port 3000] [--reset] [--dev]

  --port N   where the app listens (3000)
  --reset    forget everything that earlier runs have kept in .stack/
  --dev      run the app with next dev instead of a production build`);
  process.exit(0);
}
console.log("Patchbay demo");
installMissing();
goOn("scripts/product/main.ts", args);
