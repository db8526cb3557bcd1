import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Providers, type StandinConnector, startProviders } from "@/emulators/providers/start";

export const REDIRECT = "http://localhost:3003/oauth/callback";

/** Starts the providers with a state folder of their own. */
export function startFresh(connectors: StandinConnector[] = [], stateDir = newStateDir()): Promise<Providers> {
  return startProviders({ stateDir, connectors });
}

export function newStateDir(): string {
  return mkdtempSync(join(tmpdir(), "providers-"));
}

/** What a person does on consent pages, over plain HTTP forms, and what an application does with the outcome. */
export class Person {
  readonly verifier = randomBytes(32).toString("base64url");

  constructor(
    private readonly providers: Providers,
    private readonly providerKey: string,
  ) {}

  /** Opens the consent page as an application would send the person there. */
  async open(realUrl: string, extra: Record<string, string> = {}): Promise<ConsentForm> {
    const url = new URL(this.providers.resolve(realUrl));
    const asked = {
      client_id: this.providers.oauthClient(this.providerKey).clientId,
      redirect_uri: REDIRECT,
      response_type: "code",
      state: "state-1",
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...extra,
    };
    for (const [key, value] of Object.entries(asked)) url.searchParams.set(key, value);
    const response = await fetch(url);
    return new ConsentForm(url, response.status, await response.text());
  }

  /** Exchanges a code (or a refresh token) at the provider's token URL. */
  async token(
    realUrl: string,
    fields: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const { clientId, clientSecret } = this.providers.oauthClient(this.providerKey);
    const response = await fetch(this.providers.resolve(realUrl), {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({
        client_id: clientId,
        client_secret: clientSecret,
        ...(fields.code
          ? { grant_type: "authorization_code", redirect_uri: REDIRECT, code_verifier: this.verifier }
          : {}),
        ...(fields.refresh_token ? { grant_type: "refresh_token" } : {}),
        ...fields,
      }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** From the consent page to tokens in one go. */
  async signIn(authorizeUrl: string, tokenUrl: string, button: RegExp, extra: Record<string, string> = {}) {
    const landed = await (await this.open(authorizeUrl, extra)).press(button);
    const code = landed.searchParams.get("code") ?? landed.searchParams.get("spapi_oauth_code") ?? "";
    return this.token(tokenUrl, { code });
  }
}

/** A page of forms, whose buttons are pressed by the words on them. */
export class ConsentForm {
  constructor(
    readonly url: URL,
    readonly status: number,
    readonly html: string,
  ) {}

  get buttons(): string[] {
    return this.ways().map(({ label }) => label);
  }

  /** Scopes that can be left out. */
  get choosable(): string[] {
    return [...this.html.matchAll(/<input type="checkbox"[^>]*> <code>([^<]*)<\/code>/g)].map((match) =>
      plain(match[1] as string),
    );
  }

  /**
   * @param without scopes to untick before
   * @returns where the browser would land
   */
  async press(label: RegExp, without: string[] = []): Promise<URL> {
    const way = this.ways().find((each) => label.test(each.label));
    if (!way) throw new Error(`no button ${label} among ${this.buttons.join(" | ")}`);
    const fields = way.fields.filter(({ scope }) => !scope || !without.includes(scope));
    const response = await fetch(new URL(way.action, this.url), {
      method: "POST",
      body: new URLSearchParams(fields.map(({ name, value }) => [name, value])),
      redirect: "manual",
    });
    const location = response.headers.get("location");
    if (!location) throw new Error(`no redirect: ${response.status} ${(await response.text()).slice(-300)}`);
    return new URL(location);
  }

  private ways() {
    return [...this.html.matchAll(/<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].flatMap((form) => {
      const inner = form[2] as string;
      const fields = [
        ...[...inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map((field) => ({
          name: plain(field[1] as string),
          value: plain(field[2] as string),
          scope: null,
        })),
        ...[...inner.matchAll(/<input type="checkbox" name="([^"]*)" value="([^"]*)" checked> <code>([^<]*)</g)].map(
          (field) => ({ name: field[1] as string, value: field[2] as string, scope: plain(field[3] as string) }),
        ),
      ];
      return [...inner.matchAll(/<button([^>]*)>([\s\S]*?)<\/button>/g)].map((button) => {
        const sends = /name="([^"]*)" value="([^"]*)"/.exec(button[1] as string);
        const words = (button[2] as string)
          .replace(/<span[^>]*aria-hidden="true"[^>]*>[^<]*<\/span>/g, "")
          .replace(/<[^>]*>/g, " ");
        const own = sends ? [{ name: plain(sends[1] as string), value: plain(sends[2] as string), scope: null }] : [];
        return {
          action: plain(form[1] as string),
          label: plain(words).replace(/\s+/g, " ").trim(),
          fields: [...fields, ...own],
        };
      });
    });
  }
}

function plain(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** Calls a provider's API under its real URL. */
export async function call(
  providers: Providers,
  realUrl: string,
  token: string | null,
  init: { method?: string; json?: unknown; headers?: Record<string, string> } = {},
) {
  const response = await fetch(providers.resolve(realUrl), {
    method: init.method ?? "GET",
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(init.json !== undefined ? { "content-type": "application/json" } : {}),
      ...init.headers,
    },
    body: init.json !== undefined ? JSON.stringify(init.json) : null,
  });
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: /json/.test(type) && text ? JSON.parse(text) : null,
  };
}

/** Posts to the providers' control API. */
export async function control(providers: Providers, path: string, body: unknown, method = "POST") {
  const response = await fetch(providers.control + path, {
    method,
    headers: { "content-type": "application/json" },
    body: method === "GET" ? null : JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** What stands at a dot path. */
export const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((each, key) => (each as Record<string, unknown> | undefined)?.[key], value);

export const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});
