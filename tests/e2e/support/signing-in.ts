/** Signed-in people: in through Clerk's own client once per worker, then their cookies are carried on. */
import type { Browser, BrowserContext, Cookie, Page } from "@playwright/test";
import { description, type Organization, type Person } from "./product";

export type Session = { id: string; person: Person; cookies: Cookie[] };

/** Signs a person in on a page of their own with `setActive`, which is what the form does in the end. */
export async function signIn(browser: Browser, person: Person): Promise<Session> {
  const context = await browser.newContext({ baseURL: description().app });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.waitForFunction(() => window.Clerk?.loaded);
  const id = await page.evaluate(async ({ email, password }) => {
    const attempt = await window.Clerk.client.signIn.create({ identifier: email, password });
    await window.Clerk.setActive({ session: attempt.createdSessionId });
    return attempt.createdSessionId;
  }, person);
  // The short-lived token is left behind: it names an organisation, and each test has its own.
  const cookies = (await context.cookies()).filter(({ name }) => name.startsWith("__client"));
  await context.close();
  return { id, person, cookies };
}

/** Gives a browser a person's session, with an organisation (or none) active. @param app where, if not at the product */
export async function enterAs(
  context: BrowserContext,
  session: Session,
  organization: Organization | null,
  app: string = description().app,
): Promise<void> {
  await context.addCookies(session.cookies);
  const touched = await context.request.post(`${app}/__clerk/v1/client/sessions/${session.id}/touch`, {
    form: { active_organization_id: organization?.id ?? "" },
    headers: { origin: app },
  });
  if (!touched.ok()) throw new Error(`The organisation was not made active: ${await touched.text()}`);
}

/** Fills in Clerk's form, its two steps. */
export async function fillSignInForm(page: Page, email: string, password: string): Promise<void> {
  await page.locator("input[name=identifier]").fill(email);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.waitForURL(/factor-one/);
  await page.locator("input[name=password]").fill(password);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
}

declare global {
  interface Window {
    Clerk: {
      loaded: boolean;
      client: { signIn: { create(input: object): Promise<{ createdSessionId: string }> } };
      setActive(input: { session?: string; organization?: string | null }): Promise<void>;
    };
  }
}
