import type { Page } from "@playwright/test";
import { expectAccessible, expectNoSidewaysScroll } from "./support/accessibility";
import {
  accounts,
  condition,
  connectBar,
  connectButton,
  connectDirectly,
  finishIn,
  history,
  toasts,
} from "./support/connecting";
import { lastLookAt, letLastLookBeOld, renewalsOf } from "./support/database";
import { atProvider, connectionsAtNango, directTokens } from "./support/product";
import { enterAs } from "./support/signing-in";
import { test as base, expect, type Organization } from "./support/test";
import { visit } from "./support/visiting";
import { startWithoutNango, type WithoutNango } from "./support/without-nango";

type Fixtures = { member: Page };
type WorkerFixtures = { installation: WithoutNango };

const test = base.extend<Fixtures, WorkerFixtures>({
  installation: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's shape
    async ({}, use) => {
      const installation = await startWithoutNango();
      await use(installation);
      await installation.stop();
    },
    { scope: "worker", timeout: 240_000 },
  ],
  baseURL: async ({ installation }, use) => use(installation.origin),
  /** Ada's browser at that installation, with her organisation active. */
  member: async ({ ada, context, organization, sessionOf, installation }, use) => {
    await enterAs(context, await sessionOf("Ada Lovelace"), organization, installation.origin);
    await use(ada);
  },
});

// One process beside the product's is enough for all of them.
test.describe.configure({ mode: "serial" });

/** Everything that the installation has answered a browser. */
function answersOf(page: Page, { origin }: WithoutNango): Promise<string>[] {
  const answers: Promise<string>[] = [];
  page.on("response", (response) => {
    if (!response.url().startsWith(origin) || response.url().includes("/_next/static/")) return;
    const headers = JSON.stringify(response.headers());
    answers.push(
      response.text().then(
        (body) => `${headers} ${body}`,
        () => headers,
      ),
    );
  });
  return answers;
}

test("every card of the catalogue says how it is connected or why not, and nothing asks for Nango", async ({
  member,
  installation,
}) => {
  const asked: string[] = [];
  member.on("request", (request) => asked.push(request.url()));
  const answer = await member.goto("/connectors");
  expect(answer?.headers()["content-security-policy"]).toContain("frame-src 'none'");
  const cards = member.locator("[data-connector]");
  await expect(cards).toHaveCount(60);
  await member.getByRole("button", { name: "Show 39 more" }).click();
  await expect(cards).toHaveCount(99);
  const said = await cards.evaluateAll((elements) =>
    elements.map((element) => {
      const chips = [...element.querySelectorAll(".chip")].map(({ textContent }) => textContent);
      const direct = chips.includes("Direct") && Boolean(element.querySelector("button[data-connect]"));
      const text = element.textContent ?? "";
      const why =
        /Not configured by the operator|can be connected through Nango only|nothing can be connected to it/.exec(text);
      return { slug: element.getAttribute("data-connector"), way: direct ? "direct" : (why?.[0] ?? text) };
    }),
  );
  const ways = Map.groupBy(said, ({ way }) => way);
  expect(
    ways
      .get("direct")
      ?.map(({ slug }) => slug)
      .sort(),
  ).toEqual(["asana", "github"]);
  expect([...ways.keys()].sort()).toEqual([
    "Not configured by the operator",
    "can be connected through Nango only",
    "direct",
    "nothing can be connected to it",
  ]);
  await expect(member.locator(".chip", { hasText: "Nango" })).toHaveCount(0);

  await visit(member, "/connectors/openai");
  await expect(member.getByText("which this installation does not use")).toBeVisible();
  await expect(connectButton(member, "openai")).toHaveCount(0);
  // What the page would load at leisure is loaded by now.
  await member.waitForTimeout(500);
  expect(asked.filter((url) => !url.startsWith(installation.origin) && !/^(data|blob):/.test(url))).toEqual([]);
  expect(installation.calls).toEqual([]);
});

test("an account is connected directly, renewed, taken back at the provider, and reconnected, and no answer holds a token", async ({
  member,
  installation,
  organization,
}) => {
  const account = "support@acme.test";
  const answers = answersOf(member, installation);
  const before = await directTokens("asana");
  await visit(member, "/connectors/asana");
  await expect(member.getByText("Kept here, encrypted")).toBeVisible();
  await connectDirectly(connectButton(member, "asana")).allowAs("Acme Support");
  await expect(accounts(member, account)).toContainText("Connected");
  await expect(toasts(member).filter({ hasText: "Asana is connected" })).toBeVisible();

  await accounts(member, account).getByRole("link", { name: account }).click();
  await expect(member.getByRole("region", { name: "Facts" })).toContainText("Directly");
  const id = new URL(member.url()).pathname.split("/").at(-1) as string;
  const granted = (await directTokens("asana")).filter((token) => !before.includes(token));
  expect(granted).toEqual([expect.stringMatching(/^at_/), expect.stringMatching(/^rt_/)]);

  // The access token ends, as each does after an hour: the check renews it, and nobody has to do anything.
  await atProvider("expire", granted[0] as string);
  await check(member, id);
  await expect.poll(() => renewalsOf(id)).toBe(1);
  await expect(condition(member)).toHaveAttribute("data-condition", "healthy");

  // The person takes the access back at the provider: the check finds out, and the page says what to do.
  const renewed = (await directTokens("asana")).filter((token) => ![...before, ...granted].includes(token));
  const refresh = renewed.find((token) => token.startsWith("rt_"));
  await atProvider("revoke", refresh as string);
  await check(member, id);
  await expect(condition(member)).toHaveAttribute("data-condition", /^(auth_failed|refresh_failed)$/);

  await connectDirectly(member.getByRole("button", { name: /^Reconnect/ }).first()).allowAs("Acme Support");
  await expect(condition(member)).toHaveAttribute("data-condition", "healthy");
  await expect(history(member, "Ada Lovelace signed in again")).toHaveCount(1);
  await visit(member, "/connectors/asana");
  await expect(accounts(member)).toHaveCount(1);

  const last = (await directTokens("asana")).filter((token) => !before.includes(token));
  const secrets = new Set([...granted, ...renewed, ...last]);
  expect(secrets.size).toBeGreaterThanOrEqual(6);
  const text = (await Promise.all(answers)).join("\n");
  expect(text.length).toBeGreaterThan(10_000);
  expect([...secrets].filter((secret) => text.includes(secret))).toEqual([]);
  expect(await connectionsAtNango(organization as Organization)).toEqual([]);
  expect(installation.calls).toEqual([]);
});

/** Asks for a look at a connection on its page, and waits until it has ended. */
async function check(page: Page, id: string): Promise<void> {
  await letLastLookBeOld(id);
  const before = await lastLookAt(id);
  await page.getByRole("button", { name: "Check now" }).click();
  await expect.poll(() => lastLookAt(id)).not.toBe(before);
}

test("a refused consent, a closed window and a cancelled try connect nothing, and the page says where it stands", async ({
  member,
  installation,
}) => {
  await visit(member, "/connectors/github");
  const button = connectButton(member, "github");
  const refused = await connectDirectly(button).consentWindow();
  const gone = refused.waitForEvent("close");
  await refused.getByRole("button", { name: "Deny" }).click();
  await gone;
  await expect(member.getByText("Access was refused at GitHub. Nothing was connected.").first()).toBeVisible();

  const left = await connectDirectly(button).consentWindow();
  await expect(connectBar(member)).toContainText("Waiting for you to finish at GitHub");
  await expectAccessible(member);
  await member.setViewportSize({ width: 360, height: 740 });
  await expectNoSidewaysScroll(member);
  await left.close();
  await expect(connectBar(member)).toHaveCount(0);
  await expect(button).toHaveText("Connect GitHub");

  const cancelled = await connectDirectly(button).consentWindow();
  const closed = cancelled.waitForEvent("close");
  await member.getByRole("button", { name: "Cancel" }).click();
  await closed;
  await expect(connectBar(member)).toHaveCount(0);
  await expect(accounts(member)).toHaveCount(0);
  expect(installation.calls).toEqual([]);
});

test("where the window is blocked a plain link leads to the provider, and the page notices the account by itself", async ({
  member,
  context,
}) => {
  await context.addInitScript(() => {
    window.open = () => null;
  });
  await visit(member, "/connectors/github");
  await connectButton(member, "github").click();
  await expect(connectBar(member)).toContainText("Your browser blocked the sign-in window");
  const opened = context.waitForEvent("page");
  await connectBar(member).getByRole("link", { name: "Open in a new tab" }).click();
  await finishIn(await opened, "acme-bot");
  await expect(accounts(member, "acme-bot")).toContainText("Connected");
  await expect(connectBar(member)).toHaveCount(0);
});
