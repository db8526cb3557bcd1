import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { standardAnswer } from "@/lib/oauth/token-answer";

const json = "application/json; charset=utf-8";
async function read(status: number, type: string, body: string, wanted: Record<string, string> = {}) {
  const answer = standardAnswer(status, type, body, wanted);
  return answer instanceof Response ? { status: answer.status, body: await answer.json() } : answer;
}
const granted = (more: object = {}) => ({ status: 200, body: { access_token: "t", token_type: "bearer", ...more } });
const refused = (error: string) => ({ status: 400, body: { error } });

describe("a token endpoint's answer", () => {
  it.each([
    [
      "the protocol's own",
      json,
      '{"access_token":"t","token_type":"Bearer","expires_in":3600,"refresh_token":"r","scope":"a b"}',
      { expires_in: 3600, refresh_token: "r", scope: "a b" },
    ],
    [
      "a form, as GitHub's",
      "application/x-www-form-urlencoded",
      "access_token=t&scope=repo%2Cuser&token_type=bearer",
      { scope: "repo,user" },
    ],
    [
      "a type of its own, as Slack's",
      json,
      '{"ok":true,"access_token":"t","token_type":"bot","scope":"chat:write"}',
      { scope: "chat:write" },
    ],
    ["a type of its own, as eBay's", json, '{"access_token":"t","token_type":"User Access Token"}', {}],
    ["a type in other letters", json, '{"access_token":"t","token_type":"BEARER"}', {}],
    ["no type", json, '{"access_token":"t"}', {}],
    ["an end that is empty", json, '{"access_token":"t","expires_in":""}', {}],
    ["an end that is no number", json, '{"access_token":"t","expires_in":"soon"}', {}],
    ["an end that is neither", json, '{"access_token":"t","expires_in":[60]}', {}],
    ["an end before its beginning", json, '{"access_token":"t","expires_in":-5}', {}],
    ["an end that no number holds", json, `{"access_token":"t","expires_in":"${"9".repeat(400)}"}`, {}],
    [
      "times as text and scopes as a list",
      json,
      '{"access_token":"t","expires_in":"60","scope":["a","b"]}',
      { expires_in: 60, scope: "a b" },
    ],
    ["nulls", json, '{"access_token":"t","refresh_token":null,"expires_in":null,"scope":null}', {}],
    [
      "scopes under another name, as Instagram's",
      json,
      '{"access_token":"t","user_id":17841400000000000,"permissions":["a","b"]}',
      { scope: "a b" },
    ],
    [
      "a list around it, as Instagram's documentation has it",
      json,
      '{"data":[{"access_token":"t","user_id":"1","permissions":"a,b"}]}',
      { scope: "a,b" },
    ],
    ["permissions that are something else", json, '{"access_token":"t","permissions":{"a":true}}', {}],
    ["more than was asked for", json, '{"access_token":"t","id_token":"x.y.z","user":{"email":"a@b.test"}}', {}],
  ])("is understood with %s", async (_, type, body, more) => {
    expect(await read(200, type, body)).toEqual(granted(more));
  });

  it.each([
    [400, '{"error":"invalid_grant","error_description":"x"}', "invalid_grant"],
    [200, '{"error":"bad_verification_code"}', "invalid_grant"],
    [200, '{"ok":false,"error":"invalid_code"}', "invalid_grant"],
    [401, '{"error":"invalid_client"}', "invalid_client"],
    [200, '{"error":"incorrect_client_credentials"}', "invalid_client"],
    [400, '{"status":"BAD_REFRESH_TOKEN","message":"m"}', "invalid_grant"],
    [200, '{"error":"invalid_client_secret"}', "invalid_client"],
    [400, '{"error":{"message":"m","type":"OAuthException","code":190,"error_subcode":463}}', "invalid_grant"],
    [401, '{"error":{"message":"m","type":"OAuthException","code":190,"is_transient":false}}', "invalid_grant"],
    [400, '{"error":{"message":"m","type":"OAuthException","code":100,"error_subcode":36009}}', "invalid_request"],
    [400, '{"error":{"message":"m","type":"OAuthException","code":101}}', "invalid_client"],
    [400, '{"error":{"message":"too many calls","type":"OAuthException","code":4}}', "unknown_error"],
    [400, '{"error_type":"OAuthException","code":400,"error_message":"m"}', "invalid_request"],
  ])("is a refusal with %s %s", async (status, body, error) => {
    expect(await read(status, json, body)).toEqual(refused(error));
  });

  it.each([
    ["a line break", { access_token: "first\nsecond" }],
    ["a line break in the token to renew with", { access_token: "t", refresh_token: "first\r\nsecond" }],
    ["a control character", { access_token: "first\u0001second" }],
    ["a space", { access_token: "first second" }],
    ["nothing but spaces", { access_token: "   " }],
    ["letters that no header holds", { access_token: "t\u2603" }],
    ["an empty token to renew with", { access_token: "t", refresh_token: "" }],
    ["more than anybody would send", { access_token: "t".repeat(64_001) }],
    ["tokens that need a key besides: mac", { access_token: "t", token_type: "mac" }],
    ["tokens that need a key besides: DPoP", { access_token: "t", token_type: "DPoP" }],
    ["no type at all, but a name for it", { access_token: "t", token_type: "" }],
  ])("is unusable with %s", async (_, body) => {
    expect(await read(200, json, JSON.stringify(body))).toBe("unusable");
  });

  it.each([
    [302, json, '{"error":"invalid_grant"}'],
    [307, json, '{"access_token":"t"}'],
    [200, json, "<<not json"],
    [200, "text/html", "<html>access_token=x"],
    [200, json, "{}"],
    [200, json, "null"],
    [200, json, '{"access_token":""}'],
    [200, json, '{"access_token":5}'],
    [400, "text/html", "<html>Bad gateway</html>"],
    [400, json, '{"error":{"code":190}}'],
    [400, json, '{"error":{"type":"OAuthException","code":190,"is_transient":true}}'],
    [200, json, '{"data":[]}'],
    [200, json, '{"data":[{"access_token":"t"},{"access_token":"u"}]}'],
    [302, "", ""],
  ])("makes no sense with %s %s %s, and says nothing about the credentials", async (status, type, body) => {
    expect(standardAnswer(status, type, body)).toBeNull();
  });

  it("keeps of the rest what the manifest names, and only where it looks as it must", async () => {
    const wanted = { host: "^[a-z.]+\\.wrike\\.com$", domain: "^acme$" };
    const answer = { access_token: "t", host: "www.wrike.com", domain: "evil", user: "ada" };
    expect(await read(200, json, JSON.stringify(answer), wanted)).toEqual(
      granted({ extra: { host: "www.wrike.com" } }),
    );
    expect(await read(200, json, JSON.stringify(answer))).toEqual(granted());
    for (const host of ["www.wrike.com.evil.com", "evil.com/www.wrike.com", ["www.wrike.com"], { a: 1 }, 5, null, ""])
      expect(await read(200, json, JSON.stringify({ ...answer, host }), wanted), String(host)).toEqual(granted());
    // A pattern speaks of a value of its own, not of one that the answer has from elsewhere.
    expect(await read(200, json, '{"access_token":"t"}', { toString: "^.*$", constructor: "^.*$" })).toEqual(granted());
  });

  it("of any kind is one of the four", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 200, max: 499 }), fc.oneof(fc.json(), fc.string()), async (status, body) => {
        const answer = await read(status, json, body);
        if (answer !== null && answer !== "unusable") expect([200, 400]).toContain(answer.status);
      }),
      { numRuns: 300 },
    );
  });
});
