import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type FrameLocator, type Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findChromium } from "@/scripts/test/chromium";
import { type Stack, startStack } from "./harness";

/** The Connect UI in a real browser, in a frame that the real @nangohq/frontend opens. */

interface FrameEvent {
  type: string;
  payload?: { errorType?: string; connectionId?: string; providerConfigKey?: string };
}

let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let frame: FrameLocator;
let host: Server;
let errors: string[] = [];

const sdkFolder = dirname(createRequire(import.meta.url).resolve("@nangohq/frontend"));

/** A page such as a customer's: a button that opens the Connect UI, and hands it the token when told. */
function hostPage(connectUrl: string, apiUrl: string): string {
  return `<!doctype html><html lang="en"><title>Host</title><main><h1>Host</h1><button id="open">Open</button></main>
<script type="module">
import Nango from "/sdk/index.js";
window.events = [];
const query = new URLSearchParams(location.search);
document.getElementById("open").onclick = () => {
  window.ui = new Nango().openConnectUI({
    baseURL: ${JSON.stringify(connectUrl)}, apiURL: ${JSON.stringify(apiUrl)}, lang: "en",
    themeOverride: query.get("theme") ?? undefined, onEvent: (event) => window.events.push(event),
  });
  if (query.get("token")) setTimeout(() => window.ui.setSessionToken(query.get("token")), 50);
};
</script></html>`;
}

beforeAll(async () => {
  stack = await startStack();
  await stack.oauthIntegration("github", "github", "repo");
  await stack.integration("openai", "openai", { display_name: "OpenAI" });
  await stack.integration("tableau", "tableau", { display_name: "Tableau" });
  await stack.integration("aws-sigv4", "s3", { display_name: "Amazon S3", integration_config: { service: "s3" } });
  host = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://host.test");
    const script = pathname.startsWith("/sdk/") ? readFileSync(join(sdkFolder, pathname.slice(5))) : null;
    response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" });
    response.end(script ?? hostPage(stack.nango.connectUrl, stack.nango.host));
  });
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  const executablePath = findChromium();
  browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ["--no-sandbox"] });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  host?.close();
  await stack?.close();
});

beforeEach(async () => {
  await stack.forget();
  errors = [];
  context = await browser.newContext();
  context.setDefaultTimeout(8_000);
  context.on("page", (opened) => {
    opened.on("pageerror", (error) => errors.push(error.message));
    opened.on("console", (message) => {
      // Refused calls are what some tests are about, and Chromium prints each as an error.
      if (message.type() === "error" && !/status of 40[01]/.test(message.text())) errors.push(message.text());
    });
  });
  page = await context.newPage();
  frame = page.frameLocator("#connect-ui");
});
afterEach(async () => {
  await context.close();
  expect(errors).toEqual([]);
});

const mint = (...allowed: string[]) => stack.session({ tags: { end_user_id: "u1" }, allowed_integrations: allowed });

async function openFrame(token: string, theme = "light") {
  const { port } = host.address() as AddressInfo;
  await page.goto(`http://localhost:${port}/?token=${token}&theme=${theme}`);
  await page.getByRole("button", { name: "Open" }).click();
}
const connectButton = () => frame.getByRole("button", { name: "Connect", exact: true });
const events = () => page.evaluate(() => (window as unknown as { events: FrameEvent[] }).events);

async function openSignIn(): Promise<Page> {
  const [popup] = await Promise.all([context.waitForEvent("page"), connectButton().click()]);
  return popup;
}

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
