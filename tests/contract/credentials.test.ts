import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Stack, startStack } from "./harness";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  for (const key of ["openai", "sendgrid", "twilio", "tableau", "databricks-workspace", "azure-devops"]) {
    await stack.integration(key);
  }
  await stack.integration("aws-sigv4", "s3", { integration_config: { service: "s3", defaultRegion: "eu-west-1" } });
});
afterAll(() => stack.close());
beforeEach(() => stack.forget());

const session = (key: string) => stack.session({ tags: { end_user_id: "u1" }, allowed_integrations: [key] });

describe("details that a person types in", () => {
  it("are tried at the provider where the catalogue has a call for it", async () => {
    const stop = stack.provider.handle(({ path, headers }) =>
      path === "/v1/models" ? { status: headers.authorization === "Bearer good" ? 200 : 401 } : undefined,
    );
    const token = await session("openai");
    const refused = await stack.connect("/api-auth/api-key/openai", token, { apiKey: "wrong" });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "connection_test_failed" } } });
    const taken = await stack.connect("/api-auth/api-key/openai", token, { apiKey: "good" });
    stop();
    expect(taken.status).toBe(200);
    // A refused key is told to the person alone.
    expect((await stack.webhooks(1)).map((hook) => hook.body.success)).toEqual([true]);
  });

  it("are taken as they are where it has none", async () => {
    const answer = await stack.connect("/api-auth/api-key/sendgrid", await session("sendgrid"), { apiKey: "anything" });
    expect(answer.status).toBe(200);
    expect(stack.provider.requests).toHaveLength(0);
  });

  it("leave a connection as it was when a reconnect with them is refused", async () => {
    const made = await stack.connect("/api-auth/api-key/openai", await session("openai"), { apiKey: "first" });
    const id = made.body.connectionId;
    const stop = stack.provider.handle(() => ({ status: 401 }));
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "openai" });
    expect((await stack.connect("/api-auth/api-key/openai", token, { apiKey: "second" })).status).toBe(400);
    stop();
    const connection = await stack.sdk.getConnection("openai", id);
    expect(connection.credentials).toMatchObject({ apiKey: "first" });
    expect(connection.tags).toEqual({ end_user_id: "u1" });
  });

  it("are refused at the endpoint of another kind", async () => {
    const answer = await stack.connect("/api-auth/basic/openai", await session("openai"), {
      username: "u",
      password: "p",
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_auth_mode" } } });
  });

  it("may be an empty user name with a password", async () => {
    const answer = await stack.connect(
      "/api-auth/basic/azure-devops",
      await session("azure-devops"),
      { username: "", password: "pat" },
      { organizationUrl: "dev.azure.com/acme" },
    );
    expect(answer.status).toBe(200);
  });
});

describe("signing in in two steps", () => {
  const typed = { pat: "name", secret: "s3cret", contentUrl: "acme" };
  const settings = { hostname: "dub01.online.tableau.com", version: "3.26" };

  it("exchanges the details for a session token at the provider, and keeps when it ends", async () => {
    const stop = stack.provider.handle(({ path }) =>
      path.endsWith("/auth/signin")
        ? { body: { credentials: { token: "session-1", estimatedTimeToExpiration: "01:00:00" } } }
        : undefined,
    );
    const { body } = await stack.connect("/auth/two-step/tableau", await session("tableau"), typed, settings);
    const [signIn] = stack.provider.requests;
    expect(signIn).toMatchObject({ host: "dub01.online.tableau.com", path: "/api/3.26/auth/signin" });
    expect(JSON.parse(signIn?.body ?? "")).toEqual({
      credentials: {
        personalAccessTokenName: "name",
        personalAccessTokenSecret: "s3cret",
        site: { contentUrl: "acme" },
      },
    });
    const connection = await stack.sdk.getConnection("tableau", body.connectionId);
    expect(connection.credentials).toMatchObject({ type: "TWO_STEP", token: "session-1" });
    const ends = Date.parse(String((connection.credentials as { expires_at?: unknown }).expires_at));
    expect(Math.abs(ends - Date.now() - 3_600_000)).toBeLessThan(60_000);
    await stack.sdk.get({ endpoint: "/sites", providerConfigKey: "tableau", connectionId: body.connectionId });
    expect(stack.provider.requests.at(-1)?.headers["x-tableau-auth"]).toBe("session-1");
    stop();
  });

  it("is refused when the provider refuses", async () => {
    const stop = stack.provider.handle(() => ({ status: 401, body: {} }));
    const answer = await stack.connect("/auth/two-step/tableau", await session("tableau"), typed, settings);
    stop();
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "two_step_credentials_fetch_error" } } });
  });
});

describe("client credentials", () => {
  it("are exchanged for a token, and again when it ends", async () => {
    const { body } = await stack.connect(
      "/oauth2/auth/databricks-workspace",
      await session("databricks-workspace"),
      { client_id: "id", client_secret: "secret" },
      { databricksInstance: "dbc-1.cloud.databricks.com" },
    );
    const [exchange] = stack.provider.requests;
    expect(exchange).toMatchObject({ host: "dbc-1.cloud.databricks.com", path: "/oidc/v1/token" });
    expect(Object.fromEntries(exchange?.form ?? [])).toMatchObject({
      grant_type: "client_credentials",
      client_id: "id",
    });
    await stack.control("POST", `/connections/${body.connectionId}/expire`);
    const connection = await stack.sdk.getConnection("databricks-workspace", body.connectionId);
    expect(connection.credentials).toMatchObject({ type: "OAUTH2_CC", token: expect.stringMatching(/^access-/) });
    expect(stack.provider.requests).toHaveLength(2);
  });
});

describe("AWS", () => {
  it("takes a role and gives keys that end", async () => {
    const { body } = await stack.connect("/auth/aws-sigv4/s3", await session("s3"), {
      role_arn: "arn:aws:iam::123456789012:role/Access",
    });
    const connection = await stack.sdk.getConnection("s3", body.connectionId);
    expect(connection.credentials).toMatchObject({ type: "AWS_SIGV4", region: "eu-west-1", service: "s3" });
  });
  it("refuses what is no role", async () => {
    const answer = await stack.connect("/auth/aws-sigv4/s3", await session("s3"), { role_arn: "nonsense" });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "aws_sigv4_sts_request_failed" } } });
  });
});
