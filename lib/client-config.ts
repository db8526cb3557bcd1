import "server-only";
import { env } from "@/lib/env";

/** What the browser is told at run time; passed as props by the (app) layout. Holds public values only. */
export type ClientConfig = {
  /** This site. */
  origin: string;
  clerk: { publishableKey: string; proxyUrl: string | undefined; signInUrl: string; signUpUrl: string };
  /** null: Nango is not used. */
  nango: { connectUrl: string; apiUrl: string } | null;
  demo: boolean;
};

/** @throws EnvironmentError when required settings are missing */
export function clientConfig(): ClientConfig {
  const settings = env();
  return {
    origin: new URL(settings.appUrl).origin,
    clerk: {
      publishableKey: settings.clerk.publishableKey,
      proxyUrl: settings.clerk.proxyUrl,
      signInUrl: "/sign-in",
      signUpUrl: "/sign-up",
    },
    nango: settings.nango.enabled ? { connectUrl: settings.nango.connectUrl, apiUrl: settings.nango.host } : null,
    demo: settings.demo,
  };
}
