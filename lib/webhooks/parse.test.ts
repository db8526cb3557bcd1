import { describe, expect, it } from "vitest";
import { saysFailure, summarise } from "@/lib/webhooks/parse";

describe("what a delivery is about", () => {
  it("is read from the four fields that say it", () => {
    const body = {
      from: "nango",
      type: "auth",
      operation: "creation",
      providerConfigKey: "github",
      connectionId: "c-1",
      success: true,
    };
    expect(summarise(JSON.stringify(body))).toEqual({
      type: "auth",
      operation: "creation",
      integrationKey: "github",
      connectionId: "c-1",
    });
  });

  it("is nothing for bodies of another kind, which are still kept", () => {
    const nothing = { type: null, operation: null, integrationKey: null, connectionId: null };
    for (const text of ["", "null", "42", '"text"', "[]", "{", "{}", "not json", '{"type":5,"connectionId":{}}']) {
      expect(summarise(text), text).toEqual(nothing);
    }
  });

  it("leaves out single values that cannot be ids", () => {
    const summary = summarise(
      JSON.stringify({
        type: "auth",
        connectionId: "../../x",
        providerConfigKey: "a\u0000b",
        operation: "x".repeat(300),
      }),
    );
    expect(summary).toEqual({ type: "auth", operation: null, integrationKey: null, connectionId: null });
  });

  it("tells a failure only where the body says so", () => {
    expect(saysFailure('{"success":false}')).toBe(true);
    expect(saysFailure('{"success":true}')).toBe(false);
    expect(saysFailure("{}")).toBe(false);
    expect(saysFailure("broken")).toBe(false);
  });
});
