import "server-only";
import { env } from "@/lib/env";

/** What the browser is told at run time; passed as props by the (app) layout. Holds public values only. */
export type ClientConfig = {
  clerk: { publishableKey: string; proxyUrl: string | undefined; signInUrl: string; signUpUrl: string };
  nango: { connectUrl: string; apiUrl: string };
  demo: boolean;
};

/** @throws EnvironmentError when required settings are missing */
export function clientConfig(): ClientConfig {
  const settings = env();
  return {
    clerk: {
      publishableKey: settings.clerk.publishableKey,
      proxyUrl: settings.clerk.proxyUrl,
      signInUrl: "/sign-in",
      signUpUrl: "/sign-up",
    },
    nango: { connectUrl: settings.nango.connectUrl, apiUrl: settings.nango.host },
    demo: settings.demo,
  };
}
