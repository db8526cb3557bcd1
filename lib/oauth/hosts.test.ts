import { afterEach, describe, expect, it } from "vitest";
import { resetEnv } from "@/lib/env";
import { reach } from "@/lib/oauth/hosts";
import { settings } from "@/tests/support/settings";

const before = { ...process.env };
const use = (more: Record<string, string>) => {
  Object.assign(process.env, settings(more));
  resetEnv();
};
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  resetEnv();
});
const hosts = JSON.stringify({ "github.com": "http://127.0.0.1:1", "*": "http://127.0.0.1:2/_real" });

describe("a provider's address", () => {
  it("is the real one outside a demo, whatever the hosts say", () => {
    use({ PROVIDER_HOSTS: hosts, PATCHBAY_DEMO: "0" });
    expect(reach("https://github.com/login?a=b")).toBe("https://github.com/login?a=b");
  });

  it("is the stand-in's in a demo: the one named for the host, else the one for all", () => {
    use({ PROVIDER_HOSTS: hosts, PATCHBAY_DEMO: "1" });
    expect(reach("https://github.com/login?a=b")).toBe("http://127.0.0.1:1/login?a=b");
    expect(reach("https://api.github.com/user")).toBe("http://127.0.0.1:2/_real/api.github.com/user");
  });

  it("is the real one in a demo that names none", () => {
    use({ PATCHBAY_DEMO: "1" });
    expect(reach("https://github.com/login")).toBe("https://github.com/login");
  });
});
