import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Stack, startStack } from "./harness";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.oauthIntegration("github");
  await stack.oauthIntegration("sentry-oauth", "sentry");
});
afterAll(() => stack.close());
beforeEach(() => stack.forget());

const anybody = (...allowed: string[]) => stack.session({ tags: { end_user_id: "u1" }, allowed_integrations: allowed });

describe("connections that must still be approved", () => {
  it("are pending to the frame, unknown to the app, and told as a creation once approved", async () => {
    await stack.control("PATCH", "/settings", { pendingIntegrations: ["github"] });
    const { allow } = await stack.openConsent("github", await anybody("github"));
    await fetch(allow);
    await stack.control("PATCH", "/settings", { pendingIntegrations: [] });
    const outcome = await stack.outcomeOf("flow");
    expect(outcome).toMatchObject({ success: true, isPending: true });
    expect(await stack.webhooks(0, 80)).toEqual([]);
    const before = await stack.sdk.getConnection("github", outcome.connectionId);
    expect(before.credentials).toEqual({ type: "OAUTH2" });
    await stack.control("POST", `/connections/${outcome.connectionId}/approve`);
    expect((await stack.webhooks(1))[0]?.body).toMatchObject({ operation: "creation", success: true });
    const after = await stack.sdk.getConnection("github", outcome.connectionId);
    expect(after.credentials).toMatchObject({ access_token: expect.stringMatching(/^access-/) });
  });

  it("get their token from the webhook of an installation", async () => {
    const { environmentUuid } = await stack.control("GET", "/state");
    const { body } = await stack.connect(
      "/auth/oauth-outbound/sentry",
      await anybody("sentry"),
      {},
      { hostname: "sentry.io", actor: "17" },
    );
    expect(body.isPending).toBeUndefined();
    const stop = stack.provider.handle(({ path }) =>
      path.includes("/authorizations/") ? { body: { access_token: "installed", expires_in: 3600 } } : undefined,
    );
    await fetch(`${stack.nango.host}/webhook/${environmentUuid}/sentry`, {
      method: "POST",
      headers: { "sentry-hook-resource": "installation" },
      body: JSON.stringify({
        action: "created",
        actor: { id: 17 },
        data: { installation: { code: "c", uuid: "00000000-0000-4000-8000-000000000001" } },
      }),
    });
    stop();
    const connection = await stack.sdk.getConnection("sentry", body.connectionId);
    expect(connection.credentials).toMatchObject({ access_token: "installed" });
    expect(connection.connection_config).not.toHaveProperty("pending");
  });
});
