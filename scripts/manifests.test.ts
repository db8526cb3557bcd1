import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { manifestSchema } from "@/lib/catalogue/manifest";
import { deriveManifest } from "./manifest-derive";
import {
  indexFile,
  type ManifestFile,
  manifestsFolder,
  manifestsIndex,
  readManifestFiles,
  repositoryRoot,
} from "./manifest-files";
import { checkManifests } from "./manifests-rules";
import { manifestJsonSchema } from "./manifests-schema";
import { providerCatalogue } from "./provider-catalogue";

const providers = providerCatalogue();
const files = readManifestFiles();

describe("the manifests", () => {
  it("fulfil every rule", () => {
    expect(checkManifests(files, providers)).toEqual([]);
  });

  it("are what the generator would write, so generating again changes nothing", () => {
    const stale = files.filter(
      ({ slug, content }) => JSON.stringify(deriveManifest(slug, content, providers)) !== JSON.stringify(content),
    );
    expect(stale.map(({ slug }) => slug)).toEqual([]);
  });

  it("have a published JSON Schema and a static index that are current", () => {
    expect(readFileSync(path.join(manifestsFolder, "schema.json"), "utf8")).toBe(manifestJsonSchema());
    const squeeze = (text: string) => text.replace(/[\s,]+/g, "");
    expect(squeeze(readFileSync(indexFile, "utf8"))).toBe(squeeze(manifestsIndex(files.map(({ slug }) => slug))));
  });

  it("hold what the app needs of the provider catalogue, so that the app never imports it", () => {
    const importers = ["app", "components", "lib", "i18n"].flatMap((folder) =>
      readdirSync(path.join(repositoryRoot, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.tsx?$/.test(name))
        .map((name) => path.join(folder, name))
        .filter((name) => readFileSync(path.join(repositoryRoot, name), "utf8").includes('"@nangohq/providers')),
    );
    expect(importers).toEqual([]);
  });
});

describe("checking manifests", () => {
  const action = {
    name: "Create an issue",
    description: "Opens an issue in a repository.",
    method: "POST",
    endpoint: "/repos/{owner}/issues",
    read_only: false,
    input_schema: {
      type: "object",
      properties: { owner: { type: "string" }, title: { type: "string" } },
      required: ["owner", "title"],
      additionalProperties: false,
    },
    request: { path: ["owner"], query: [], body: ["title"] },
  };
  const good = {
    $schema: "./schema.json",
    slug: "example",
    name: "Example",
    description: "A thing to test the rules with.",
    category: "development",
    status: "stable",
    listed: true,
    version: "1.0.0",
    aliases: [],
    nango: { enabled: true, provider_key: "github", integration_key: "example" },
    auth_mode: "OAUTH2",
    oauth: {
      default_scopes: ["repo"],
      authorization_url: "https://github.com/login/oauth/authorize",
      token_url: "https://github.com/login/oauth/access_token",
    },
    scopes: { repo: "read and change your repositories" },
    prerequisites: [],
    docs_url: "https://docs.github.com/rest",
    revocation_url: null,
    test_connection: {
      method: "GET",
      endpoint: "/user",
      account: { id: "id", name: "login" },
      verified: "docs",
      source: "https://docs.github.com/rest/users",
    },
    actions: { create_issue: action },
    triggers: [],
  };
  const problemsOf = (content: Record<string, unknown>) =>
    checkManifests([{ slug: "example", file: "", content } satisfies ManifestFile], providers)
      .filter(({ slug }) => slug === "example")
      .map(({ problem }) => problem);
  const withAction = (changes: Record<string, unknown>, key = "create_issue") =>
    problemsOf({ ...good, actions: { [key]: { ...action, ...changes } } });

  it("finds nothing wrong with a good one", () => {
    expect(problemsOf(good)).toEqual([]);
  });

  it("finds an action that is said to change nothing and to take something away", () => {
    expect(withAction({ destructive: true })).toEqual([]);
    expect(withAction({ read_only: true, destructive: true })).toEqual([
      "actions.create_issue: it cannot be both read_only and destructive",
    ]);
    expect(
      manifestSchema.parse({ ...good, actions: { a: { ...action, method: "DELETE" } } }).actions.a?.destructive,
    ).toBe(true);
    expect(withAction({ max_seconds: 5 })).toEqual([]);
    for (const max_seconds of [4, 56, 5.5]) expect(withAction({ max_seconds })).toHaveLength(1);
  });

  it("finds a direct sign-in that is not the provider's", () => {
    const direct = deriveManifest("example", good, providers).oauth as { direct: object };
    const withDirect = (changes: object) =>
      problemsOf({ ...good, oauth: { ...good.oauth, direct: { ...direct.direct, ...changes } } });
    expect(withDirect({ revocation_endpoint: "https://github.com/revoke" })).toEqual([]);
    expect(withDirect({ api_base_url: "https://evil.example" }).join()).toMatch(/oauth\.direct/);
    expect(withDirect({ pkce: "no" }).join()).toMatch(/pkce/);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ["a field nobody knows", { colour: "red" }, /colour/],
    ["a description of 91 characters", { description: "x".repeat(91) }, /description/],
    ["a description that says nothing", { description: "An integration with Example." }, /description/],
    [
      "a provider that is gone",
      { nango: { ...good.nango, provider_key: "gone-provider" } },
      /no provider "gone-provider"/,
    ],
    ["another auth mode than the provider's", { auth_mode: "API_KEY" }, /auth_mode: is API_KEY, at Nango it is OAUTH2/],
    ["no test_connection", { test_connection: null }, /test_connection/],
    ["documents without an address", { test_connection: { ...good.test_connection, source: null } }, /source/],
    [
      "a test that leaves the host",
      { test_connection: { ...good.test_connection, endpoint: "https://evil.test/" } },
      /endpoint/,
    ],
    ["a scope that is not in words", { scopes: {} }, /"repo" is asked for/],
    ["words for a scope that is not asked for", { scopes: { ...good.scopes, gist: "x" } }, /"gist" is explained/],
    [
      "the life of a sign-in where nobody signs in",
      { oauth: null, scopes: {}, sign_in_life: { days: 60, source: "https://docs.github.com/rest" } },
      /sign_in_life: belongs to/,
    ],
    ["the life of a sign-in without a source", { sign_in_life: { days: 60 } }, /sign_in_life.source/],
    ["another slug than its file", { slug: "other" }, /the file is example/],
    ["an unavailable one without a reason", { status: "unavailable" }, /unavailable_reason/],
    ["half of Nango's keys", { nango: { ...good.nango, integration_key: null } }, /exactly when it is enabled/],
  ])("finds %s", (_, changes, problem) => {
    expect(problemsOf({ ...good, ...changes }).join("\n")).toMatch(problem);
  });

  it("finds actions whose request and input disagree", () => {
    expect(withAction({ request: { path: ["owner"], body: [] } }).join()).toMatch(/"title" is sent nowhere/);
    expect(withAction({ request: { path: ["owner"], body: ["title", "labels"] } }).join()).toMatch(/sends "labels"/);
    expect(withAction({ endpoint: "/repos/{owner}/{repo}" }).join()).toMatch(/has \{repo\}, which is not in/);
    expect(withAction({ endpoint: "/repos" }).join()).toMatch(/request.path has "owner"/);
    expect(withAction({ request: { path: ["owner"], body: ["title"], encode: "graphql" } }).join()).toMatch(/graphql/);
  });

  it("finds actions that need a scope which is not asked for, or do not say what they need", () => {
    expect(withAction({ scopes: ["repo"] })).toEqual([]);
    expect(withAction({ scopes: ["repo", "gist"] }).join()).toMatch(/needs the scope "gist"/);
    const rich = { ...good, slug: "github", nango: { ...good.nango, integration_key: "github" } };
    const problems = checkManifests([{ slug: "github", file: "", content: rich }], providers).map((one) => one.problem);
    expect(problems).toContain("actions.create_issue: says not which scopes it needs");
  });

  it.each(["list", "authorize", "callback", "refresh", "actions", "triggers"])("refuses an action named %s", (name) => {
    expect(withAction({}, name).join()).toMatch(/reserved/);
  });

  it("finds two manifests with the same description", () => {
    const twin = { ...good, slug: "twin", name: "Twin", nango: { ...good.nango, integration_key: "twin" } };
    const both = [
      { slug: "example", file: "", content: good },
      { slug: "twin", file: "", content: twin },
    ];
    expect(checkManifests(both, providers)).toContainEqual({
      slug: "twin",
      problem: "description: the same as example's",
    });
  });
});

describe("deriving a manifest", () => {
  const bare = { slug: "x", name: "Mine", nango: { enabled: true, provider_key: "google-mail", integration_key: "x" } };

  it("fills in what the provider knows, through aliases", () => {
    expect(deriveManifest("x", bare, providers)).toMatchObject({
      auth_mode: "OAUTH2",
      oauth: { default_scopes: [], authorization_url: "https://accounts.google.com/o/oauth2/v2/auth" },
      docs_url: expect.stringContaining("google-mail"),
    });
  });

  it("keeps what is hand-written and settles after one run", () => {
    const mine = { ...bare, docs_url: "https://example.com/docs", oauth: { default_scopes: ["a"] }, extra: 1 };
    const once = deriveManifest("x", mine, providers);
    expect(once).toMatchObject({
      name: "Mine",
      docs_url: "https://example.com/docs",
      oauth: { default_scopes: ["a"] },
      extra: 1,
    });
    expect(JSON.stringify(deriveManifest("x", once, providers))).toBe(JSON.stringify(once));
  });

  it("leaves a changed auth mode for a person to look at", () => {
    expect(deriveManifest("x", { ...bare, auth_mode: "BASIC" }, providers)).toMatchObject({ auth_mode: "BASIC" });
  });
});
