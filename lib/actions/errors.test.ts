import { describe, expect, it } from "vitest";
import { refusalIn, withoutAnswer } from "@/lib/actions/errors";
import { AppError } from "@/lib/errors";

/** Code, what to do, and whether the credentials are looked into. */
const met = (status: number, body: unknown = {}, retryAfter?: number) => {
  const refusal = refusalIn({ kind: "answer", status, body, ...(retryAfter !== undefined && { retryAfter }) }, false);
  return refusal && [refusal.error.code, refusal.error.details?.retry, refusal.doubtful];
};
const refused = (code: string) => {
  const refusal = refusalIn({ kind: "refused", code }, true);
  return refusal && [refusal.error.code, refusal.error.details?.retry, refusal.doubtful];
};

describe("a provider's answer", () => {
  it("is what was asked for when its status says so and nothing inside says otherwise", () => {
    for (const body of [
      { ok: true },
      { id: 1 },
      [],
      "text",
      "",
      null,
      undefined,
      { errors: [] },
      { error: "x" },
      { ok: false },
    ])
      expect(met(200, body), JSON.stringify(body)).toBeNull();
    expect(met(201)).toBeNull();
    expect(met(204, "")).toBeNull();
    // GraphQL: what could not be had stands beside what could.
    expect(met(200, { data: { issue: { id: 1 } }, errors: [{ message: "x" }] })).toBeNull();
  });

  it("becomes one of our codes by its status, with advice", () => {
    const table: [number, string, string, boolean][] = [
      [301, "provider_upstream", "later", false],
      [400, "provider_invalid", "no", false],
      [401, "provider_auth", "after_reconnect", true],
      [402, "provider_permission", "no", false],
      [403, "provider_permission", "no", false],
      [404, "provider_not_found", "no", false],
      [405, "provider_invalid", "no", false],
      [408, "provider_upstream", "later", false],
      [409, "provider_invalid", "no", false],
      [410, "provider_not_found", "no", false],
      [412, "provider_invalid", "no", false],
      [422, "provider_invalid", "no", false],
      [429, "provider_rate_limited", "later", false],
      [500, "provider_upstream", "later", false],
      [503, "provider_upstream", "later", false],
    ];
    for (const [status, ...expected] of table) expect(met(status), String(status)).toEqual(expected);
    expect(met(403, { message: "API rate limit exceeded" })?.[0]).toBe("provider_rate_limited");
  });

  it("becomes one of our codes by what it says with status 200", () => {
    const slack: [string, string][] = [
      ["invalid_auth", "provider_auth"],
      ["token_revoked", "provider_auth"],
      ["missing_scope", "provider_permission"],
      ["not_in_channel", "provider_permission"],
      ["channel_not_found", "provider_not_found"],
      ["ratelimited", "provider_rate_limited"],
      ["internal_error", "provider_upstream"],
      ["no_text", "provider_invalid"],
      ["<script>", "provider_invalid"],
    ];
    for (const [error, code] of slack) expect(met(200, { ok: false, error })?.[0], error).toBe(code);
    const graphql: [unknown, string][] = [
      [{ code: "AUTHENTICATION_ERROR" }, "provider_auth"],
      [{ code: "FORBIDDEN" }, "provider_permission"],
      [{ code: "RATELIMITED" }, "provider_rate_limited"],
      [{ code: "THROTTLED" }, "provider_rate_limited"],
      [{ code: "INTERNAL_SERVER_ERROR" }, "provider_upstream"],
      [{ code: "INPUT_ERROR" }, "provider_invalid"],
      [{}, "provider_invalid"],
      [undefined, "provider_invalid"],
    ];
    for (const [extensions, code] of graphql) {
      const errors = [{ message: "x", extensions }];
      expect(met(200, { errors })?.[0], JSON.stringify(extensions)).toBe(code);
      expect(met(200, { errors, data: null })?.[0]).toBe(code);
      expect(met(200, { errors, data: { issue: null } })?.[0]).toBe(code);
    }
  });

  it("says when to try again, as the provider does or else in half a minute", () => {
    const wait = (status: number, retryAfter?: number) =>
      refusalIn({ kind: "answer", status, body: {}, ...(retryAfter && { retryAfter }) }, false)?.error.retryAfter;
    expect([wait(429, 7), wait(429), wait(503), wait(404)]).toEqual([7, 30, 30, undefined]);
  });

  it("that speaks of a failure leaves open whether a change was made; any other refusal says that it was not", () => {
    const ofChange = (status: number, body: unknown = {}) => {
      const { error } = refusalIn({ kind: "answer", status, body, retryAfter: 7 }, true) ?? {};
      return [error?.code, error?.details, error?.retryAfter];
    };
    const unknown = (status: number) => [
      "provider_upstream",
      { retry: "no", outcome: "unknown", provider_status: status },
      undefined,
    ];
    for (const status of [301, 408, 500, 502, 503, 504])
      expect(ofChange(status), String(status)).toEqual(unknown(status));
    for (const error of ["fatal_error", "internal_error", "request_timeout", "service_unavailable"])
      expect(ofChange(200, { ok: false, error }), error).toEqual(unknown(200));
    const graphql = { errors: [{ message: "x", extensions: { code: "INTERNAL_SERVER_ERROR" } }], data: null };
    expect(ofChange(200, graphql)).toEqual(unknown(200));
    const busy = { retry: "later", provider_status: 429 };
    expect(ofChange(429)).toEqual(["provider_rate_limited", busy, 7]);
    expect(ofChange(422)[1]).toEqual({ retry: "no", provider_status: 422 });
    expect(ofChange(401)[1]).toEqual({ retry: "after_reconnect", provider_status: 401 });
  });

  it("never lends us its words", () => {
    const secret = "sk-canary and <script>";
    for (const status of [200, 400, 401, 403, 404, 429, 500]) {
      const refusal = refusalIn({ kind: "answer", status, body: { ok: false, error: secret, message: secret } }, false);
      const { message, details } = refusal?.error ?? {};
      expect(JSON.stringify({ message, details })).not.toContain("canary");
      expect(refusal?.error.details?.provider_status).toBe(status);
    }
  });
});

describe("a call that Nango did not pass on", () => {
  it("says whose turn it is", () => {
    expect(refused("invalid_credentials")).toEqual(["provider_auth", "after_reconnect", true]);
    expect(refused("connection_refresh_backoff")).toEqual(["provider_auth", "after_reconnect", true]);
    expect(refused("unknown_connection")).toEqual(["connection_gone", undefined, true]);
    expect(refused("not_found")).toEqual(["connection_gone", undefined, true]);
    expect(refused("unknown_provider_config")).toEqual(["connector_not_configured", undefined, false]);
    expect(refused("server_error")).toEqual(["provider_upstream", "later", true]);
    expect(refused("something_new")).toEqual(["provider_upstream", "later", false]);
    expect(() => refused("unsafe_call")).toThrow(expect.objectContaining({ code: "misconfigured" }));
  });

  it("is not to be sent again unseen when it may have changed something", () => {
    for (const code of ["nango_timeout", "nango_invalid_answer", "direct_unreachable"] as const) {
      const cause = new AppError(code);
      expect(withoutAnswer(cause, false)).toMatchObject({
        code: "provider_upstream",
        retryAfter: 30,
        details: { retry: "later" },
      });
      const writing = withoutAnswer(cause, true) as AppError;
      expect(writing).toMatchObject({ code: "provider_upstream", details: { retry: "no", outcome: "unknown" } });
      expect(writing.retryAfter).toBeUndefined();
    }
    const unreached = new AppError("nango_unreachable", { retryAfter: 5 });
    expect(withoutAnswer(unreached, false)).toBe(unreached);
    const writing = withoutAnswer(unreached, true) as AppError;
    expect([writing.code, writing.details]).toEqual(["nango_unreachable", { retry: "no", outcome: "unknown" }]);
    // Whoever reads a time to come back at comes back.
    expect(writing.retryAfter).toBeUndefined();
    const disabled = new AppError("nango_disabled");
    expect(withoutAnswer(disabled, true)).toBe(disabled);
    const fault = new TypeError("x");
    expect(withoutAnswer(fault, true)).toBe(fault);
  });
});
