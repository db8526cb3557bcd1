/**
 * The embedded stack: everything outside the app that Patchbay talks to, on loopback, with no account and no key.
 *
 * `startStack` starts the stand-ins of Clerk, Nango, Supabase and the providers in the order in which they need each
 * other, and registers one Nango integration for every connector, as an operator would have done by hand. Demo, dev
 * and tests all start it this way; only ports and the state folder differ.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "@/lib/catalogue/manifest";
import { nangoAliases } from "@/lib/env/nango";
import { seedOrganizations, seedPeople } from "./clerk/seed";
import { startClerk } from "./clerk/start";
import { registerIntegrations } from "./nango/register-integrations";
import { startNango } from "./nango/start";
import { startPanora } from "./panora/start";
import { directSettings } from "./providers/direct-settings";
import { standinConnector } from "./providers/standin-connector";
import { startProviders } from "./providers/start";
import { startSupabase } from "./supabase/start";

/** Which of the services the stack stands in for; a real one is configured by its own keys. */
export type StandIns = { clerk: boolean; supabase: boolean; nango: boolean; panora: boolean };

/** Connectors that could be connected directly as well, as an operator sets up who wants to do without Nango at times. */
const directBeside = ["github", "asana"];

const allStandIns: StandIns = { clerk: true, supabase: true, nango: true, panora: true };

/** What the running stack says of itself, as written to `.stack/stack.json`. A real service is not described: its keys are the operator's. */
export type StackDescription = {
  app: string;
  clerk?: { url: string; publishableKey: string; secretKey: string };
  nango?: { host: string; apiKey: string; webhookSigningKey: string; connectUrl: string };
  supabase?: { url: string; publishableKey: string; secretKey: string; databaseUrl: string };
  providers: Record<string, string>;
  secrets: { cron: string; metrics: string };
  people: {
    email: string;
    password: string;
    userId: string;
    organizations: { id: string; slug: string; role: string }[];
  }[];
};

export type Stack = {
  description: StackDescription;
  /** Control APIs of the stand-ins: faults, logs and dumps for tests. */
  controls: { clerk?: string; nango?: string; providers?: string };
  /** The environment in which the app and the worker run against this stack (see lib/env.ts). */
  appEnv: Record<string, string>;
  close(): Promise<void>;
};

type Closable = { close(): Promise<void> };

/**
 * Starts the stack and resolves when every part answers.
 *
 * @param options.appUrl origin of the app, without a trailing slash: webhooks go to it, tokens are issued for it
 * @param options.stateDir folder for everything that survives a restart
 * @param options.manifests the connectors to register at Nango and to serve as providers
 * @throws when a part cannot start; the parts already started are closed first
 */
export async function startStack(options: {
  appUrl: string;
  stateDir: string;
  manifests: Manifest[];
  /** Leaves out the services that have real keys; all are stood in for by default. */
  standIns?: StandIns;
  /** Whose tokens the Supabase stand-in believes when Clerk is the real one. */
  clerkAuth?: { issuer: string; jwksUrl: string };
  onProgress?: (line: string) => void;
}): Promise<Stack> {
  const { appUrl, stateDir } = options;
  const say = options.onProgress ?? (() => {});
  const dir = (name: string) => {
    const path = join(stateDir, name);
    // Postgres must not run as root; as another user it needs to pass through, though not to look around.
    mkdirSync(path, { recursive: true, mode: name === "supabase" ? 0o711 : 0o700 });
    return path;
  };
  const { standIns = allStandIns } = options;
  const started: Closable[] = [];
  const close = async () => {
    // In reverse, so that nobody loses the service it is still writing to.
    for (const part of started.splice(0).reverse()) await part.close();
  };
  const keep = <T extends Closable>(part: T): T => {
    started.push(part);
    return part;
  };
  const secrets = { cron: randomBytes(24).toString("hex"), metrics: randomBytes(24).toString("hex") };
  const description: StackDescription = { app: appUrl, providers: {}, secrets, people: [] };
  const controls: Stack["controls"] = {};
  const appEnv: Record<string, string> = {
    APP_URL: appUrl,
    CRON_SECRET: secrets.cron,
    METRICS_SECRET: secrets.metrics,
    ...(standIns.clerk || standIns.nango || standIns.supabase
      ? { PATCHBAY_DEMO: "1", REDIRECT_URIS: "http://localhost:8080/connected" }
      : {}),
  };

  /** Clerk, then Supabase, which believes the tokens that Clerk (or its stand-in) signs. */
  const identityAndData = async () => {
    let auth = options.clerkAuth;
    if (standIns.clerk) {
      const clerk = keep(
        await startClerk({
          stateDir: dir("clerk"),
          appOrigin: appUrl,
          webhookUrl: `${appUrl}/api/webhooks/clerk`,
          people: seedPeople,
          organizations: seedOrganizations,
        }),
      );
      auth = { issuer: clerk.issuer, jwksUrl: clerk.jwksUrl };
      description.clerk = { url: clerk.url, publishableKey: clerk.publishableKey, secretKey: clerk.secretKey };
      description.people = clerk.people;
      controls.clerk = clerk.url;
      Object.assign(appEnv, {
        NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: clerk.publishableKey,
        CLERK_SECRET_KEY: clerk.secretKey,
        CLERK_WEBHOOK_SIGNING_SECRET: clerk.webhookSecret,
        CLERK_JWT_KEY: clerk.jwtKey,
        CLERK_PROXY_URL: "/__clerk",
        CLERK_FAPI_URL: clerk.url,
        CLERK_API_URL: clerk.url,
        NEXT_PUBLIC_CLERK_TELEMETRY_DISABLED: "1",
      });
      say("Clerk stand-in answers");
    }
    if (standIns.supabase) {
      if (!auth) throw new Error("The Supabase stand-in needs to know whose tokens to believe.");
      const { close: _, ...supabase } = keep(await startSupabase({ stateDir: dir("supabase"), auth }));
      description.supabase = supabase;
      Object.assign(appEnv, {
        SUPABASE_URL: supabase.url,
        SUPABASE_PUBLISHABLE_KEY: supabase.publishableKey,
        SUPABASE_SECRET_KEY: supabase.secretKey,
        DATABASE_URL: supabase.databaseUrl,
      });
      say("Postgres answers, migrations are applied");
    }
  };

  /** The providers, then Nango in front of them. */
  const credentials = async () => {
    if (!standIns.nango) return;
    const available = options.manifests.filter((manifest) => manifest.nango.enabled);
    const direct = options.manifests.filter((manifest) => !manifest.nango.enabled && manifest.oauth?.direct);
    const providers = keep(
      await startProviders({
        stateDir: dir("providers"),
        connectors: [...available, ...direct].map(standinConnector),
      }),
    );
    const nango = keep(
      await startNango({
        stateDir: dir("nango"),
        webhookUrl: `${appUrl}/api/webhooks/nango`,
        upstream: providers.resolve,
      }),
    );
    await registerIntegrations(nango, available, providers.oauthClient);
    description.providers = providers.urls;
    description.nango = {
      host: nango.host,
      apiKey: nango.apiKey,
      webhookSigningKey: nango.webhookSigningKey,
      connectUrl: nango.connectUrl,
    };
    controls.nango = nango.control;
    controls.providers = providers.control;
    Object.assign(appEnv, directSettings(providers, [...directBeside, ...direct.map(({ slug }) => slug)], dir("app")));
    Object.assign(appEnv, {
      // Another name for one of these, in somebody's own settings, must not lead elsewhere.
      ...Object.fromEntries(nangoAliases.map((name) => [name, ""])),
      NANGO_HOST: nango.host,
      NANGO_SECRET_KEY: nango.apiKey,
      NANGO_WEBHOOK_SIGNING_KEY: nango.webhookSigningKey,
      NANGO_CONNECT_URL: nango.connectUrl,
    });
    say("Providers and Nango stand-in answer");
  };

  /** Contacts and employees of another unified API. What is in it is made up, so everybody may see it. */
  const unified = async () => {
    if (!standIns.panora) return;
    const panora = keep(await startPanora());
    description.providers.panora = panora.url;
    Object.assign(appEnv, { PANORA_API_URL: panora.url, PANORA_API_KEY: panora.apiKey, PANORA_OWNERS: "*" });
  };

  for (const part of await Promise.allSettled([identityAndData(), credentials().then(unified)])) {
    if (part.status === "rejected") {
      await close();
      throw part.reason;
    }
  }
  const { app, clerk, nango, supabase, providers } = description;
  return {
    description: { app, clerk, nango, supabase, providers, secrets, people: description.people },
    controls,
    appEnv,
    close,
  };
}
