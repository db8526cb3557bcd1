import { description } from "./support/product";
import { expect, test } from "./support/test";

test("the API's description is there for everybody, and not sent again to whoever has it", async ({ request }) => {
  const address = `${description().app}/api/v1/openapi.json`;
  const first = await request.get(address);
  expect(first.status()).toBe(200);
  const { openapi, paths } = await first.json();
  expect(openapi).toBe("3.1.0");
  expect(Object.keys(paths)).toContain("/api/v1/connectors/{slug}/{action}");
  const { etag = "" } = first.headers();
  expect((await request.get(address, { headers: { "if-none-match": etag } })).status()).toBe(304);
});

test("a key that does not exist opens nothing, and says so in our own words", async ({ request }) => {
  const headers = { authorization: `Bearer pby_${"A".repeat(43)}` };
  const answer = await request.get(`${description().app}/api/v1/connections`, { headers });
  expect(answer.status()).toBe(401);
  expect((await answer.json()).error.code).toBe("unauthenticated");
});
