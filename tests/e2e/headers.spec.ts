import { description } from "./support/product";
import { expect, test } from "./support/test";

/** One address of every kind of route, with the status that a signed-out caller gets. */
const routes: [kind: string, path: string, status: number, method?: "POST"][] = [
  ["the landing page", "/", 200],
  ["the public catalogue", "/integrations", 200],
  ["its data", "/integrations/catalogue.json", 200],
  ["a category", "/integrations/categories/ai", 200],
  ["a connector's public page", "/integrations/github", 200],
  ["the icon", "/icon.svg", 200],
  ["the sign-in page", "/sign-in", 200],
  ["the sign-up page", "/sign-up", 200],
  ["a page that does not exist", "/no/such/page", 404],
  ["a signed-in page", "/connectors", 307],
  ["the list of connections", "/connections", 307],
  ["the API keys", "/settings/api-keys", 307],
  ["a connect link", "/connect/some-token", 307],
  ["the session of a connect link", "/api/connect/some-token/session", 401, "POST"],
  ["the REST API", "/api/v1/connections", 401],
  ["the API's description", "/api/v1/openapi.json", 200],
  ["the connect session", "/api/nango/session", 401, "POST"],
  ["the MCP endpoint", "/api/mcp", 401, "POST"],
  ["where MCP clients would get a token", "/.well-known/oauth-protected-resource/api/mcp", 404],
  ["the webhook", "/api/webhooks/nango", 401, "POST"],
  ["the cron route", "/api/cron/jobs", 401],
  ["the health check", "/api/health", 200],
  ["an API route that does not exist", "/api/no-such-route", 404],
];

const expectSafe = (headers: Record<string, string>) => {
  expect(headers).toMatchObject({
    "strict-transport-security": expect.stringMatching(/^max-age=\d{8,}; includeSubDomains/),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin-allow-popups",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": expect.stringContaining("camera=()"),
  });
  expect(headers["x-powered-by"]).toBeUndefined();
};

test("the page that providers send people back to loads nothing, names no referrer, and can close its window", async ({
  request,
}) => {
  const answer = await request.get("/oauth/callback?state=made-up&code=made-up", { headers: { accept: "text/html" } });
  expect(answer.status()).toBe(200);
  const headers = answer.headers();
  expect(headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "unsafe-none",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
  expect(directivesOf(headers)).toMatchObject({
    "default-src": "'none'",
    "frame-ancestors": "'none'",
    "script-src": expect.stringMatching(/^'sha256-[^']+'$/),
  });
});

const directivesOf = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    (headers["content-security-policy"] ?? "").split("; ").map((directive) => {
      const [name = "", ...sources] = directive.split(" ");
      return [name, sources.join(" ")];
    }),
  );

const strict = {
  "default-src": "'self'",
  "object-src": "'none'",
  "base-uri": "'none'",
  "frame-ancestors": "'none'",
};

for (const [kind, path, status, method = "GET"] of routes) {
  test(`${kind} (${method} ${path}) carries the security headers`, async ({ request, baseURL }) => {
    const answer = await request.fetch(path, {
      method,
      maxRedirects: 0,
      headers: { accept: "text/html", origin: baseURL ?? "", "content-type": "application/json" },
      data: method === "POST" ? {} : undefined,
    });
    expect(answer.status()).toBe(status);
    expectSafe(answer.headers());
    if (status !== 307) expect(directivesOf(answer.headers())).toMatchObject(strict);
  });
}

test("scripts and logos carry the security headers, too", async ({ page, request }) => {
  await page.goto("/integrations");
  const script = await page.locator("script[src]").first().getAttribute("src");
  const logo = await page.locator("main img").first().getAttribute("src");
  for (const path of [script, logo]) {
    const answer = await request.get(path ?? "");
    expect(answer.status()).toBe(200);
    expectSafe(answer.headers());
  }
});

test("a static page's policy names no other host and no frame", async ({ request }) => {
  const directives = directivesOf((await request.get("/integrations")).headers());
  expect(directives).toMatchObject({ ...strict, "connect-src": "'self'", "frame-src": "'none'" });
  expect(Object.values(directives).join(" ")).not.toMatch(/https?:|\*|unsafe-eval/);
});

test("a signed-in page's scripts need a nonce of that answer, and only Nango may be framed", async ({ ada }) => {
  const nonces = new Set<string>();
  for (let visit = 0; visit < 2; visit += 1) {
    const answer = await ada.goto("/connectors/github");
    const directives = directivesOf(answer?.headers() ?? {});
    const { connectUrl, host } = description().nango;
    expect(directives).toMatchObject({
      ...strict,
      "frame-src": new URL(connectUrl).origin,
      "connect-src": `'self' ${new URL(host).origin}`,
    });
    expect(directives["script-src"]).toMatch(/^'self' 'nonce-[\w+/=]{16,}' 'strict-dynamic'$/);
    nonces.add(directives["script-src"] ?? "");
    expectSafe(answer?.headers() ?? {});
  }
  expect(nonces.size).toBe(2);
});
