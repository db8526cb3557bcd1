import { randomUUID } from "node:crypto";
import { getProvider } from "@nangohq/providers";
import { registerIntegrations } from "@/emulators/nango/register-integrations";
import { startNango } from "@/emulators/nango/start";
import { twilioAccount } from "@/emulators/providers/accounts";
import { standinConnector } from "@/emulators/providers/standin-connector";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests as allManifests } from "@/lib/catalogue/manifests";
import { at, ConsentForm, startFresh } from "./providers-person";

// Sentry's sign-in begins at Sentry and comes back as a webhook, which the stand-ins do not do.
const ELSEWHERE = ["sentry"];

/** The connectors that can be connected and tested through Nango. */
export const manifests = [...allManifests.values()].filter(
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

/** Who signs in, and with what: the defaults are Ada, key-1 and so on. */
export type As = {
  /** The account's button on a consent page. */
  account?: RegExp;
  /** What is put behind every value that is typed in as a credential. */
  ending?: string;
  /** Scopes that are unticked on the consent page. */
  without?: string[];
};

/** What a person would type into the fields that a provider asks for. */
function typed(fields: Record<string, Field> = {}, ending = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, field]) => !field.automated)
      .map(([name, field]) => [
        name,
        (field.default_value ?? field.enum?.[0] ?? field.example?.split(" ")[0] ?? "acme") + ending,
      ]),
  );
}

/**
 * What a person does in Connect UI and at the provider, for a session that was minted.
 * @returns Nango's id of the connection
 */
export async function finishSession(
  at: { host: string; connectUrl: string },
  token: string,
  manifest: Manifest,
  { account = /ada|Acme Inc/, ending = "", without }: As = {},
): Promise<string> {
  const key = manifest.nango.integration_key as string;
  const entry = getProvider(manifest.nango.provider_key as string) as unknown as Entry;
  const flow = `${manifest.slug}-${randomUUID()}`;
  const query = new URLSearchParams({ connect_session_token: token, ws_client_id: flow });
  for (const [name, value] of Object.entries(typed(entry.connection_config))) query.set(`params[${name}]`, value);
  if (entry.auth_mode.startsWith("OAUTH") && entry.auth_mode !== "OAUTH2_CC") {
    const begun = await fetch(`${at.host}/oauth/connect/${key}?${query}`, { redirect: "manual" });
    const location = begun.headers.get("location");
    if (!location) throw new Error(`no consent page: ${(await begun.text()).slice(-400)}`);
    const page = await fetch(location);
    const form = new ConsentForm(new URL(location), page.status, await page.text());
    await fetch(await form.press(account, without));
    const outcome = await (await fetch(`${at.connectUrl}/flows/${flow}`)).json();
    if (!outcome.success) throw new Error(JSON.stringify(outcome));
    return outcome.connectionId;
  }
  const [path, body] = {
    API_KEY: ["/api-auth/api-key", { apiKey: `key-1${ending}` }],
    BASIC: ["/api-auth/basic", { username: `ada${ending}`, password: "secret" }],
    TWO_STEP: ["/auth/two-step", typed(entry.credentials, ending)],
    OAUTH2_CC: ["/oauth2/auth", { client_id: `client-1${ending}`, client_secret: "secret-1" }],
    AWS_SIGV4: ["/auth/aws-sigv4", { role_arn: "arn:aws:iam::123456789012:role/patchbay", region: "eu-central-1" }],
  }[entry.auth_mode] as [string, Record<string, string>];
  const sent =
    manifest.slug === "twilio" ? { username: twilioAccount.accountSid, password: twilioAccount.authToken } : body;
  const answer = await fetch(`${at.host}${path}/${key}?${query}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(sent),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { connectionId: string }).connectionId;
}

/** The whole chain behind a connection: Nango's stand-in before the providers' ones, as the app meets it. */
export async function startChain() {
  const providers = await startFresh(manifests.map(standinConnector));
  const nango = await startNango({ upstream: providers.resolve });
  await registerIntegrations(nango, manifests, providers.oauthClient);

  const api = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(nango.host + path, {
      method,
      headers: { authorization: `Bearer ${nango.apiKey}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  async function mint(manifest: Manifest, renewed?: string): Promise<string> {
    const key = manifest.nango.integration_key as string;
    const tags = { end_user_id: "u1" };
    const made = renewed
      ? await api("POST", "/connect/sessions/reconnect", { connection_id: renewed, integration_id: key, tags })
      : await api("POST", "/connect/sessions", { tags, allowed_integrations: [key] });
    return ((await made.json()) as { data: { token: string } }).data.token;
  }

  /** Connects, or renews a connection. @returns its id */
  const connect = async (manifest: Manifest, as: As = {}, renewed?: string) =>
    finishSession(nango, await mint(manifest, renewed), manifest, as);

  /** Makes a connector's test call. `account` is who it names; null where it names nobody. */
  async function test(manifest: Manifest, connection: string) {
    const { method, endpoint, body, headers, account } = manifest.test_connection as NonNullable<
      Manifest["test_connection"]
    >;
    const answer = await api(
      method,
      `/proxy${endpoint.startsWith("/") ? "" : "/"}${endpoint}`,
      method === "GET" ? undefined : (body ?? undefined),
      {
        "provider-config-key": manifest.nango.integration_key as string,
        "connection-id": connection,
        ...Object.fromEntries(
          Object.entries(headers ?? {}).map(([name, value]) => [`nango-proxy-${name}`, String(value)]),
        ),
      },
    );
    const text = await answer.text();
    const named = (path: string) => String(at(answer.ok ? JSON.parse(text) : null, path) ?? "");
    return {
      status: answer.status,
      text,
      account: account && { id: named(account.id), name: named(account.name) },
    };
  }

  return {
    providers,
    nango,
    api,
    connect,
    test,
    close: async () => {
      await nango.close();
      await providers.close();
    },
  };
}

export type Chain = Awaited<ReturnType<typeof startChain>>;
