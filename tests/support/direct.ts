/** Direct sign-ins in a test: a database, the provider stand-ins, and browsers that come and go between them. */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directClient } from "@/emulators/providers/clients";
import { directSettings } from "@/emulators/providers/direct-settings";
import { standinConnector } from "@/emulators/providers/standin-connector";
import { startProviders } from "@/emulators/providers/start";
import type { Tenant } from "@/lib/auth/tenant";
import { manifests } from "@/lib/catalogue/manifests";
import { registerConnectors } from "@/lib/catalogue/register";
import { type AttemptRow, getAttempt, startAttempt, startReconnect } from "@/lib/db/attempts";
import { resetEnv } from "@/lib/env";
import { runDueJobs } from "@/lib/jobs/worker";
import { answerCallback } from "@/lib/oauth/answer-callback";
import { type DirectStart, startDirect } from "@/lib/oauth/authorize";
import { directKey } from "@/lib/oauth/direct-key";
import { ConsentForm } from "../integration/providers-person";
import { openDataFixture } from "./tenants";

export const CALLBACK = "http://localhost:3999/oauth/callback";

/** Connectors with an application of the operator's. */
const configured = ["github", "gmail", "slack", "discord", "notion", "codeberg", "dropbox"];

/** The settings of an application of the operator's at the stand-ins of some more. */
export const appsAt = (...slugs: string[]): Record<string, string> =>
  Object.fromEntries(
    slugs.flatMap((slug) => {
      const name = `OAUTH_${slug.toUpperCase().replaceAll("-", "_")}_CLIENT`;
      const { clientId, clientSecret } = directClient(slug);
      return [
        [`${name}_ID`, clientId],
        [`${name}_SECRET`, clientSecret],
      ];
    }),
  );

/** A browser: what it holds of cookies, and where it goes. */
export class Browser {
  readonly cookies = new Map<string, string>();

  /** Takes the cookie that came with the start of a sign-in. */
  take({ setCookie }: Pick<DirectStart, "setCookie">): this {
    this.keep(setCookie);
    return this;
  }

  /** From the address of a sign-in to where the provider sends the browser after a button was pressed. */
  async consent(authorizationUrl: string, button: RegExp): Promise<URL> {
    const page = await fetch(authorizationUrl);
    return new ConsentForm(new URL(page.url), page.status, await page.text()).press(button);
  }

  /** Opens the callback. */
  async land(url: URL | string, open = answerCallback): Promise<{ status: number; text: string; headers: Headers }> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await open(new Request(url, { headers: { cookie } }));
    for (const each of answer.headers.getSetCookie()) this.keep(each);
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  }

  private keep(setCookie: string): void {
    const [pair = "", ...attributes] = setCookie.split(/;\s*/);
    const at = pair.indexOf("=");
    if (attributes.includes("Max-Age=0")) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

export type DirectWorld = Awaited<ReturnType<typeof openDirectWorld>>;

/** @param overrides settings that differ */
export async function openDirectWorld(overrides: Record<string, string> = {}) {
  const stateDir = mkdtempSync(join(tmpdir(), "patchbay-direct-"));
  const [db, providers] = await Promise.all([
    openDataFixture(),
    startProviders({ stateDir, connectors: [...manifests.values()].map(standinConnector) }),
  ]);
  const before = { ...process.env };
  Object.assign(process.env, directSettings(providers, configured, stateDir), { LOG_LEVEL: "silent" }, overrides);
  resetEnv();
  await registerConnectors();

  const control = async (path: string, body?: unknown, method = body === undefined ? "GET" : "POST") => {
    const response = await fetch(`${providers.control}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests themselves
    return (await response.json()) as any;
  };
  const attemptOf = (tenant: Tenant, id: string) => getAttempt(tenant, id) as Promise<AttemptRow>;

  async function start(
    tenant: Tenant,
    connector = "discord",
    options: { returnTo?: string; onlyMe?: boolean; connectionConfig?: Record<string, string> } = {},
  ) {
    const attempt = await startAttempt(tenant, {
      connector,
      integrationKey: directKey(connector),
      visibility: options.onlyMe ? "only_me" : "everyone",
    });
    const { returnTo, connectionConfig } = options;
    const begun = await startDirect(tenant, attempt, {
      ...(returnTo !== undefined && { returnTo }),
      ...(connectionConfig && { connectionConfig }),
    });
    return { attempt, ...begun, browser: new Browser().take(begun) };
  }

  async function startAgain(tenant: Tenant, connectionId: string) {
    const { attempt } = await startReconnect(tenant, connectionId);
    const begun = await startDirect(tenant, attempt);
    return { attempt, ...begun, browser: new Browser().take(begun) };
  }

  /** A connected account whose owner is known. */
  async function connect(
    tenant: Tenant,
    connector = "discord",
    button = /Ada/,
    connectionConfig: Record<string, string> = {},
  ): Promise<string> {
    const { attempt, browser, authorizationUrl } = await start(tenant, connector, { connectionConfig });
    await browser.land(await browser.consent(authorizationUrl, button));
    const { connectionId, status, outcome } = await attemptOf(tenant, attempt.id);
    if (connectionId === null) throw new Error(`not connected: ${status} ${outcome}`);
    await runDueJobs();
    return connectionId;
  }

  const row = async (id: string) => (await db.sql`select * from connections where id = ${id}`)[0];
  const stored = async (id: string) => (await db.sql`select * from oauth_credentials where connection_id = ${id}`)[0];

  return {
    db,
    providers,
    control,
    attemptOf,
    start,
    startAgain,
    connect,
    row,
    stored,
    runJobs: runDueJobs,
    /** Calls that reached a token endpoint (or another path of a provider). */
    calls: async (query: string): Promise<{ path: string; status: number; method: string }[]> =>
      (await control(`/calls?${query}`)).calls,
    close: async () => {
      await db.close();
      await providers.close();
      await rm(stateDir, { recursive: true, force: true });
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      resetEnv();
    },
  };
}
