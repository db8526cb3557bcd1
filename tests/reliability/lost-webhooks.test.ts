import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { confirmAttempt, readAttempt } from "@/lib/connect/attempts";
import { reconcile } from "@/lib/webhooks/reconcile";
import { type Bench, startBench, times } from "./harness";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench?.close());

const connectors = ["openai", "github", "google-calendar", "twilio", "slack"];

describe("when every webhook is lost", () => {
  it("the page confirms by itself, with what the frame said and without", async () => {
    const one = await bench.complete();
    expect((await confirmAttempt(bench.ada, one.attemptId, one.nangoId)).attempt.status).toBe("confirmed");
    const two = await bench.complete("github");
    expect((await readAttempt(bench.ada, two.attemptId)).status).toBe("confirmed");
  });

  const count = times(24, 600);
  it(`one sweep heals all of ${count} connections that were made, broken, renewed, wiped or deleted meanwhile`, {
    timeout: 1_800_000,
  }, async () => {
    const { world, random } = bench;
    const fates: { nangoId: string; fate: string }[] = [];
    for (let index = 0; index < count; index++) {
      const connector = connectors[index % connectors.length] as string;
      const person = world.people[index % world.people.length];
      // Deletions stay below a fifth: more at once would be a wrong key, and the sweep would stop.
      const fate = ["made", "untouched", "revoked", "wiped", "gone", "made", "flagged"][index % 7] as string;
      const made =
        fate === "made"
          ? await bench.complete(connector, person, `${connector}-${index}`)
          : await bench.connect(connector, person, `${connector}-${index}`);
      fates.push({ nangoId: made.nangoId, fate });
    }
    await bench.drain();
    for (const { nangoId, fate } of fates) {
      const connection = world.nango.store.connections.find((each) => each.connectionId === nangoId);
      if (!connection) throw new Error("not at Nango");
      if (fate === "gone") await world.nango.control(`/connections/${nangoId}/vanish`, {});
      if (fate === "wiped") connection.tags = {};
      if (fate === "revoked") await world.nango.control(`/connections/${nangoId}/kill`, {});
      if (fate === "revoked" || fate === "flagged") await world.nango.control(`/connections/${nangoId}/break`, {});
    }
    expect((await reconcile()).status).toBe("done");
    await bench.drain();
    for (const { nangoId, fate } of fates) {
      const row = await bench.rowOf(nangoId);
      const what = `${fate}, seed ${random.seed}`;
      if (fate === "gone") expect(row, what).toMatchObject({ status: "disconnected", reason_code: "gone_upstream" });
      else if (fate === "revoked") expect(row, what).toMatchObject({ status: "needs_attention" });
      else if (fate !== "flagged") expect(row, what).toMatchObject({ status: "connected" });
      if (fate === "wiped") {
        const tags = world.nango.store.connections.find((each) => each.connectionId === nangoId)?.tags;
        expect(tags, what).toMatchObject({ instance: "test", end_user_id: expect.any(String) });
      }
    }
    expect(bench.posted.length).toBeGreaterThan(0);
    expect(await bench.sql`select 1 from webhook_deliveries`).toHaveLength(0);
  });
});
