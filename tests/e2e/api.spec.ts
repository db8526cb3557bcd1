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

test("an address that is no text is one that does not exist, and its request has an id as all others", async ({
  request,
}) => {
  for (const path of ["/api/v1/connectors/%ff", "/api/v1/%ff", "/api/connect/%ff/session"]) {
    const answer = await request.get(description().app + path);
    expect(answer.status(), path).toBe(404);
    const { error } = await answer.json();
    expect(error, path).toEqual({ code: "not_found", message: expect.any(String), request_id: expect.any(String) });
    expect(answer.headers()["x-request-id"], path).toBe(error.request_id);
  }
});

test("HEAD does not redeem a code", async ({ request }) => {
  const address = `${description().app}/api/v1/connectors/github/callback?state=x&code=y`;
  expect((await request.head(address)).status()).toBe(405);
});
