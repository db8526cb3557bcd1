import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { POST as act } from "@/app/api/v1/connectors/[slug]/[action]/route";
import type { RouteShape } from "@/lib/api/operation";
import { AppError, type ErrorCode, type ErrorDetails } from "@/lib/errors";
import { route } from "@/lib/http";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

/** Which errors are the answer for a day, under the same Idempotency-Key. */

/**
 * Every code: kept is what is wrong with the request itself. What somebody can mend, what passes, and what depends on how
 * things stand is tried again: it did nothing the first time.
 */
const table: Record<ErrorCode, "kept" | "tried again"> = {
  invalid_json: "kept",
  invalid_request: "kept",
  unsupported_media_type: "kept",
  payload_too_large: "kept",
  unknown_connector: "kept",
  unknown_scope: "kept",
  action_unknown: "kept",
  action_invalid_input: "kept",
  operation_unsupported: "kept",
  host_not_allowed: "kept",
  provider_invalid: "kept",
  method_not_allowed: "tried again",
  rate_limited: "tried again",
  idempotency_mismatch: "tried again",
  idempotency_running: "tried again",
  idempotency_spent: "tried again",
  unauthenticated: "tried again",
  forbidden: "tried again",
  cross_site_request: "tried again",
  insufficient_scope: "tried again",
  not_a_member: "tried again",
  owner_mismatch: "tried again",
  not_found: "tried again",
  connection_config_required: "tried again",
  connector_unavailable: "tried again",
  connector_not_configured: "tried again",
  connector_blocked: "tried again",
  attempt_finished: "tried again",
  connection_not_ready: "tried again",
  connection_mismatch: "tried again",
  connection_disconnected: "tried again",
  connection_gone: "tried again",
  link_finished: "tried again",
  too_many_links: "tried again",
  redirect_not_allowed: "tried again",
  not_renewable: "tried again",
  too_many_keys: "tried again",
  signed_in_by_other: "tried again",
  sign_in_under_way: "tried again",
  undo_expired: "tried again",
  connection_needed: "tried again",
  connection_choice: "tried again",
  connection_needs_attention: "tried again",
  provider_auth: "tried again",
  provider_permission: "tried again",
  provider_not_found: "tried again",
  provider_rate_limited: "tried again",
  provider_upstream: "tried again",
  panora_not_configured: "tried again",
  invalid_signature: "tried again",
  webhooks_not_configured: "tried again",
  cron_not_configured: "tried again",
  nango_unreachable: "tried again",
  nango_timeout: "tried again",
  nango_rate_limited: "tried again",
  nango_rejected: "tried again",
  nango_invalid_answer: "tried again",
  direct_unreachable: "tried again",
  nango_disabled: "tried again",
  direct_not_configured: "tried again",
  database_unavailable: "tried again",
  auth_unavailable: "tried again",
  misconfigured: "tried again",
  internal: "tried again",
};
const codes = Object.keys(table) as ErrorCode[];

let server: Server;
let ada: SignedIn;
let go: ReturnType<typeof journeyOf>;

beforeAll(async () => {
  server = await startServer({ RATE_LIMITS: JSON.stringify({ key: 10_000, person: 10_000, owner: 10_000 }) });
  ada = await server.signIn("ada@acme.test", "acme");
  go = journeyOf(server);
});
afterAll(() => server?.close());

let fault: AppError | null = null;
beforeEach(() => {
  fault = null;
});
const shape = {
  ...{ scope: "connections:write", body: z.strictObject({}), answer: z.object({}), status: 200, idempotent: true },
} satisfies RouteShape;
const deed = route(shape, async () => {
  if (fault) throw fault;
  return {};
});
const send = (key: string) =>
  server.call(deed, "/api/v1/deeds", { as: ada, body: {}, headers: { "idempotency-key": key } });

/** Whether what comes after this error is that error once more. */
async function fateOf(error: AppError): Promise<"kept" | "tried again"> {
  const key = randomUUID();
  fault = error;
  expect((await send(key)).json.error.code).toBe(error.code);
  fault = null;
  const second = await send(key);
  if (second.status === 200) return "tried again";
  expect([second.json.error.code, second.headers.get("idempotent-replayed")]).toEqual([error.code, "true"]);
  expect(second.json.error.request_id).toBe(second.headers.get("x-request-id"));
  return "kept";
}

describe("an error", () => {
  it("is kept or not as the table says, for every code", async () => {
    const found: Record<string, string> = {};
    for (const code of codes) found[code] = await fateOf(new AppError(code));
    expect(found).toEqual(table);
  });

  it("that says what helps, or when, is tried again whatever its code; one of unknown outcome never", async () => {
    const hints: ErrorDetails[] = [
      { next_step: "connect" },
      { choices: [] },
      { retry: "later" },
      { retry: "after_reconnect" },
    ];
    for (const details of hints)
      expect(await fateOf(new AppError("provider_invalid", { details })), JSON.stringify(details)).toBe("tried again");
    expect(await fateOf(new AppError("provider_invalid", { retryAfter: 1 }))).toBe("tried again");
    expect(await fateOf(new AppError("provider_invalid", { details: { retry: "no" } }))).toBe("kept");
    for (const code of codes)
      expect(await fateOf(new AppError(code, { retryAfter: 1, details: { outcome: "unknown" } })), code).toBe("kept");
  });
});

it("an action that wanted an account first runs under the same Idempotency-Key once it is connected", async () => {
  const run = (key: string) =>
    server.call(act, "/api/v1/connectors/openai/list_models", {
      ...{ as: ada, method: "POST", params: { slug: "openai", action: "list_models" }, body: {} },
      headers: { "idempotency-key": key },
    });
  const key = randomUUID();
  for (let n = 0; n < 2; n++) {
    const { json, headers } = await run(key);
    expect([json.error.code, headers.has("idempotent-replayed")]).toEqual(["connection_needed", false]);
  }
  await go.connect(ada);
  expect((await run(key)).status).toBe(200);
  const again = await run(key);
  expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
});
