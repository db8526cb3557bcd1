import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Frames, startFrames, type Visit } from "./frame";
import { type Stack, startStack } from "./harness";

let stack: Stack;
let frames: Frames;
let visit: Visit;

beforeAll(async () => {
  stack = await startStack();
  await stack.oauthIntegration("github", "github", "repo");
  await stack.integration("openai", "openai", { display_name: "OpenAI" });
  await stack.integration("private-api-basic", "basic", { display_name: "Basic" });
  await stack.integration("tableau", "tableau", { display_name: "Tableau" });
  stack.provider.handle(({ path, body }) =>
    path.endsWith("/auth/signin")
      ? { body: { credentials: { token: body.includes("new") ? "t2" : "t1" } } }
      : undefined,
  );
  frames = await startFrames(stack);
});

afterAll(async () => {
  await frames?.close();
  await stack?.close();
});
beforeEach(async () => {
  await stack.forget();
  visit = await frames.visit();
});
afterEach(async () => {
  await visit.close();
  expect(visit.errors).toEqual([]);
});

const TABLEAU = { type: "TWO_STEP", pat: "name", secret: "secret", contentUrl: "acme" };
const SETTINGS = { hostname: "dub01.online.tableau.com", version: "3.26" };

/** Connects without a browser, and gives the connection and a session to reconnect it. */
async function connected(key: string): Promise<{ id: string; token: string }> {
  const first = await stack.session({ tags: { end_user_id: "u1" }, allowed_integrations: [key] });
  const typed: Record<string, [string, object, Record<string, string>?]> = {
    openai: ["/api-auth/api-key", { apiKey: "old" }],
    basic: ["/api-auth/basic", { username: "ada", password: "old" }],
    tableau: ["/auth/two-step", TABLEAU, SETTINGS],
  };
  const [path, body, params] = typed[key] ?? [];
  const id = path
    ? (await stack.connect(`${path}/${key}`, first, body, params)).body.connectionId
    : await stack.consent(key, first);
  if (!id) throw new Error(`${key} could not be connected`);
  await stack.webhooks(1);
  await stack.forget();
  const tags = { end_user_id: "u1", attempt_id: "again" };
  return { id, token: await stack.reconnectSession({ connection_id: id, integration_id: key, tags }) };
}
const credentials = async (id: string, key: string) =>
  (await stack.call("GET", `/connections/${id}?provider_config_key=${key}`)).body.credentials;

async function expectOverride(id: string, key: string) {
  await visit.frame.getByRole("heading", { name: /is connected/ }).waitFor();
  expect(await visit.events()).toContainEqual({
    type: "connect",
    payload: { connectionId: id, providerConfigKey: key },
  });
  const [hook] = await stack.webhooks(1);
  expect(hook?.body).toMatchObject({ operation: "override", connectionId: id, tags: { attempt_id: "again" } });
}

describe("a frame opened with a reconnect session shows its one integration at once, and renews", () => {
  it("a sign-in at the provider", async () => {
    const { id, token } = await connected("github");
    const before = await credentials(id, "github");
    await visit.openFrame(token);
    await visit.frame.getByRole("heading", { name: /^Reconnect GitHub/ }).waitFor();
    expect(await visit.frame.getByRole("listitem").count()).toBe(0);
    await (await visit.openSignIn()).getByRole("link", { name: "Allow" }).click();
    await expectOverride(id, "github");
    expect((await credentials(id, "github")).access_token).not.toBe(before.access_token);
  });

  it("an API key", async () => {
    const { id, token } = await connected("openai");
    await visit.openFrame(token);
    await visit.frame.getByRole("heading", { name: "Reconnect OpenAI" }).waitFor();
    expect(await visit.frame.getByLabel("API Key").inputValue()).toBe("");
    await visit.frame.getByLabel("API Key").fill("new");
    await visit.connectButton().click();
    await expectOverride(id, "openai");
    expect((await credentials(id, "openai")).apiKey).toBe("new");
  });

  it("a user name and password", async () => {
    const { id, token } = await connected("basic");
    await visit.openFrame(token);
    await visit.frame.getByRole("heading", { name: "Reconnect Basic" }).waitFor();
    await visit.frame.getByLabel(/user ?name/i).fill("ada");
    await visit.frame.getByLabel(/password/i).fill("new");
    await visit.connectButton().click();
    await expectOverride(id, "basic");
    expect(await credentials(id, "basic")).toMatchObject({ username: "ada", password: "new" });
  });

  it("a two-step sign-in, whose settings must be typed in again", async () => {
    const { id, token } = await connected("tableau");
    await visit.openFrame(token);
    await visit.frame.getByRole("heading", { name: "Reconnect Tableau" }).waitFor();
    expect(await visit.frame.getByLabel("HostName").inputValue()).toBe("");
    await visit.frame.getByLabel("HostName").fill("eu.online.tableau.com");
    await visit.frame.getByLabel("API Version").fill("3.27");
    await visit.frame.getByLabel("Personal Access Token", { exact: true }).fill("name");
    await visit.frame.getByLabel("Personal Access Token Secret").fill("new");
    await visit.connectButton().click();
    await expectOverride(id, "tableau");
    expect((await credentials(id, "tableau")).token).toBe("t2");
  });
});

describe("a reconnect in a frame that leads nowhere", () => {
  it("says that consent was denied, and the old credential goes on", async () => {
    const { id, token } = await connected("github");
    const before = await credentials(id, "github");
    await visit.openFrame(token);
    await (await visit.openSignIn()).getByRole("link", { name: "Deny" }).click();
    await visit.frame.getByRole("alert").getByText("did not grant access").waitFor();
    expect((await visit.events()).at(-1)).toMatchObject({ type: "error", payload: { errorType: "callback_err" } });
    expect(await credentials(id, "github")).toEqual(before);
  });

  it("is closed, and nothing has happened", async () => {
    const { id, token } = await connected("openai");
    await visit.openFrame(token);
    await visit.frame.getByLabel("API Key").fill("half");
    await visit.frame.getByRole("button", { name: "Close" }).click();
    await visit.page.locator("#connect-ui").waitFor({ state: "detached" });
    expect((await visit.events()).map(({ type }) => type)).toEqual(["ready", "close"]);
    expect((await credentials(id, "openai")).apiKey).toBe("old");
    expect(await stack.webhooks(0)).toEqual([]);
  });

  it("says so when the connection is gone by then", async () => {
    const { id, token } = await connected("openai");
    await visit.openFrame(token);
    await visit.frame.getByLabel("API Key").fill("new");
    await stack.control("POST", `/connections/${id}/vanish`);
    await visit.connectButton().click();
    await visit.frame.getByRole("alert").waitFor();
    expect(await stack.webhooks(0)).toEqual([]);
  });
});
