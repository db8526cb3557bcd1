import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Stack, startStack } from "./harness";

let stack: Stack;
const ids: Record<string, string> = {};

beforeAll(async () => {
  stack = await startStack();
  await stack.oauthIntegration("github");
  await stack.oauthIntegration("notion");
  await stack.oauthIntegration("slack");
  for (const key of ["github", "notion", "slack"]) {
    ids[key] = await stack.consent(key, await stack.session({ tags: { a: "b" }, allowed_integrations: [key] }));
  }
  const typed: [string, string, object, Record<string, string>][] = [
    ["openai", "/api-auth/api-key", { apiKey: "sk-1" }, {}],
    ["google-gemini", "/api-auth/api-key", { apiKey: "g-1" }, {}],
    ["datadog", "/api-auth/api-key", { apiKey: "d-1" }, { siteParameter: "datadoghq.eu", applicationKey: "app-1" }],
    ["mixpanel", "/api-auth/basic", { username: "ada", password: "p:w" }, {}],
    [
      "aws-multi-service",
      "/api-auth/basic",
      { username: "AKIA1", password: "secret" },
      { service: "s3", region: "eu-west-1" },
    ],
  ];
  for (const [key, path, body, params] of typed) {
    await stack.integration(key);
    const token = await stack.session({ tags: { a: "b" }, allowed_integrations: [key] });
    ids[key] = (await stack.connect(`${path}/${key}`, token, body, params)).body.connectionId;
  }
  await stack.integration("private-api-generic", "circleci", {
    integration_config: {
      keyPlacement: "header",
      keyName: "Circle-Token",
      valueTemplate: `\${apiKey}`,
      baseUrl: "https://circleci.com/api/v2",
    },
  });
  const token = await stack.session({ tags: { a: "b" }, allowed_integrations: ["circleci"] });
  ids.circleci = (await stack.connect("/api-auth/api-key/circleci", token, { apiKey: "c-1" })).body.connectionId;
});
afterAll(() => stack.close());
beforeEach(() => stack.forget());

function proxy(key: string, endpoint: string, headers: Record<string, string> = {}, method = "GET", body?: unknown) {
  return stack.call(method, `/proxy${endpoint}`, body, undefined, {
    "provider-config-key": key,
    "connection-id": ids[key] ?? "",
    ...headers,
  });
}
const last = () => stack.provider.requests.at(-1);

describe("what the provider gets", () => {
  it("is the call with the connection's bearer token, at the provider's base URL", async () => {
    const answer = await stack.sdk.get({
      endpoint: "/user?page=2",
      providerConfigKey: "github",
      connectionId: ids.github as string,
    });
    expect(answer.data).toMatchObject({ login: "ada" });
    expect(last()).toMatchObject({ host: "api.github.com", path: "/user" });
    expect(last()?.query.get("page")).toBe("2");
    expect(last()?.headers.authorization).toMatch(/^Bearer access-/);
    expect(last()?.headers).not.toHaveProperty("provider-config-key");
  });

  it("keeps the path of a base URL: Slack's ends in /api already", async () => {
    await proxy("slack", "/chat.postMessage", {}, "POST", { channel: "C1", text: "hi" });
    expect(last()).toMatchObject({ host: "slack.com", path: "/api/chat.postMessage", method: "POST" });
    expect(JSON.parse(last()?.body ?? "")).toEqual({ channel: "C1", text: "hi" });
    expect(last()?.headers["content-type"]).toBe("application/json");
  });

  it.each([
    ["openai", "authorization", "Bearer sk-1"],
    ["datadog", "dd-application-key", "app-1"],
    ["notion", "notion-version", "2022-06-28"],
    ["mixpanel", "authorization", `Basic ${btoa("ada:p:w")}`],
    ["circleci", "circle-token", "c-1"],
  ])("has the headers that %s wants", async (key, header, value) => {
    await proxy(key, "/x");
    expect(last()?.headers[header]).toBe(value);
  });

  it("has the key in the query where the provider wants it there", async () => {
    await proxy("google-gemini", "/v1/models");
    expect(last()?.query.get("key")).toBe("g-1");
  });

  it("goes to the host that the connection's settings name", async () => {
    await proxy("datadog", "/v1/validate");
    expect(last()?.host).toBe("api.datadoghq.eu");
    await proxy("circleci", "/me");
    expect(last()).toMatchObject({ host: "circleci.com", path: "/api/v2/me" });
  });

  it("is signed for AWS", async () => {
    await proxy("aws-multi-service", "/bucket");
    expect(last()?.host).toBe("s3.eu-west-1.amazonaws.com");
    expect(last()?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA1\/\d{8}\/eu-west-1\/s3\/aws4_request/,
    );
  });

  it("has the headers marked for it, which win over the provider's own", async () => {
    await proxy("notion", "/v1/users/me", { "nango-proxy-notion-version": "2025-01-01", "nango-proxy-x-mine": "1" });
    expect(last()?.headers).toMatchObject({ "notion-version": "2025-01-01", "x-mine": "1" });
  });

  it("has placeholders filled with credentials, even through percent-encoding", async () => {
    await proxy("github", `/user?x=\${access_token}`);
    expect(last()?.query.get("x")).toMatch(/^access-/);
    await proxy("github", "/user?x=%24%7Baccess_token%7D");
    expect(last()?.query.get("x")).toMatch(/^access-/);
  });

  it("goes wherever Base-Url-Override says, token included", async () => {
    await proxy("github", "/steal", { "base-url-override": "https://elsewhere.test" });
    expect(last()).toMatchObject({ host: "elsewhere.test", path: "/steal" });
    expect(last()?.headers.authorization).toMatch(/^Bearer access-/);
  });
});

describe("what comes back", () => {
  it("is the provider's status and body, with hardly a header", async () => {
    const stop = stack.provider.handle(() => ({
      status: 201,
      body: { made: true },
      headers: { "x-request-id": "r1", "x-secret": "s" },
    }));
    const answer = await proxy("github", "/x", {}, "POST", {});
    stop();
    expect(answer).toMatchObject({ status: 201, body: { made: true } });
    expect(answer.headers.get("x-request-id")).toBe("r1");
    expect(answer.headers.has("x-secret")).toBe(false);
  });

  it("is the provider's own refusal, untouched", async () => {
    const stop = stack.provider.handle(() => ({ status: 404, body: { message: "Not Found" } }));
    const answer = await proxy("github", "/x");
    stop();
    expect(answer).toMatchObject({ status: 404, body: { message: "Not Found" } });
  });

  it("names Nango's own refusals by a code", async () => {
    expect(await proxy("nope", "/x", { "connection-id": "c" })).toMatchObject({
      status: 404,
      body: { error: { code: "unknown_provider_config" } },
    });
    expect(await proxy("github", "/x", { "connection-id": "nope" })).toMatchObject({
      status: 400,
      body: { error: { code: "server_error" } },
    });
    const headless = await stack.call("GET", "/proxy/x");
    expect(headless).toMatchObject({ status: 400, body: { error: { code: "invalid_headers" } } });
    expect(headless.body.error.errors.map((issue) => issue.path[0])).toEqual(["provider-config-key", "connection-id"]);
  });

  it("comes after as many tries as were asked for, on 5xx and 429, and none on 4xx", async () => {
    let left = 2;
    let stop = stack.provider.handle(() => (left-- > 0 ? { status: 503 } : undefined));
    expect((await proxy("github", "/user", { retries: "2" })).status).toBe(200);
    expect(stack.provider.requests).toHaveLength(3);
    stop();

    await stack.forget();
    stop = stack.provider.handle(() => ({ status: 429 }));
    expect((await proxy("github", "/user")).status).toBe(429);
    expect(stack.provider.requests).toHaveLength(1);
    stop();

    await stack.forget();
    stop = stack.provider.handle(() => ({ status: 404 }));
    await proxy("github", "/user", { retries: "3" });
    expect(stack.provider.requests).toHaveLength(1);
    await proxy("github", "/user", { retries: "1", "retry-on": "404" });
    expect(stack.provider.requests).toHaveLength(3);
    stop();
  });
});
