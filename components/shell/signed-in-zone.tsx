import { ClerkProvider } from "@clerk/nextjs";
import { headers } from "next/headers";
import { NextIntlClientProvider } from "next-intl";
import { getMessages } from "next-intl/server";
import type { ReactNode } from "react";
import { Theme } from "@/components/ui/theme";
import { clientConfig } from "@/lib/client-config";
import { clerkAppearance } from "./clerk-appearance";

/** Message namespaces that only the server reads; they need not travel. */
const serverOnly = [
  "site",
  "landing",
  "integrations",
  "notFound",
  "before",
  "abilities",
  "admin",
  "invitation",
] as const;

/**
 * What pages with Clerk on them share: its settings as props (read when the request comes, none is built in), the nonce of
 * this answer for every inline script, the theme, and the words that the browser needs.
 */
export async function SignedInZone({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  const { clerk, origin } = clientConfig();
  const messages = { ...(await getMessages()) };
  for (const name of serverOnly) Reflect.deleteProperty(messages, name);
  return (
    <ClerkProvider
      dynamic
      publishableKey={clerk.publishableKey}
      proxyUrl={clerk.proxyUrl}
      signInUrl={clerk.signInUrl}
      signUpUrl={clerk.signUpUrl}
      signInFallbackRedirectUrl="/connectors"
      signUpFallbackRedirectUrl="/connectors"
      afterSignOutUrl="/"
      // Clerk's own default lets its forms go on to every host of the same domain, also by what stands behind a "#".
      allowedRedirectOrigins={[origin]}
      telemetry={{ disabled: true }}
      nonce={nonce}
      appearance={clerkAppearance}
    >
      <Theme nonce={nonce}>
        <NextIntlClientProvider messages={messages}>{children}</NextIntlClientProvider>
      </Theme>
    </ClerkProvider>
  );
}
