import { clerkMiddleware } from "@clerk/nextjs/server";
import { type NextRequest, NextResponse } from "next/server";
import { safeReturnPath } from "@/lib/auth/return-path";
import { verificationOptions } from "@/lib/auth/verification";
import { env } from "@/lib/env";
import { noncePolicy } from "@/lib/security-headers";

/**
 * Clerk for the pages that need it, the nonce of their policy, and the way to the sign-in page. Comfort, not the lock:
 * every handler and page checks the session by itself. Runs on the edge runtime.
 */

const PROXY_PATH = "/__clerk";

/** Clerk's own host, for instances that are not served under our origin. */
function clerkHost(): string | undefined {
  const { proxyUrl, publishableKey } = env().clerk;
  if (proxyUrl) return undefined;
  return `https://${atob(publishableKey.split("_")[2] ?? "").replace(/\$$/, "")}`;
}

function withPolicy(request: NextRequest): NextResponse {
  const { nango, production } = env();
  const nonce = btoa(crypto.randomUUID());
  const policy = noncePolicy(
    nonce,
    { nangoConnect: new URL(nango.connectUrl).origin, nangoApi: new URL(nango.host).origin, clerk: clerkHost() },
    !production,
  );
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  // Next reads the nonce for its own scripts from the request's policy.
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

export default clerkMiddleware(
  async (auth, request) => {
    const { pathname, search, searchParams } = request.nextUrl;
    if (pathname.startsWith("/api/") || pathname.startsWith(PROXY_PATH)) return NextResponse.next();
    if (/^\/sign-(in|up)(\/|$)/.test(pathname)) {
      const wanted = searchParams.get("redirect_url");
      // Clerk's form goes wherever this parameter says, so nothing but a path of ours may stand there.
      if (wanted !== null && safeReturnPath(wanted) !== wanted) {
        const clean = new URL(request.nextUrl);
        clean.searchParams.set("redirect_url", safeReturnPath(wanted));
        return NextResponse.redirect(clean);
      }
      return withPolicy(request);
    }
    const { userId } = await auth();
    if (!userId) {
      const signIn = new URL("/sign-in", request.nextUrl);
      signIn.searchParams.set("redirect_url", safeReturnPath(`${pathname}${search}`));
      return NextResponse.redirect(signIn);
    }
    return withPolicy(request);
  },
  // A function, so that keys are read when a request comes and none is needed to build.
  () => {
    const settings = env();
    return {
      ...verificationOptions(settings),
      publishableKey: settings.clerk.publishableKey,
      ...(settings.clerk.proxyUrl && { frontendApiProxy: { enabled: true, path: PROXY_PATH } }),
    };
  },
);

export const config = {
  matcher: [
    "/connectors/:path*",
    "/connections/:path*",
    "/admin/:path*",
    "/connect/:path*",
    "/sign-in/:path*",
    "/sign-up/:path*",
    "/api/nango/:path*",
    "/api/v1/:path*",
    "/api/integrations/:path*",
    "/api/mcp/:path*",
    "/__clerk/:path*",
  ],
};
