import { breakClerkFor, description } from "./support/product";
import { expect, test } from "./support/test";

/** The site itself, as everything must resolve to. */
const site = () => new URL(description().app).origin;

/** Where somebody who wants to lead people off this site would send them. */
const elsewhere = () => [
  ...["https://evil.test", "http://evil.test/connectors", "HTTPS://EVIL.test", "https:evil.test", "https:/evil.test"],
  ...["//evil.test", "///evil.test", "////evil.test", "/\\evil.test", "\\\\evil.test", "\\/evil.test", "/\\/evil.test"],
  ...["/\t/evil.test", "/\n/evil.test", "/\r/evil.test", "\t//evil.test", " //evil.test", "/\u0000/evil.test"],
  ...["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x"],
  ...["blob:https://evil.test/1", "file:///etc/passwd", "ftp://evil.test", "mailto:a@evil.test", "about:blank"],
  ...["evil.test", "www.evil.test/connectors", "@evil.test", "user@evil.test", ":80", "..", "../connectors"],
  ...["/.//evil.test", "/..//evil.test", "/a/..//evil.test", "/./\\evil.test", "/%2e//evil.test", "http:\\\\evil.test"],
  ...["/__clerk/v1/client", "/a/../__clerk/v1", `${site()}.evil.test/`, `${site()}@evil.test/`, `${site()}//evil.test`],
  ...[`${site()}\\@evil.test/`, "http://localhost:1/connectors", site().replace("http:", "https:")],
  ...[`http://evil.test#${site()}/`, `http://evil.test?${site()}/`, "//evil.test/%2f.."],
  ...[`//${new URL(site()).host}@evil.test/`, "/\u007f", `/${"a".repeat(2_001)}`],
];

/** What the browser would make of an answer's address. */
const resolved = (path: string, from: string) => new URL(path, new URL(from, site()));

type Ask = (path: string, agent?: string) => Promise<{ status: number; location: string | null; text: string }>;

/** Asks as a browser that is signed out, and follows nothing. */
const askerOf =
  (request: import("@playwright/test").APIRequestContext): Ask =>
  async (path, agent) => {
    const answer = await request.get(path, {
      maxRedirects: 0,
      headers: { accept: "text/html", ...(agent && { "user-agent": agent }) },
    });
    return { status: answer.status(), location: answer.headers().location ?? null, text: await answer.text() };
  };

/** Every return parameter of a form of ours, as Clerk's forms read it. */
const parameters = [
  "redirect_url",
  "sign_in_force_redirect_url",
  "sign_in_fallback_redirect_url",
  "sign_up_force_redirect_url",
  "sign_up_fallback_redirect_url",
];

for (const form of ["/sign-in", "/sign-up"]) {
  test(`no return parameter of ${form} names anything but a path of this site`, async ({ request }) => {
    const ask = askerOf(request);
    expect(new Set(elsewhere()).size).toBeGreaterThanOrEqual(50);
    for (const name of parameters) {
      await Promise.all(
        elsewhere().map(async (place) => {
          const where = `${name} ${JSON.stringify(place)}`;
          const answer = await ask(`${form}?${name}=${encodeURIComponent(place)}&kept=1`);
          expect(answer.status, where).toBe(307);
          const to = resolved(answer.location ?? "", form);
          expect([to.origin, to.pathname, to.searchParams.get("kept")], where).toEqual([site(), form, "1"]);
          const left = to.searchParams.getAll(name);
          // Where there is nothing to go on to there is the catalogue; what forces another way is gone.
          expect(left, where).toEqual(name === "redirect_url" ? [left[0]] : []);
          for (const path of left) {
            expect(path, where).toMatch(/^\/[a-z_]/);
            expect(resolved(path, form).origin, where).toBe(site());
          }
        }),
      );
      const several = await ask(`${form}?${name}=%2Fconnections&${name}=https%3A%2F%2Fevil.test`);
      expect(resolved(several.location ?? "", form).searchParams.getAll(name)).toEqual(["/connections"]);
    }
    expect((await ask(`${form}?redirect_url=%2Fconnections%3Fa%3D1`)).status).toBe(200);
  });
}

test("somebody who is signed out comes back to the page that was asked for, and to no other site", async ({
  request,
}) => {
  const ask = askerOf(request);
  for (const path of [
    "/connectors?q=a&auth=oauth",
    "/connections/links",
    `/connect/${"A".repeat(43)}`,
    "/admin/quarantine",
    "/settings/api-keys",
  ]) {
    const to = resolved((await ask(path)).location ?? "", "/");
    expect([to.origin, to.pathname, to.searchParams.get("redirect_url")]).toEqual([site(), "/sign-in", path]);
  }
  await Promise.all(
    elsewhere().flatMap((place) =>
      [`/connect/${encodeURIComponent(place)}`, `/connect/x?next=${encodeURIComponent(place)}`].map(async (path) => {
        const { location } = await ask(path);
        if (location === null) return;
        const to = resolved(location, path);
        expect(to.origin, path).toBe(site());
        const back = to.searchParams.get("redirect_url");
        if (back !== null) expect(resolved(back, "/sign-in").origin, path).toBe(site());
      }),
    ),
  );
});

test("a session that cannot be renewed while Clerk is down links back to this site only", async ({ request }) => {
  const ask = askerOf(request);
  const agent = "open-redirects";
  const mend = await breakClerkFor(agent);
  try {
    for (const place of elsewhere()) {
      const path = `/__clerk/v1/client/handshake?redirect_url=${encodeURIComponent(place)}`;
      const { status, location, text } = await ask(path, agent);
      expect([status, location], place).toEqual([503, null]);
      const [, href = ""] = /href="([^"]*)"/.exec(text) ?? [];
      const link = href.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
      expect(resolved(link, path).origin, place).toBe(site());
    }
  } finally {
    await mend();
  }
});
