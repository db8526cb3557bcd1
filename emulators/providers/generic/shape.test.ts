import { describe, expect, it } from "vitest";
import { accountAnswer, setPath } from "./shape";

const account = { key: "k", id: "42", name: "Acme Support", email: "support@acme.test" };
const answer = (id: string, name: string) =>
  accountAnswer({ method: "GET", endpoint: "/me", account: { id, name } }, account);

describe("accountAnswer", () => {
  it("puts the account where the manifest looks for it", () => {
    expect(answer("data.id", "data.name")).toEqual({ data: { id: "42", name: "Acme Support" } });
    expect(answer("data.0.id", "data.0.profile.name")).toEqual({
      data: [{ id: "42", profile: { name: "Acme Support" } }],
    });
    expect(answer("0.id", "0.name")).toEqual([{ id: "42", name: "Acme Support" }]);
  });

  it("fills fields as their names say", () => {
    expect(answer("id", "email")).toEqual({ id: "42", email: "support@acme.test" });
    expect(answer("account_id", "username")).toEqual({ account_id: "42", username: "support" });
    expect(answer("portalId", "portalId")).toEqual({ portalId: "42" });
  });

  it("says a plain yes for a connector without an identity call", () => {
    expect(accountAnswer({ method: "GET", endpoint: "/models", account: null }, account)).toEqual({ ok: true });
  });
});

describe("setPath", () => {
  it("adds to what is there already", () => {
    expect(setPath({ a: { b: 1 } }, "a.c", 2)).toEqual({ a: { b: 1, c: 2 } });
  });
});
