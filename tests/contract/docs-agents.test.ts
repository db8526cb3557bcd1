import { afterAll, beforeAll, expect, it } from "vitest";
import { openToolsWorld, type ToolsWorld } from "@/tests/integration/tools-world";
import { allScopes } from "@/tests/support/api-keys";
import { runExamples } from "@/tests/support/doc-examples";

let world: ToolsWorld;
beforeAll(async () => {
  world = await openToolsWorld(["twilio", "slack"]);
});
afterAll(() => world.close());

it("the examples of docs/agents.md work as they stand there", async () => {
  const ada = await world.server.signIn("ada@acme.test", "acme");
  await world.connect(ada, "twilio");
  const { key } = await world.keys.made(ada, allScopes);
  // What runs inside the app has the app's settings.
  const settings = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] =>
      /^(APP_URL|(NEXT_PUBLIC_)?CLERK|SUPABASE|DATABASE_URL|NANGO|LOG_LEVEL|NODE_ENV)/.test(entry[0]),
    ),
  );
  const ran = await runExamples("docs/agents.md", { ...settings, PATCHBAY_URL: world.api.url, PATCHBAY_KEY: key });
  expect(ran).toBe(4);
});
