import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forgeries, hmac, mutate } from "@/tests/support/forgeries";
import { authBody, type Bench, startBench, times } from "./harness";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench?.close());

const stored = async () => (await bench.sql`select count(*)::int as count from webhook_deliveries`)[0]?.count;

describe("a forged delivery", () => {
  it("about a connection that exists is refused in every known way to forge one", async () => {
    const { nangoId } = await bench.connect();
    const text = JSON.stringify(authBody(nangoId, { operation: "deletion" }));
    const forged = forgeries(text, { signing: bench.world.nango.signingKey, api: bench.world.nango.apiKey });
    expect(forged.length).toBeGreaterThanOrEqual(40);
    const before = await bench.snapshot();
    for (const { what, body, headers } of forged)
      expect((await bench.world.deliver(body, headers)).status, what).toBe(401);
    expect(await stored()).toBe(0);
    await bench.drain();
    // What the account's own first look wrote is not the forger's doing.
    expect((await bench.snapshot()).connections).toEqual(before.connections);
  });

  const mutations = times(500, 100_000);
  it(`is refused in each of ${mutations} random mutations of a real one`, { timeout: 600_000 }, async () => {
    const texts = [
      JSON.stringify(authBody("c-1", { tags: { attempt_id: "a", note: "é€😀" } })),
      JSON.stringify(authBody("c-2", { operation: "refresh", success: false, error: { type: "x", description: "y" } })),
      JSON.stringify({ from: "nango", type: "sync", connectionId: "c-3", providerConfigKey: "github", success: true }),
    ];
    for (let round = 0; round < mutations; round++) {
      const text = texts[round % texts.length] as string;
      const { what, body, headers } = mutate(Buffer.from(text), hmac(bench.world.nango.signingKey, text), () =>
        bench.random.next(),
      );
      const { status } = await bench.world.deliver(body, headers);
      if (status !== 401) expect.fail(`seed ${bench.random.seed}, mutation ${round} (${what}) was answered ${status}`);
    }
    expect(await stored()).toBe(0);
  });
});
