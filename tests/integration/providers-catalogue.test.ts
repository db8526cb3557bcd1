import { getProvider } from "@nangohq/providers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { standinConnector } from "@/emulators/providers/standin-connector";
import type { Providers } from "@/emulators/providers/start";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests as allManifests } from "@/lib/catalogue/manifests";
import { at, basic, call, Person, startFresh } from "./providers-person";

describe("every connector of the catalogue", () => {
  // Where the operator sets host and header, the catalogue's entry cannot say how to call it: those connectors are tried
  // through Nango (providers-nango.test.ts).
  const manifests = [...allManifests.values()].filter(
    ({ nango, test_connection }) => nango.enabled && test_connection && !nango.integration_config?.baseUrl,
  );
  let providers: Providers;
  beforeAll(async () => {
    providers = await startFresh(manifests.map(standinConnector));
  });
  afterAll(() => providers.close());

  /** Stands for Nango's interpolation: the last alternative, and made-up values in the holes. */
  const filled = (template: string) =>
    (template.split(/\s*\|\|\s*/).at(-1) ?? "")
      .replace(/^\$\{[^}]*(instance_url|api_domain|accounts-server)\}/, "https://acme.example")
      .replace(/\$\{[^}]*\}/g, "acme.example");

  it.each(manifests.map((manifest) => [manifest.slug, manifest] as const))(
    "%s: its test call finds the account, and a bad credential is refused",
    async (slug, manifest) => {
      if (slug === "twilio") return; // checks one fixed account; see the gate's tests
      const key = manifest.nango.provider_key as string;
      const provider = getProvider(key) as unknown as {
        authorization_url?: string;
        token_url: string;
        proxy: { base_url: string; headers?: Record<string, string>; query?: Record<string, string> };
      };
      const test = manifest.test_connection as NonNullable<Manifest["test_connection"]>;
      const request = async (credential: string) => {
        const headers: Record<string, string> = {};
        if (manifest.auth_mode === "BASIC") Object.assign(headers, basic("ada", credential));
        else if (manifest.auth_mode === "AWS_SIGV4")
          headers.authorization = `AWS4-HMAC-SHA256 Credential=${credential}/20261121/eu/s3/aws4_request, SignedHeaders=host, Signature=0`;
        else if (manifest.auth_mode === "OAUTH1") headers.authorization = `OAuth oauth_token="${credential}"`;
        else headers.authorization = `Bearer ${credential}`;
        for (const [name, template] of Object.entries(provider.proxy.headers ?? {})) {
          const holds = /\$\{(accessToken|apiKey)\}/.test(template);
          if (holds && name !== "authorization") delete headers.authorization;
          if (holds) headers[name] = template.replace(/\$\{[^}]*\}/g, credential);
        }
        const base = filled(provider.proxy.base_url.replace(/\$\{apiKey\}/, credential)).replace(/\/$/, "");
        const url = new URL(base + (test.endpoint.startsWith("/") ? "" : "/") + test.endpoint);
        for (const [name, template] of Object.entries(provider.proxy.query ?? {})) {
          delete headers.authorization;
          url.searchParams.set(name, template.replace(/\$\{[^}]*\}/g, credential));
        }
        return call(providers, url.toString(), null, {
          method: test.method,
          headers,
          ...(test.method === "POST" ? { json: test.body ?? {} } : {}),
        });
      };
      let credential = "good-key";
      if (provider.authorization_url && manifest.auth_mode === "OAUTH2") {
        const { body } = await new Person(providers, key).signIn(
          filled(provider.authorization_url),
          filled(provider.token_url),
          /ada|Acme Inc/,
          slug === "linear" ? { scope: "read" } : {},
        );
        credential = String(body.access_token);
      } else if (manifest.auth_mode === "TWO_STEP") {
        const { body } = await call(providers, filled(provider.token_url), null, {
          method: "POST",
          json: { credentials: { secret: "s" } },
        });
        credential = body.credentials.token;
      } else if (/^OAUTH/.test(manifest.auth_mode ?? "")) {
        const { body } = await new Person(providers, key).token("https://generic.example/token", {
          grant_type: "client_credentials",
        });
        credential = String(body.access_token);
      }
      const good = await request(credential);
      expect(good.status, good.text).toBe(200);
      if (test.account) {
        for (const path of [test.account.id, test.account.name])
          expect(String(at(good.body, path) ?? ""), `${path} in ${good.text}`).not.toBe("");
      }
      const refused = await request("bad-credential");
      expect(refused.status >= 400 || refused.body?.ok === false, refused.text).toBe(true);
    },
  );
});
