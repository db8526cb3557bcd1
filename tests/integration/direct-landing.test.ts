import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { appsAt, type DirectWorld, openDirectWorld } from "../support/direct";

/** Where tokens are asked for, when the browser that comes back says it: at Zoho, whose accounts are in many places. */

let world: DirectWorld;
let ada: Tenant;

beforeAll(async () => {
  world = await openDirectWorld(appsAt("zoho-crm"));
});
afterAll(() => world?.close());
beforeEach(async () => {
  ada = world.db.tenant("org_landing", "user_ada", "admin");
  await world.control("/reset", {});
});

const known = async (id: string) => (await world.stored(id))?.connection_config;

describe("what a browser brings of where an account is", () => {
  const land = async (change: (url: URL) => void, button = /Ada/) => {
    const { attempt, browser, authorizationUrl } = await world.start(ada, "zoho-crm");
    const url = await browser.consent(authorizationUrl, button);
    await world.control("/calls", undefined, "DELETE");
    change(url);
    await browser.land(url);
    const { status, outcome } = await world.attemptOf(ada, attempt.id);
    return { end: `${status} ${outcome}`, id: attempt.id };
  };

  it.each([
    ["another host", "https://evil.com"],
    ["a host that only looks like it", "https://accounts.zoho.com.evil.com"],
    ["what is before an @", "https://accounts.zoho.com@evil.com"],
    ["a port", "https://accounts.zoho.com:8443"],
    ["plain http", "http://accounts.zoho.com"],
    ["a path", "https://accounts.zoho.com/x"],
    ["another service of the provider's", "https://workdrive.zoho.com"],
    ["a line break", "https://accounts.zoho.com\r\n"],
  ])("is not taken when it is %s: no code and no secret goes anywhere", async (_, value) => {
    const { end, id } = await land((url) => url.searchParams.set("accounts-server", value));
    expect(end).toBe("failed failed");
    expect(await world.calls("")).toEqual([]);
    expect(await world.stored(id)).toBeUndefined();
  });

  it("need not come: tokens are asked for where everybody's are", async () => {
    const { end, id } = await land((url) => url.searchParams.delete("accounts-server"));
    expect(end).toBe("confirmed connected");
    expect(await known(id)).toEqual({ api_domain: "https://www.zohoapis.com" });
  });

  it("is not the operator's fault when it is none that is known, or when the account is elsewhere", async () => {
    const unknown = await land((url) => url.searchParams.set("accounts-server", "https://accounts.zoho.example"));
    expect(unknown.end).toBe("failed failed");
    expect(await world.calls("")).toEqual([]);
    // Grace's account is in Europe, and nobody says so.
    const elsewhere = await land((url) => url.searchParams.delete("accounts-server"), /Grace/);
    expect(elsewhere.end).toBe("failed failed");
  });

  it("is not taken when it comes twice, and only what tokens are asked for with is taken at all", async () => {
    const twice = await land((url) => url.searchParams.append("accounts-server", "https://accounts.zoho.eu"));
    expect(twice.end).toBe("failed failed");
    const { end, id } = await land((url) => url.searchParams.set("api_domain", "https://www.zohoapis.jp"));
    expect(end).toBe("confirmed connected");
    expect((await known(id)).api_domain).toBe("https://www.zohoapis.com");
  });
});
