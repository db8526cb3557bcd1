import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as detailRoute } from "@/app/api/v1/connectors/[slug]/route";
import { GET as triggersRoute } from "@/app/api/v1/connectors/[slug]/triggers/route";
import { GET as listToo } from "@/app/api/v1/connectors/list/route";
import { GET as listRoute } from "@/app/api/v1/connectors/route";
import { listedManifests, manifests } from "@/lib/catalogue/manifests";
import { keysOf } from "@/tests/support/api-keys";
import { type By, by } from "@/tests/support/authorizing";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let ada: SignedIn;
let key: string;

beforeAll(async () => {
  server = await startServer();
  ada = await server.signIn("ada@acme.test", "acme");
  key = (await keysOf(server).made(ada, ["connectors:read"])).key;
});
afterAll(() => server?.close());

const list = (who: By, query: Record<string, string> = {}, route = listRoute) =>
  server.call(route, `/api/v1/connectors?${new URLSearchParams(query)}`, by(who));
const slugs = async (query: Record<string, string>) =>
  (await list(key, query)).json.connectors.map(({ slug }: { slug: string }) => slug) as string[];
const read = (who: By, slug: string) =>
  server.call(detailRoute, `/api/v1/connectors/${slug}`, { ...by(who), params: { slug } });

describe("the catalogue over the API", () => {
  it("lists what the pages list, with ids that stay, and the same under both addresses", async () => {
    const { json } = await list(key, { limit: "200" });
    expect(json.connectors.map(({ slug }: { slug: string }) => slug)).toEqual(
      listedManifests().map(({ slug }) => slug),
    );
    expect([json.total_count, json.next_cursor]).toEqual([listedManifests().length, null]);
    const github = json.connectors.find(({ slug }: { slug: string }) => slug === "github");
    const manifest = manifests.get("github") ?? expect.fail("no github");
    const [row] = await server.sql`select id from connectors where slug = 'github'`;
    expect(github).toEqual({
      id: row?.id,
      slug: "github",
      name: "GitHub",
      status: "stable",
      category: "development",
      description: manifest.description,
      latest_version: manifest.version,
      nango_enabled: true,
      nango_provider_key: manifest.nango.provider_key,
      auth_mode: "OAUTH2",
      availability: { state: "available", method: "nango", reason: null },
      created_at: expect.any(String),
    });
    expect((await list(ada, { limit: "200" }, listToo)).json).toEqual(json);
  });

  it("narrows by category, status and words, and all of them", async () => {
    for (const slug of await slugs({ category: "crm", limit: "200" }))
      expect(manifests.get(slug)?.category).toBe("crm");
    expect(await slugs({ status_filter: "unavailable" })).toContain("when2meet");
    expect((await slugs({ q: "github" }))[0]).toBe("github");
    expect(await slugs({ q: "githb", category: "development" })).toEqual(["github"]);
    expect(await slugs({ q: "github", category: "payments" })).toEqual([]);
    expect((await slugs({ q: "send an e-mail", limit: "5" })).length).toBeGreaterThan(0);
  });

  it("pages through all of it, each once, also in the order of a search", async () => {
    for (const q of ["", "send a message"]) {
      const whole = await slugs({ q, limit: "200" });
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const { json } = await list(key, { q, limit: "7", ...(cursor && { cursor }) });
        expect(json.total_count).toBe(whole.length);
        seen.push(...json.connectors.map(({ slug }: { slug: string }) => slug));
        cursor = json.next_cursor;
      } while (cursor !== null);
      expect(seen).toEqual(whole);
    }
  });

  it("says why one cannot be connected", async () => {
    await server.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
      values (${ada.ownerId}, 'connector', 'slack', 'block', ${ada.userId})`;
    const of = async (slug: string) => (await read(key, slug)).json.availability;
    expect(await of("slack")).toEqual({ state: "unavailable", method: null, reason: "blocked" });
    expect(await of("when2meet")).toEqual({ state: "unavailable", method: null, reason: "upstream" });
    expect(await of("hubspot")).toEqual({ state: "unavailable", method: null, reason: "not_configured" });
    expect(await of("codeberg")).toEqual({ state: "unavailable", method: null, reason: "direct_not_configured" });
  });

  it("shows one with its manifest, listed or not, and no more of that than is meant for callers", async () => {
    const { json, text } = await read(ada, "github");
    const manifest = manifests.get("github") ?? expect.fail("no github");
    expect(json).toMatchObject({ slug: "github", version: manifest.version, latest_version: manifest.version });
    expect(Object.keys(json.manifest)).toEqual([
      "name",
      "slug",
      "description",
      "category",
      "nango",
      "oauth",
      "actions",
    ]);
    expect(json.manifest.nango).toEqual({ enabled: true, provider_key: manifest.nango.provider_key });
    expect(json.manifest.oauth).toEqual({
      authorization_url: manifest.oauth?.authorization_url,
      token_url: manifest.oauth?.token_url,
      default_scopes: manifest.oauth?.default_scopes,
    });
    expect(Object.keys(json.manifest.actions)).toEqual(Object.keys(manifest.actions));
    const [name = ""] = Object.keys(manifest.actions);
    expect(Object.keys(json.manifest.actions[name]).sort()).toEqual(
      ["name", "description", "method", "endpoint", "input_schema", "read_only", "destructive"].sort(),
    );
    expect(text).not.toMatch(/test_connection|integration_key|"request"/);
    expect((await read(key, "codeberg")).status).toBe(200);
  });

  it("lists what a provider can push", async () => {
    const triggers = await server.call(triggersRoute, "/api/v1/connectors/github/triggers", {
      ...by(key),
      params: { slug: "github" },
    });
    expect(triggers.json).toEqual({ triggers: manifests.get("github")?.triggers });
  });

  it("knows no connector that is none", async () => {
    for (const slug of ["no-such", "constructor", "__proto__", "..", "GITHUB", "%00", "x".repeat(100)]) {
      const answer = await read(key, slug);
      expect([answer.status, answer.json.error.code], slug).toEqual([404, "unknown_connector"]);
    }
    const wrong: [name: string, value: string][] = [
      ["cursor", "x"],
      ["category", "none"],
      ["status_filter", "beta,stable"],
      ["limit", "0"],
      ["y", "1"],
    ];
    for (const [name, value] of wrong)
      expect((await list(key, { [name]: value })).json.error?.code, `${name}=${value}`).toBe("invalid_request");
  });
});
