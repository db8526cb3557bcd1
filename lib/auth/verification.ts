import "server-only";
import type { Environment } from "@/lib/env";

/**
 * What verifying a session needs, the same for handlers and the middleware: without authorizedParties a token that was
 * issued for another site of the same Clerk instance would pass.
 */
export function verificationOptions(settings: Environment) {
  const { jwtKey, proxyUrl } = settings.clerk;
  return {
    authorizedParties: [settings.appUrl],
    signInUrl: "/sign-in",
    signUpUrl: "/sign-up",
    ...(jwtKey && { jwtKey }),
    ...(proxyUrl && { proxyUrl }),
  };
}
