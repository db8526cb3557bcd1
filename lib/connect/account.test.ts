import { describe, expect, it } from "vitest";
import { accountOf, refusesCredentials } from "@/lib/connect/account";

describe("the account behind a connection", () => {
  it("is read along the manifest's paths, through objects and lists", () => {
    expect(accountOf({ id: 7, login: "ada" }, { id: "id", name: "login" })).toEqual({
      accountId: "7",
      accountName: "ada",
    });
    expect(
      accountOf(
        { data: [{ uid: "u1", profile: { email: "a@b.test" } }] },
        { id: "data.0.uid", name: "data.0.profile.email" },
      ),
    ).toEqual({
      accountId: "u1",
      accountName: "a@b.test",
    });
  });

  it("is named by its id when the answer has no name, and unknown without an id", () => {
    expect(accountOf({ id: "x" }, { id: "id", name: "name" })).toEqual({ accountId: "x", accountName: "x" });
    expect(accountOf({ name: "x" }, { id: "id", name: "name" })).toBeNull();
    for (const body of [null, undefined, "text", 5, [], { id: {} }, { id: "" }, { id: null }]) {
      expect(accountOf(body, { id: "id", name: "id" }), JSON.stringify(body)).toBeNull();
    }
  });

  it("never comes from what an object inherits", () => {
    expect(accountOf({}, { id: "constructor.name", name: "constructor.name" })).toBeNull();
    expect(accountOf({}, { id: "__proto__.constructor.name", name: "x" })).toBeNull();
  });

  it("loses control characters and endless text", () => {
    expect(accountOf({ id: `a\u0000b\n${"c".repeat(500)}` }, { id: "id", name: "id" })?.accountId).toHaveLength(200);
    expect(accountOf({ id: "a\u0000b" }, { id: "id", name: "id" })?.accountId).toBe("ab");
  });

  it("refuses its credentials with 401 or as Slack does, not with 403", () => {
    expect(refusesCredentials(401, null)).toBe(true);
    expect(refusesCredentials(200, { ok: false, error: "token_revoked" })).toBe(true);
    expect(refusesCredentials(200, { ok: false, error: "missing_scope" })).toBe(false);
    expect(refusesCredentials(200, { ok: true })).toBe(false);
    expect(refusesCredentials(403, { error: "forbidden" })).toBe(false);
  });

  it("refuses its credentials as Meta does, with a number in an answer of status 400", () => {
    expect(refusesCredentials(400, { error: { type: "OAuthException", code: 190 } })).toBe(true);
    expect(refusesCredentials(400, { error: { type: "OAuthException", code: 4 } })).toBe(false);
    expect(refusesCredentials(400, { error: { code: 190 } })).toBe(false);
    expect(refusesCredentials(200, { error: { type: "OAuthException", code: 190 } })).toBe(false);
  });
});
