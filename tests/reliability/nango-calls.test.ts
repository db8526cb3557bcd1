import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withDeadline } from "@/lib/deadline";
import { resetEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { lookAt } from "@/lib/jobs/look";
import { listConnectionPage } from "@/lib/nango/connection-pages";
import { writeTags } from "@/lib/nango/connection-tags";
import { deleteConnection, findByAttempt, getConnection } from "@/lib/nango/connections";
import { nangoAnswers } from "@/lib/nango/health";
import { forgetIntegrationKeys, listIntegrationKeys } from "@/lib/nango/integrations";
import { callProvider } from "@/lib/nango/proxy";
import { createConnectSession, createReconnectSession, deleteSession } from "@/lib/nango/sessions";
import { type Relay, startRelay, type Trouble } from "@/tests/support/relay";
import { type Bench, startBench } from "./harness";

let bench: Bench;
let relay: Relay;
let target: { integrationKey: string; connectionId: string; token: string };

beforeAll(async () => {
  bench = await startBench();
  relay = await startRelay(bench.world.nango.host);
  const made = await bench.connect("github");
  target = { integrationKey: "github", connectionId: made.nangoId, token: made.token };
});
afterAll(async () => {
  await relay?.close();
  await bench?.close();
});

const tags = { end_user_id: "user_ada", connector: "github", attempt_id: "a", instance: "test" };

/** Every call that the product makes. Those that are asked by pages that go on without an answer have one of their own. */
const calls: Record<string, { make: () => Promise<unknown>; instead?: unknown; passesOn?: boolean }> = {
  "minting a session": { make: () => createConnectSession({ integrationKey: "github", tags }) },
  "minting a session to reconnect": {
    make: () => createReconnectSession({ integrationKey: "github", nangoConnectionId: target.connectionId, tags }),
  },
  "ending a session": { make: () => deleteSession(target.token) },
  "finding an attempt's connection": { make: () => findByAttempt("github", "11111111-1111-4111-8111-111111111111") },
  "reading a connection": { make: () => getConnection("github", target.connectionId) },
  "renewing a connection": { make: () => getConnection("github", target.connectionId, { forceRefresh: true }) },
  "deleting a connection": { make: () => deleteConnection("github", target.connectionId) },
  // What a provider says is passed on as it is, and nobody can tell whose page that is. No account is read from it.
  "testing a connection": {
    make: () => callProvider({ ...target, method: "GET", endpoint: "/user" }),
    passesOn: true,
  },
  "listing a page of connections": { make: () => listConnectionPage(0, 10) },
  "writing tags": { make: () => writeTags("github", target.connectionId, tags) },
  "listing integrations": { make: () => listIntegrationKeys(), instead: null },
  health: { make: () => nangoAnswers(), instead: false },
};

const json = (status: number, code: string, headers?: Record<string, string>): Trouble => ({
  kind: "answer",
  status,
  body: JSON.stringify({ error: { code, message: "canary-upstream" } }),
  ...(headers && { headers }),
});

const troubles: [string, Trouble | "refused", RegExp][] = [
  ["is not there", "refused", /^nango_unreachable$/],
  ["hangs up", { kind: "cut" }, /^nango_unreachable$/],
  ["says nothing", { kind: "silent" }, /^nango_timeout$/],
  ["answers 500", json(500, "server_error"), /^nango_unreachable$/],
  ["answers 429", json(429, "too_many_request", { "retry-after": "7" }), /^nango_rate_limited$/],
  ["answers garbage", { kind: "answer", status: 200, body: "<html>canary-upstream</html>" }, /^nango_invalid_answer$/],
];

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 1;
}

it("there are 72 cases", () => {
  expect(Object.keys(calls).length * troubles.length).toBe(72);
});

it("a key of ours that Nango no longer takes is our trouble, not the connection's", async () => {
  const { id, nangoId } = await bench.connect("openai");
  await bench.drain();
  process.env.NANGO_SECRET_KEY = "22222222-2222-4222-8222-222222222222";
  resetEnv();
  await expect(lookAt(id)).rejects.toBeInstanceOf(AppError);
  expect(await bench.rowOf(nangoId)).toMatchObject({ status: "connected" });
  process.env.NANGO_SECRET_KEY = bench.world.nango.apiKey;
  resetEnv();
});

describe.each(troubles)("while Nango %s", (_, trouble, code) => {
  beforeAll(async () => {
    process.env.NANGO_HOST = trouble === "refused" ? `http://127.0.0.1:${await closedPort()}` : relay.url;
    resetEnv();
    forgetIntegrationKeys();
    if (trouble !== "refused") relay.trouble(trouble);
  });
  afterAll(() => {
    relay.trouble({ kind: "none" });
    process.env.NANGO_HOST = bench.world.nango.host;
    resetEnv();
    forgetIntegrationKeys();
  });

  it.concurrent.each(Object.entries(calls))(
    "%s ends within 5 s with a clear code",
    async (_name, { make, instead, passesOn }) => {
      const begun = performance.now();
      const ended = await withDeadline(4_500, make).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      expect(performance.now() - begun).toBeLessThan(5_000);
      if (instead !== undefined) return expect(ended).toEqual({ value: instead });
      if (passesOn && "value" in ended && trouble !== "refused" && trouble.kind === "answer" && trouble.status === 200)
        return expect(ended.value).toMatchObject({ kind: "answer", status: 200, body: expect.any(String) });
      if (!("error" in ended)) expect.fail(`it was taken for an answer: ${JSON.stringify(ended.value)}`);
      expect(ended.error).toBeInstanceOf(AppError);
      expect((ended.error as AppError).code).toMatch(code);
      expect((ended.error as AppError).message).not.toMatch(/canary|ECONN|axios/i);
    },
  );
});
