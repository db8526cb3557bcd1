import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { chromium, type Page } from "@playwright/test";
import { findChromium } from "@/scripts/test/chromium";
import type { Stack } from "./harness";

/** The Connect UI in a real browser, in a frame that the real @nangohq/frontend opens. */

interface FrameEvent {
  type: string;
  payload?: { errorType?: string; connectionId?: string; providerConfigKey?: string };
}

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

/** Starts a browser and the customer's page for a stand-in. */
export async function startFrames(stack: Stack) {
  const host = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://host.test");
    const script = pathname.startsWith("/sdk/") ? readFileSync(join(sdkFolder, pathname.slice(5))) : null;
    response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" });
    response.end(script ?? hostPage(stack.nango.connectUrl, stack.nango.host));
  });
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  const { port } = host.address() as AddressInfo;
  const executablePath = findChromium();
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ["--no-sandbox"] });
  return {
    /** A browser of somebody's own, with one page. */
    async visit() {
      const errors: string[] = [];
      const context = await browser.newContext();
      context.setDefaultTimeout(8_000);
      context.on("page", (opened) => {
        opened.on("pageerror", (error) => errors.push(error.message));
        opened.on("console", (message) => {
          // Refused calls are what some tests are about, and Chromium prints each as an error.
          if (message.type() === "error" && !/status of 40[01]/.test(message.text())) errors.push(message.text());
        });
      });
      const page = await context.newPage();
      const frame = page.frameLocator("#connect-ui");
      const connectButton = () => frame.getByRole("button", { name: "Connect", exact: true });
      return {
        context,
        page,
        frame,
        /** What went wrong in any of its pages. */
        errors,
        connectButton,
        async openFrame(token: string, theme = "light") {
          await page.goto(`http://localhost:${port}/?token=${token}&theme=${theme}`);
          await page.getByRole("button", { name: "Open" }).click();
        },
        /** What the SDK told the customer's page. */
        events: () => page.evaluate(() => (window as unknown as { events: FrameEvent[] }).events),
        async openSignIn(): Promise<Page> {
          const [popup] = await Promise.all([context.waitForEvent("page"), connectButton().click()]);
          return popup;
        },
        close: () => context.close(),
      };
    },
    async close() {
      await browser.close();
      host.close();
    },
  };
}

export type Frames = Awaited<ReturnType<typeof startFrames>>;
export type Visit = Awaited<ReturnType<Frames["visit"]>>;
