import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContext, FrameLocator, Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Frames, startFrames, type Visit } from "./frame";
import { type Stack, startStack } from "./harness";

let stack: Stack;
let frames: Frames;
let visit: Visit;
let context: BrowserContext;
let page: Page;
let frame: FrameLocator;

beforeAll(async () => {
  stack = await startStack();
  await stack.oauthIntegration("github", "github", "repo");
  await stack.integration("openai", "openai", { display_name: "OpenAI" });
  await stack.integration("tableau", "tableau", { display_name: "Tableau" });
  await stack.integration("aws-sigv4", "s3", { display_name: "Amazon S3", integration_config: { service: "s3" } });
  frames = await startFrames(stack);
});

afterAll(async () => {
  await frames?.close();
  await stack?.close();
});

beforeEach(async () => {
  await stack.forget();
  visit = await frames.visit();
  ({ context, page, frame } = visit);
});
afterEach(async () => {
  await visit.close();
  expect(visit.errors).toEqual([]);
});

const mint = (...allowed: string[]) => stack.session({ tags: { end_user_id: "u1" }, allowed_integrations: allowed });
const openFrame: Visit["openFrame"] = (...given) => visit.openFrame(...given);
const connectButton = () => visit.connectButton();
const events = () => visit.events();
const openSignIn = () => visit.openSignIn();

describe("in a frame", () => {
  it("connects through a consent page in a window, and tells the page around", async () => {
    await openFrame(await mint("github"));
    const popup = await openSignIn();
    await popup.getByRole("link", { name: "Allow" }).click();
    await frame.getByRole("heading", { name: /is connected/ }).waitFor();
    await expect.poll(() => popup.isClosed()).toBe(true);
    await frame.getByRole("button", { name: "Finish" }).click();
    await page.locator("#connect-ui").waitFor({ state: "detached" });
    expect(await events()).toEqual([
      { type: "ready" },
      { type: "connect", payload: { connectionId: expect.any(String), providerConfigKey: "github" } },
      { type: "close" },
    ]);
  });

  it("says that consent was denied, and lets the person try again in place", async () => {
    await openFrame(await mint("github"));
    await (await openSignIn()).getByRole("link", { name: "Deny" }).click();
    await frame.getByRole("alert").getByText("did not grant access").waitFor();
    expect((await events()).at(-1)).toMatchObject({ type: "error", payload: { errorType: "callback_err" } });
    await (await openSignIn()).getByRole("link", { name: "Allow" }).click();
    await frame.getByRole("heading", { name: /is connected/ }).waitFor();
  });

  it("says that the window was blocked, and offers a tab that works", async () => {
    await page.addInitScript(() => {
      window.open = () => null;
    });
    await openFrame(await mint("github"));
    await connectButton().click();
    await frame.getByRole("heading", { name: "The window was blocked" }).waitFor();
    expect((await events()).at(-1)?.payload?.errorType).toBe("blocked_by_browser");
    const [tab] = await Promise.all([
      context.waitForEvent("page"),
      frame.getByRole("link", { name: "Open in a tab" }).click(),
    ]);
    await tab.getByRole("link", { name: "Allow" }).click();
    await frame.getByRole("heading", { name: /is connected/ }).waitFor();
  });

  it("keeps what was typed when the provider does not accept it", async () => {
    const stop = stack.provider.handle(({ path, headers }) =>
      path === "/v1/models" && headers.authorization !== "Bearer good" ? { status: 401 } : undefined,
    );
    await openFrame(await mint("openai"));
    await frame.getByLabel("API Key").fill("wrong");
    await connectButton().click();
    await frame.getByRole("alert").getByText("did not accept these details").waitFor();
    expect((await events()).at(-1)?.payload?.errorType).toBe("connection_test_failed");
    expect(await frame.getByLabel("API Key").inputValue()).toBe("wrong");
    await frame.getByLabel("API Key").fill("good");
    await connectButton().click();
    await frame.getByRole("heading", { name: "OpenAI is connected" }).waitFor();
    stop();
  });

  it("asks for every field that the provider needs, and points at what is missing or misshapen", async () => {
    const stop = stack.provider.handle(({ path }) =>
      path.endsWith("/auth/signin") ? { body: { credentials: { token: "t" } } } : undefined,
    );
    await openFrame(await mint("tableau"));
    await frame.getByLabel("HostName").fill("not a host");
    await connectButton().click();
    await frame.getByText("does not look like a valid HostName").waitFor();
    expect(await frame.getByText("This is needed.").count()).toBe(3);
    await frame.getByLabel("HostName").fill("https://dub01.online.tableau.com/");
    await frame.getByLabel("API Version").fill("3.26");
    await frame.getByLabel("Personal Access Token", { exact: true }).fill("name");
    await frame.getByLabel("Personal Access Token Secret").fill("secret");
    await connectButton().click();
    await frame.getByRole("heading", { name: "Tableau is connected" }).waitFor();
    stop();
  });

  it("lists what may be connected when that is more than one", async () => {
    await openFrame(await mint("github", "openai"));
    await frame.getByRole("button", { name: "OpenAI" }).click();
    await frame.getByRole("button", { name: "Back to the list" }).click();
    expect(await frame.getByRole("listitem").count()).toBe(2);
  });

  it("says so when no token comes for ten seconds", async () => {
    await page.clock.install();
    await openFrame("");
    await frame.getByRole("heading", { name: "Getting ready" }).waitFor();
    await page.clock.fastForward(10_500);
    await frame.getByRole("heading", { name: "This took too long" }).waitFor();
  });

  it("says itself that the session has expired: the page around hears only that it is ready", async () => {
    const token = await mint("github");
    await stack.control("POST", "/sessions/expire");
    await openFrame(token);
    await frame.getByRole("heading", { name: "This has expired" }).waitFor();
    expect(await events()).toEqual([{ type: "ready" }]);
  });

  it("closes by Escape, and not by a stray click once something was typed", async () => {
    await openFrame(await mint("openai"));
    await frame.getByLabel("API Key").fill("half a key");
    await frame.locator("#backdrop").click({ position: { x: 5, y: 5 } });
    expect(await frame.getByLabel("API Key").inputValue()).toBe("half a key");
    // The frame goes away under the key, and then nobody may be left to answer for its release.
    const pressed = page.keyboard.press("Escape").catch(() => {});
    await page.locator("#connect-ui").waitFor({ state: "detached" });
    expect((await events()).at(-1)).toEqual({ type: "close" });
    await Promise.race([pressed, new Promise((resolve) => setTimeout(resolve, 500))]);
  });
});

describe("in a tab of its own", () => {
  async function openLink(token: string, more = "") {
    await page.goto(`${stack.nango.connectUrl}/?session_token=${token}${more}`);
  }

  it("connects as well", async () => {
    await openLink(await mint("openai"), `&apiURL=${stack.nango.host}`);
    await page.getByLabel("API Key").fill("k");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByRole("heading", { name: "OpenAI is connected" }).waitFor();
  });

  it("says what is missing from a link without apiURL", async () => {
    await openLink(await mint("openai"));
    await page.getByRole("heading", { name: "This link is incomplete" }).waitFor();
  });

  it.each(["light", "dark"])("has nothing that axe would find, %s", async (theme) => {
    for (const keys of [["s3"], ["github", "openai"]]) {
      await openLink(await mint(...keys), `&apiURL=${stack.nango.host}&theme=${theme}`);
      await page.getByRole("heading", { name: keys.length > 1 ? "Choose" : "Connect " }).waitFor();
      const found = await new AxeBuilder({ page }).analyze();
      expect(found.violations.map((violation) => `${keys}: ${violation.id}`)).toEqual([]);
    }
    await openLink(await mint("tableau"), `&apiURL=${stack.nango.host}&theme=${theme}`);
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByText("This is needed.").first().waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  });
});
