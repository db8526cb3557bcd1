import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";
import { securityHeaders, staticPolicy } from "./lib/security-headers";

const withNextIntl = createNextIntlPlugin({
  requestConfig: "./i18n/request.ts",
  // Messages are compiled at build time, so that the browser loads no parser for them.
  experimental: { messages: { path: "./messages", format: "json", locales: ["en"], precompile: true } },
});

/** Pages whose policy carries a nonce; the middleware sets it. Keep in step with the matcher in middleware.ts. */
const noncePages = "connectors|connections|settings|admin|connect|sign-in|sign-up";

/** Has a policy of its own (lib/oauth/callback-page.ts), and an address that holds a code. */
const callback = "oauth/callback";

const config: NextConfig = {
  distDir: process.env.NEXT_DIST_DIR ?? ".next",
  poweredByHeader: false,
  // Next would hash every answer on every request: a fifth of what a static page costs. What stands in front caches them.
  generateEtags: false,
  reactStrictMode: true,
  // `npm run build` and `npm test` check the types of the whole project; the build itself need not do it again.
  typescript: { ignoreBuildErrors: true },
  // Loaded by Node as they are: they use sockets, threads or native parts.
  serverExternalPackages: ["@nangohq/node", "graphile-worker", "pg", "pino", "postgres"],
  rewrites: async () => [
    // Browsers ask for it where a page's own icon has not come yet.
    { source: "/favicon.ico", destination: "/icon.svg" },
    // With and without the path of what it describes, as clients ask for it (RFC 9728).
    { source: "/.well-known/oauth-protected-resource/:path*", destination: "/oauth/protected-resource" },
  ],
  headers: async () => [
    // No named parameter: Next would put it into each header's name and value, on every request.
    { source: "/(.*)", headers: [...securityHeaders] },
    {
      // Whole segments: /connectorsX is a page that does not exist, and such a page has a policy as well.
      source: `/((?!(?:${noncePages}|__clerk|${callback})(?:/|$)).*)`,
      headers: [{ key: "Content-Security-Policy", value: staticPolicy(process.env.NODE_ENV === "development") }],
    },
    {
      source: `/${callback}`,
      headers: [
        // Coming from a provider's page, any other policy would cut the window off from the one that opened it, and it
        // could not close itself.
        { key: "Cross-Origin-Opener-Policy", value: "unsafe-none" },
        { key: "Referrer-Policy", value: "no-referrer" },
      ],
    },
  ],
};

export default withNextIntl(config);
