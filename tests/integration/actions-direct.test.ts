import { afterAll, beforeAll, expect, it } from "vitest";
import { runAction } from "@/lib/actions/run";
import type { Tenant } from "@/lib/auth/tenant";
import { AppError } from "@/lib/errors";
import { withinRequest } from "@/lib/http/answering";
import { callDirect } from "@/lib/oauth/call";
import { appsAt, type DirectWorld, openDirectWorld } from "@/tests/support/direct";

/** Actions on accounts whose tokens are kept here. */

let world: DirectWorld;
let ada: Tenant;

beforeAll(async () => {
  world = await openDirectWorld(appsAt("jira"));
  ada = world.db.tenant("org_acme", "user_ada", "admin");
});
afterAll(() => world?.close());

const run = (connector: string, action: string, input: Record<string, unknown> = {}) =>
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests themselves
  runAction(ada, { connector, action, input }).then(({ result }) => result as any);

it("an action runs with our own token as it does through Nango: forms, JSON and e-mails", async () => {
  await world.connect(ada, "slack", /ada/i);
  const { channels } = await run("slack", "list_channels", { limit: 100 });
  const channel = channels.find(({ name }: { name: string }) => name === "engineering").id;
  await run("slack", "send_message", { channel, text: "Directly & safely" });
  const { messages } = await run("slack", "read_messages", { channel });
  expect(messages.map(({ text }: { text: string }) => text)).toContain("Directly & safely");

  await world.connect(ada, "gmail");
  const { id } = await run("gmail", "send_message", { to: "grace@acme.test", subject: "Grüße", body: "Hallo" });
  expect((await run("gmail", "get_message", { id })).labelIds).toContain("SENT");
});

it("what only the provider knows is asked of it, and where it names several places none is called", async () => {
  await world.connect(ada, "jira");
  const search = (tenant = ada) =>
    runAction(tenant, { connector: "jira", action: "search_issues", input: { jql: "project = ENG" } });
  const searched = async () =>
    (await world.calls("service=generic")).filter(({ path }) => path.includes("/search/jql"));
  await search();
  const [made, ...more] = await searched();
  expect(made?.path).toMatch(/^\/ex\/jira\/[\w-]{3,}\/rest\/api\/3\/search\/jql$/);
  expect(more).toEqual([]);
  const support = world.db.tenant("org_globex", "user_katherine", "admin");
  await world.connect(support, "jira", /Support/);
  await expect(search(support)).rejects.toMatchObject({ code: "operation_unsupported" });
  expect(await searched()).toHaveLength(1);
});

it("a sign-in that the provider takes back is looked into", async () => {
  const id = await world.connect(ada, "notion");
  expect((await run("notion", "search", { query: "handbook" })).results).toHaveLength(1);
  await world.control("/revoke", { service: "generic" });
  const error = await run("notion", "search").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: "provider_auth", details: { retry: "after_reconnect" } });
  expect((await world.row(id))?.suspect_since).not.toBeNull();
  await world.runJobs();
  expect((await world.row(id))?.status).toBe("needs_attention");
});

it("a provider that does not answer is not said to be Nango", async () => {
  const id = await world.connect(ada, "notion");
  await world.control("/faults", { service: "generic", host: "api.notion.com", kind: "large" });
  const call = { connector: "notion", action: "search", input: {}, connectionId: id };
  await expect(runAction(ada, call)).rejects.toMatchObject({ code: "provider_upstream", details: { retry: "later" } });
});

it("of a change that did not leave it is not said that it may have been made", async () => {
  const id = await world.connect(ada, "gmail");
  const outdated = () =>
    world.db.sql`update oauth_credentials set expires_at = now() - interval '1 minute' where connection_id = ${id}`;
  const tokenEndpoint = "/oauth2/token";
  const fault = (kind: string, path: string) => world.control("/faults", { service: "google", kind, path });
  const sending = () =>
    runAction(ada, {
      ...{ connector: "gmail", action: "send_message", connectionId: id },
      input: { to: "grace@acme.test", subject: "Hello", body: "Hello" },
    }).catch(({ code, details, retryAfter }: AppError) => ({ code, details, retryAfter }));
  const again = { code: "provider_upstream", details: { retry: "later" }, retryAfter: 30 };

  await outdated();
  await fault("500", tokenEndpoint);
  expect(await sending()).toEqual(again);
  // Refused by the provider itself, and then the token could not be renewed.
  await fault("401", "/gmail/");
  await fault("500", tokenEndpoint);
  expect(await sending()).toEqual(again);
  await fault("large", "/gmail/");
  expect(await sending()).toEqual({
    ...{ code: "provider_upstream", details: { retry: "no", outcome: "unknown" }, retryAfter: undefined },
  });
});

it("a provider that is slow by nature is waited for, and any other is not", async () => {
  const id = await world.connect(ada, "github");
  const ask = (patience?: number) =>
    withinRequest(() =>
      callDirect(
        { id, connector: "github" },
        { method: "GET", endpoint: "/user", ...(patience !== undefined && { patience }) },
      ),
    );
  const slow = { service: "github", path: "/user", kind: "slow", ms: 6_000 };
  await world.control("/faults", slow);
  await expect(ask()).rejects.toMatchObject({ code: "direct_unreachable" });
  await world.control("/faults", slow);
  expect(await ask(20_000)).toMatchObject({ kind: "answer", status: 200 });
});
