import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseEnvironment, resetEnv } from "@/lib/env";
import { authorizingOf, BACK } from "@/tests/support/authorizing";
import { linksOf } from "@/tests/support/links";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";
import { settings } from "@/tests/support/settings";

let server: Server;
let ada: SignedIn;
let program: ReturnType<typeof authorizingOf>;

beforeAll(async () => {
  server = await startServer();
  const signedIn = await server.signIn("ada@acme.test", "acme");
  const token = await signedIn.token();
  ada = { ...signedIn, token: async () => token };
  program = authorizingOf(server);
});
afterAll(() => server?.close());

/** What people try on an address to go back to. Allowed are https://app.example.com/connected and one on this machine. */
const payloads = [
  ...[
    "https://evil.test",
    "https://evil.test/connected",
    "http://app.example.com/connected",
    "//evil.test",
    "/\\evil.test",
  ],
  ...["https://app.example.com.evil.test/connected", "https://app.example.com@evil.test/connected"],
  ...["https://evil.test/https://app.example.com/connected", "https://app.example.com:444/connected"],
  ...[
    "https://app.example.com",
    "https://app.example.com/",
    "https://app.example.com/connected/",
    "https://app.example.com/other",
  ],
  ...["https://app.example.com/connected?next=https://evil.test", "https://app.example.com/connected#@evil.test"],
  ...[
    "https://app.example.com/connected/..",
    "https://app.example.com/connected/../../evil",
    "https://app.example.com/./connected",
  ],
  ...[
    "https://app.example.com//connected",
    "https://app.example.com\\connected",
    "https:\\\\app.example.com\\connected",
  ],
  ...["https:app.example.com/connected", "https:/app.example.com/connected", "HTTPS://APP.EXAMPLE.COM/connected"],
  ...[
    "https://app.example.com/Connected",
    "https://app.example.com/%63onnected",
    "https://app.example.com/connected%00",
  ],
  ...[
    "https://app.example.com/connected\u0000",
    "https://app.example.com/connected\r\nset-cookie: a=b",
    "\thttps://app.example.com/connected",
  ],
  ...[" https://app.example.com/connected", "https://app.example.com/connected ", "https://app.example.com./connected"],
  ...[
    "https://user:pass@app.example.com/connected",
    "https://app。example.com/connected",
    "https://xn--app-example.com/connected",
  ],
  ...[
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>1</script>",
    "vbscript:x",
  ],
  ...[
    "file:///etc/passwd",
    "blob:https://app.example.com/1",
    "about:blank",
    "intent://evil.test#Intent;end",
    "myapp://connected",
  ],
  ...[
    "http://localhost:8081/connected",
    "http://127.0.0.1:8080/connected",
    "http://[::1]:8080/connected",
    "http://localhost:8080/",
  ],
  ...[
    "http://localhost:3999/connectors",
    "/connectors",
    "connected",
    "*",
    "https://*.example.com/connected",
    "null",
    "undefined",
  ],
  ...[
    "https://app.example.com/connected,https://evil.test",
    BACK + BACK,
    "\ud800",
    "https://[::ffff:7f00:1]/connected",
  ],
];

describe("where a program may have people sent back to", () => {
  it("is only what the operator listed, to the letter", async () => {
    expect(new Set(payloads).size).toBeGreaterThanOrEqual(60);
    for (const redirect_uri of payloads) {
      // A NUL gets no further than the door.
      const code = redirect_uri.includes("\0") ? "invalid_request" : "redirect_not_allowed";
      const refused = await program.ask(ada, { redirect_uri });
      expect([refused.status, refused.json.error.code], redirect_uri).toEqual([400, code]);
      const link = await program.askForLink(ada, { connector: "openai", redirect_uri });
      expect([link.status, link.json.error.code], redirect_uri).toEqual([400, code]);
    }
    for (const redirect_uri of [
      "",
      1,
      null,
      ["https://app.example.com/connected"],
      {},
      `${BACK}/${"x".repeat(2_000)}`,
    ]) {
      expect((await program.ask(ada, { redirect_uri })).json.error.code).toBe("invalid_request");
    }
    const [kept] = await server.sql`select count(*)::int as count from connect_links`;
    expect(kept?.count).toBe(0);
    for (const redirect_uri of [BACK, "http://localhost:8080/connected"])
      expect((await program.ask(ada, { redirect_uri })).status).toBe(200);
  });

  it("counts once more when somebody leaves: an address that was taken off the list is gone back to by nobody", async () => {
    const { token } = await program.begin(ada);
    const listed = process.env.REDIRECT_URIS;
    process.env.REDIRECT_URIS = "https://another.example.com/connected";
    resetEnv();
    const refused = await program.leave(ada, token);
    process.env.REDIRECT_URIS = listed;
    resetEnv();
    expect([refused.status, refused.json.error.code]).toEqual([400, "redirect_not_allowed"]);
    expect((await linksOf(server).open(ada, token)).status).toBe(201);
  });

  it("is nowhere without a list", async () => {
    const listed = process.env.REDIRECT_URIS;
    delete process.env.REDIRECT_URIS;
    resetEnv();
    const refused = await program.ask(ada);
    process.env.REDIRECT_URIS = listed;
    resetEnv();
    expect(refused.json.error.code).toBe("redirect_not_allowed");
  });
});

describe("the list", () => {
  it.each([
    ["http://app.example.com/connected"],
    ["ftp://app.example.com/connected"],
    ["app.example.com/connected"],
    ["https://app.example.com/connected#part"],
    ["https://user@app.example.com/connected"],
    ["https://app.example.com/connected?state=1"],
    ["https://app.example.com/connected?code=1"],
    ["https://app.example.com/connected?x=1&error=1"],
    ["https://app.example.com/one, https://evil test/two"],
    ["javascript:alert(1)"],
    ["https:\\\\app.example.com"],
  ])("takes no %s", (value) => {
    expect(() => parseEnvironment(settings({ REDIRECT_URIS: value }))).toThrow("REDIRECT_URIS must be whole https");
  });

  it("holds several, and this machine only where nobody else is meant", () => {
    const list = "https://one.example.com/a?x=1 , http://localhost:8080/b,,http://[::1]:1/c";
    const uris = ["https://one.example.com/a?x=1", "http://localhost:8080/b", "http://[::1]:1/c"];
    const live = { NODE_ENV: "production", REDIRECT_URIS: list };
    expect(parseEnvironment(settings({ REDIRECT_URIS: list })).redirectUris).toEqual(uris);
    expect(parseEnvironment(settings({ ...live, PATCHBAY_DEMO: "1" })).redirectUris).toEqual(uris);
    expect(() => parseEnvironment(settings(live))).toThrow("REDIRECT_URIS must be https");
    expect(parseEnvironment(settings({})).redirectUris).toEqual([]);
  });
});
