/**
 * Connecting an account, as a person does it: `await connect(ada, "github").allowAs("acme-bot")`, and reconnecting it
 * with whatever button offers that: `await reconnect(banner, "acme-bot").allowAs("acme-bot")`.
 */
import { expect, type FrameLocator, type Locator, type Page } from "@playwright/test";

/** The button that starts a try with a connector, or stands for it afterwards. */
export const connectButton = (page: Page, connector: string): Locator => page.locator(`[data-connect="${connector}"]`);

/** The accounts that a page lists; the one of a name, or all. */
export function accounts(page: Page, name?: string): Locator {
  // What a streamed page has received but not shown yet does not count.
  const rows = page.locator("[data-connection]").filter({ visible: true });
  return name === undefined ? rows : rows.filter({ hasText: name });
}

/** The bar that says where a try stands. */
export const connectBar = (page: Page): Locator => page.locator("[data-connect-phase]");

/** The sentence that screen readers heard last. */
export const said = (page: Page): Locator => page.locator("#announcer");

/** On a connection's page: what is the matter and what to do. */
export const condition = (page: Page): Locator => page.locator("[data-condition]");

/** On the page of a connection that somebody disconnected: what that has removed so far. */
export const receipt = (page: Page): Locator => page.getByRole("region", { name: "Receipt" });

/** On a connection's page: what happened to it; what says a sentence, or all. */
export function history(page: Page, sentence?: string): Locator {
  const events = page.getByRole("region", { name: "History" }).locator("[data-event]");
  return sentence === undefined ? events : events.filter({ hasText: sentence });
}

/** The bell, which says how many notices are new. */
export const bell = (page: Page): Locator => page.getByRole("button", { name: /^Notices/ });

/** Opens the notices. @returns their panel */
export async function openNotices(page: Page): Promise<Locator> {
  await bell(page).click();
  const panel = page.getByRole("dialog", { name: "Notices" });
  await expect(panel.getByText("Loading notices")).toHaveCount(0);
  return panel;
}

export const toasts = (page: Page): Locator => page.locator("[data-sonner-toast]");

/** By the button of a connector, or any other that starts a try. */
export const connect = (page: Page, by: string | Locator) =>
  new Connecting(page, typeof by === "string" ? connectButton(page, by) : by);

/** The button that offers to sign an account in again, in a part of a page; of the account of a name, or of any. */
export const reconnectButton = (within: Page | Locator, account = ""): Locator =>
  within.getByRole("button", { name: `Reconnect ${account}` });

export function reconnect(within: Page | Locator, account?: string): Connecting {
  const page = "goto" in within ? within : within.page();
  return new Connecting(page, reconnectButton(within, account));
}

class Connecting {
  constructor(
    private readonly page: Page,
    private readonly button: Locator,
  ) {}

  /** Nango's frame, once it is open. */
  get frame(): FrameLocator {
    return this.page.frameLocator("iframe#connect-ui");
  }

  /** Presses the button and waits until Nango's frame asks for something. */
  async open(): Promise<this> {
    await this.ready();
    return this;
  }

  /** The frame's form, opened by the button unless it is open already. */
  private async ready(): Promise<Locator> {
    if (!(await connectBar(this.page).count())) await this.button.click();
    await expect(this.submit).toBeVisible();
    return this.submit;
  }

  get submit(): Locator {
    return this.frame.getByRole("button", { name: "Connect", exact: true });
  }

  /** Goes on to the provider. @returns its window, which asks for consent */
  async consentWindow(): Promise<Page> {
    const submit = await this.ready();
    const opened = this.page.waitForEvent("popup");
    await submit.click();
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
    await finishIn(await this.consentWindow(), "Deny");
  }

  /** Types details into the form in the frame, by their labels, and sends them. */
  async fill(details: Record<string, string>): Promise<void> {
    const submit = await this.ready();
    for (const [label, value] of Object.entries(details)) {
      await this.frame.getByLabel(label, { exact: true }).fill(value);
    }
    await submit.click();
  }

  /** Leaves by the frame's own cross. */
  async closeFrame(): Promise<void> {
    await this.frame.getByRole("button", { name: "Close" }).click();
    await expect(this.page.locator("iframe#connect-ui")).toHaveCount(0);
  }
}

/** Connecting without Nango: `await connectDirectly(button).allowAs("Ada Lovelace")`. */
export const connectDirectly = (button: Locator) => ({
  /** Presses the button. @returns the provider's window, which asks for consent */
  async consentWindow(): Promise<Page> {
    const opened = button.page().waitForEvent("popup");
    await button.click();
    const window = await opened;
    await expect(window.getByRole("button", { name: "Deny" })).toBeVisible();
    return window;
  },
  async allowAs(account: string): Promise<void> {
    const window = await this.consentWindow();
    const closed = window.waitForEvent("close");
    await window.getByRole("button", { name: account }).click();
    await closed;
  },
});

/** Presses a button of a provider's consent page, an account's or Deny, and waits until Nango has heard of it. */
export async function finishIn(window: Page, button: string): Promise<void> {
  const answered = window.waitForResponse((response) => response.url().includes("/oauth/callback"));
  await window.getByRole("button", { name: button }).click();
  await answered;
}

/** Opens the menu of an account, by the name that the page calls it. */
export async function menuOf(page: Page, account: string): Promise<Locator> {
  await page.getByRole("button", { name: `Actions for ${account}` }).click();
  const menu = page.getByRole("menu", { name: `Actions for ${account}` });
  await expect(menu).toBeVisible();
  return menu;
}

/** Opens the dialog that asks before an account is disconnected. */
export async function disconnectDialog(page: Page, account: string): Promise<Locator> {
  await (await menuOf(page, account)).getByRole("menuitem", { name: "Disconnect" }).click();
  const dialog = page.getByRole("dialog", { name: `Disconnect ${account}?` });
  await expect(dialog).toBeVisible();
  return dialog;
}

/** Disconnects an account, dialog and all. */
export async function disconnect(page: Page, account: string): Promise<void> {
  const dialog = await disconnectDialog(page, account);
  await dialog.getByRole("button", { name: "Disconnect", exact: true }).click();
  await expect(toasts(page).filter({ hasText: `${account} is disconnected` })).toBeVisible();
}

/** Saves a label for an account, or none with an empty one. @returns the dialog, which closes when it is saved */
export async function relabel(page: Page, account: string, label: string): Promise<Locator> {
  await (await menuOf(page, account)).getByRole("menuitem", { name: "Edit label" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit label" });
  await dialog.getByRole("textbox").fill(label);
  await dialog.getByRole("button", { name: "Save" }).click();
  return dialog;
}
