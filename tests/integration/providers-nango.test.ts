import { getProvider } from "@nangohq/providers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { registerIntegrations } from "@/emulators/nango/register-integrations";
import { startNango } from "@/emulators/nango/start";
import { twilioAccount } from "@/emulators/providers/accounts";
import { standinConnector } from "@/emulators/providers/standin-connector";
import type { Providers } from "@/emulators/providers/start";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests as allManifests } from "@/lib/catalogue/manifests";
import { at, ConsentForm, startFresh } from "./providers-person";

// Sentry's sign-in begins at Sentry and comes back as a webhook, which the stand-ins do not do.
const ELSEWHERE = ["sentry"];

const manifests = [...allManifests.values()].filter(
  (manifest) => manifest.nango.enabled && manifest.test_connection && !ELSEWHERE.includes(manifest.slug),
);

type Field = {
  example?: string;
  enum?: string[];
  automated?: boolean;
  optional?: boolean;
  pattern?: string;
  default_value?: string;
};
type Entry = { auth_mode: string; connection_config?: Record<string, Field>; credentials?: Record<string, Field> };

/** What a person would type into the fields that a provider asks for. */
function typed(fields: Record<string, Field> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, field]) => !field.automated)
      .map(([name, field]) => [name, field.default_value ?? field.enum?.[0] ?? field.example?.split(" ")[0] ?? "acme"]),
  );
}

/** The whole chain behind a connection: Nango's stand-in before the providers' ones, as the app meets it. */
describe("every connector, through Nango", () => {
  let providers: Providers;
  let nango: Awaited<ReturnType<typeof startNango>>;
  beforeAll(async () => {
    providers = await startFresh(manifests.map(standinConnector));
    nango = await startNango({ upstream: providers.resolve });
    await registerIntegrations(nango, manifests, providers.oauthClient);
  });
  afterAll(async () => {
    await nango?.close();
    await providers?.close();
  });

  const api = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(nango.host + path, {
      method,
      headers: { authorization: `Bearer ${nango.apiKey}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  async function connect(manifest: Manifest): Promise<string> {
    const key = manifest.nango.integration_key as string;
    const entry = getProvider(manifest.nango.provider_key as string) as unknown as Entry;
    const made = await api("POST", "/connect/sessions", { tags: { end_user_id: "u1" }, allowed_integrations: [key] });
    const { data } = (await made.json()) as { data: { token: string } };
    const query = new URLSearchParams({ connect_session_token: data.token, ws_client_id: manifest.slug });
    for (const [name, value] of Object.entries(typed(entry.connection_config))) query.set(`params[${name}]`, value);
    if (entry.auth_mode.startsWith("OAUTH") && entry.auth_mode !== "OAUTH2_CC") {
      const begun = await fetch(`${nango.host}/oauth/connect/${key}?${query}`, { redirect: "manual" });
      const location = begun.headers.get("location");
      if (!location) throw new Error(`no consent page: ${(await begun.text()).slice(-400)}`);
      const page = await fetch(location);
      const back = await new ConsentForm(new URL(location), page.status, await page.text()).press(/ada|Acme Inc/);
      await fetch(back);
      const outcome = await (await fetch(`${nango.connectUrl}/flows/${manifest.slug}`)).json();
      if (!outcome.success) throw new Error(JSON.stringify(outcome));
      return outcome.connectionId;
    }
    const [path, body] = {
      API_KEY: ["/api-auth/api-key", { apiKey: "key-1" }],
      BASIC: ["/api-auth/basic", { username: "ada", password: "secret" }],
      TWO_STEP: ["/auth/two-step", typed(entry.credentials)],
      OAUTH2_CC: ["/oauth2/auth", { client_id: "client-1", client_secret: "secret-1" }],
      AWS_SIGV4: ["/auth/aws-sigv4", { role_arn: "arn:aws:iam::123456789012:role/patchbay", region: "eu-central-1" }],
    }[entry.auth_mode] as [string, Record<string, string>];
    const sent =
      manifest.slug === "twilio" ? { username: twilioAccount.accountSid, password: twilioAccount.authToken } : body;
    const answer = await api("POST", `${path}/${key}?${query}`, sent);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { connectionId: string }).connectionId;
  }

  it.each(manifests.map((manifest) => [manifest.slug, manifest] as const))(
    "%s connects, and its test call names the account",
    async (_, manifest) => {
      const connection = await connect(manifest);
      const test = manifest.test_connection as NonNullable<Manifest["test_connection"]>;
      const answer = await api(
        test.method,
        `/proxy${test.endpoint.startsWith("/") ? "" : "/"}${test.endpoint}`,
        test.method === "GET" ? undefined : (test.body ?? undefined),
        {
          "provider-config-key": manifest.nango.integration_key as string,
          "connection-id": connection,
          ...Object.fromEntries(
            Object.entries(test.headers ?? {}).map(([name, value]) => [`nango-proxy-${name}`, String(value)]),
          ),
        },
      );
      const text = await answer.text();
      expect(answer.status, text).toBe(200);
      if (test.account) {
        for (const path of [test.account.id, test.account.name])
          expect(String(at(JSON.parse(text), path) ?? ""), `${path} in ${text}`).not.toBe("");
      }
    },
  );
});
