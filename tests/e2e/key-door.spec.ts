import { description } from "./support/product";
import { expect, test } from "./support/test";

/** What stands before the handlers when a key arrives. They look keys up by themselves. */

const doors = [
  ["GET", "/api/v1/connections"],
  ["POST", "/api/v1/connectors/github/no_such_action"],
  ["POST", "/api/integrations/unified"],
  ["POST", "/api/mcp"],
] as const;

test("no key, however it looks, is mistaken for a session or sent elsewhere", async ({ request }) => {
  for (const [method, path] of doors) {
    for (const key of ["pby_", "pby_x.y.z", `pby_${"0".repeat(49)}`, "PBY_eyJhbGciOiJSUzI1NiJ9.e30.x"]) {
      const answer = await request.fetch(`${description().app}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        ...(method === "POST" && { data: "{}" }),
        maxRedirects: 0,
      });
      expect([answer.status(), (await answer.json()).error.code], `${path} ${key}`).toEqual([401, "unauthenticated"]);
      const names = Object.keys(answer.headers());
      expect(
        names.filter((name) => name === "set-cookie" || name.startsWith("x-clerk")),
        `${path} ${key}`,
      ).toEqual([]);
    }
  }
});

test("a key opens no page", async ({ request }) => {
  const headers = { authorization: `Bearer pby_${"0".repeat(49)}` };
  const answer = await request.get(`${description().app}/connections`, { headers, maxRedirects: 0 });
  expect(answer.status()).toBe(307);
  expect(answer.headers().location).toMatch(/\/sign-in\?redirect_url=%2Fconnections$/);
});
