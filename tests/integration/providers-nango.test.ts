import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chain, manifests, startChain } from "./providers-chain";

/** Twilio's stand-in knows one account, whose SID and token the demo prints. */
const ONE_ACCOUNT = ["twilio"];

describe("every connector, through Nango", () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await startChain();
  });
  afterAll(() => chain?.close());

  it.each(manifests.map((manifest) => [manifest.slug, manifest] as const))(
    "%s connects, and its test call names the account; a reconnect as another account names another",
    async (_, manifest) => {
      const connection = await chain.connect(manifest);
      const first = await chain.test(manifest, connection);
      expect(first.status, first.text).toBe(200);
      if (!first.account) return;
      expect(first.account.id, first.text).not.toBe("");
      expect(first.account.name, first.text).not.toBe("");
      if (ONE_ACCOUNT.includes(manifest.slug)) return;
      // At Slack an account is a workspace, and Grace is in the same one as Ada.
      const other = manifest.slug === "slack" ? /edsger/ : /grace|Acme Europe/;
      const again = await chain.connect(manifest, { account: other, ending: "-2" }, connection);
      expect(again).toBe(connection);
      const second = await chain.test(manifest, connection);
      expect(second.status, second.text).toBe(200);
      expect(second.account?.id, second.text).not.toBe(first.account.id);
    },
  );
});
