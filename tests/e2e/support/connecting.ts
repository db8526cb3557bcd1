/** Connecting an account, as a person does it: `await connect(ada, "github").allowAs("acme-bot")`. */
import { expect, type FrameLocator, type Locator, type Page } from "@playwright/test";

/** The button that starts a try with a connector, or stands for it afterwards. */
export const connectButton = (page: Page, connector: string): Locator => page.locator(`[data-connect="${connector}"]`);

/** The accounts that a page lists; the one of a name, or all. */
export function accounts(page: Page, name?: string): Locator {
  const rows = page.locator("[data-connection]");
  return name === undefined ? rows : rows.filter({ hasText: name });
}

/** The bar that says where a try stands. */
export const connectBar = (page: Page): Locator => page.locator("[data-connect-phase]");

/** The sentence that screen readers heard last. */
export const said = (page: Page): Locator => page.locator("#announcer");

export const toasts = (page: Page): Locator => page.locator("[data-sonner-toast]");

export const connect = (page: Page, connector: string) => new Connecting(page, connector);

class Connecting {
  constructor(
    private readonly page: Page,
    private readonly connector: string,
  ) {}

  /** Nango's frame, once it is open. */
  get frame(): FrameLocator {
    return this.page.frameLocator("iframe#connect-ui");
  }

  /** Presses the button and waits until Nango's frame asks for something. */
  async open(): Promise<this> {
    await connectButton(this.page, this.connector).click();
    await expect(this.submit).toBeVisible();
    return this;
  }

  private get submit(): Locator {
    return this.frame.getByRole("button", { name: "Connect", exact: true });
  }

  /** Goes on to the provider. @returns its window, which asks for consent */
  async consentWindow(): Promise<Page> {
    if (!(await this.submit.isVisible())) await this.open();
    const opened = this.page.waitForEvent("popup");
    await this.submit.click();
    const window = await opened;
    await expect(window.getByRole("button", { name: "Deny" })).toBeVisible();
    return window;
  }

  /** Agrees at the provider with the account whose name is on the button. Returns when the provider has sent it back. */
  async allowAs(account: string): Promise<void> {
    await finishIn(await this.consentWindow(), account);
  }

  /** Refuses at the provider. */
  async deny(): Promise<void> {
    const window = await this.consentWindow();
    const closed = window.waitForEvent("close");
    await window.getByRole("button", { name: "Deny" }).click();
    await closed;
  }

  /** Types details into the form in the frame, by their labels, and sends them. */
  async fill(details: Record<string, string>): Promise<void> {
    if (!(await this.submit.isVisible())) await this.open();
    for (const [label, value] of Object.entries(details)) await this.frame.getByLabel(label).fill(value);
    await this.submit.click();
  }

  /** Leaves by the frame's own cross. */
  async closeFrame(): Promise<void> {
    await this.frame.getByRole("button", { name: "Close" }).click();
    await expect(this.page.locator("iframe#connect-ui")).toHaveCount(0);
  }
}

/** Chooses an account on a provider's consent page and waits until the provider's answer is there. */
export async function finishIn(window: Page, account: string): Promise<void> {
  const answered = window.waitForResponse((response) => response.url().includes("/oauth/callback"));
  await window.getByRole("button", { name: account }).click();
  await answered;
}
