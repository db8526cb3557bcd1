import { clerkMiddleware } from "@clerk/nextjs/server";
import { type NextFetchEvent, type NextRequest, NextResponse } from "next/server";
import { cleanSignInAddress, isReadable, safeReturnPath } from "@/lib/auth/return-path";
import { verificationOptions } from "@/lib/auth/verification";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
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
    {
      nango: nango.enabled && { connect: new URL(nango.connectUrl).origin, api: new URL(nango.host).origin },
      clerk: clerkHost(),
    },
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

const withClerk = clerkMiddleware(
  async (auth, request) => {
    const { pathname, search } = request.nextUrl;
    if (pathname.startsWith("/api/") || pathname.startsWith(PROXY_PATH)) return NextResponse.next();
    if (/^\/sign-(in|up)(\/|$)/.test(pathname)) {
      const clean = cleanSignInAddress(new URL(request.nextUrl), new URL(env().appUrl).origin);
      if (clean) return NextResponse.redirect(clean);
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

/** For answers that are no page of ours: redirects, and what Clerk's API says. */
const NO_CONTENT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page of ours that a person was on the way to when Clerk had to renew their session. */
function wayBack(request: NextRequest): string {
  const target = request.nextUrl.searchParams.get("redirect_url");
  const url = target !== null && URL.canParse(target) ? new URL(target) : null;
  return safeReturnPath(url?.origin === new URL(env().appUrl).origin ? `${url.pathname}${url.search}` : null);
}

/** What a person sees when a session must be renewed and Clerk does not answer; trying again renews it. */
function signInUnavailable(request: NextRequest): Response {
  const { message, status } = new AppError("auth_unavailable");
  const link = wayBack(request).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${message}</title><h1>${message}</h1><p><a href="${link}">Try again</a></p></html>`;
  return new Response(page, { status, headers: { "content-type": "text/html; charset=utf-8", "retry-after": "5" } });
}

/** An address that is no text, such as `/connectors/%ff`, is one that does not exist. Next itself would answer 500. */
function unreadable(request: NextRequest): Response | null {
  const { pathname } = request.nextUrl;
  if (isReadable(pathname)) return null;
  if (!pathname.startsWith("/api/")) return NextResponse.redirect(new URL("/not-found", request.nextUrl));
  const { code, message, status } = new AppError("not_found");
  const requestId = crypto.randomUUID();
  const headers = { "cache-control": "no-store", "x-request-id": requestId };
  return Response.json({ error: { code, message, request_id: requestId } }, { status, headers });
}

/** Keys of the API are none of Clerk's: the handler looks them up, and a Clerk that is away must not keep them out. */
const carriesKey = ({ nextUrl, headers }: NextRequest) =>
  nextUrl.pathname.startsWith("/api/") && /^bearer +pby_/i.test(headers.get("authorization") ?? "");

export default async function middleware(request: NextRequest, event: NextFetchEvent): Promise<Response> {
  const { pathname } = request.nextUrl;
  let response =
    unreadable(request) ?? (carriesKey(request) ? null : await withClerk(request, event)) ?? NextResponse.next();
  if (pathname === `${PROXY_PATH}/v1/client/handshake` && response.status >= 500) {
    response = signInUnavailable(request);
  }
  if (pathname.startsWith(PROXY_PATH) || response.status >= 300) {
    response.headers.set("content-security-policy", NO_CONTENT_POLICY);
  }
  return response;
}

export const config = {
  matcher: [
    "/connectors/:path*",
    "/connections/:path*",
    "/settings/:path*",
    "/admin/:path*",
    "/connect/:path*",
    "/sign-in/:path*",
    "/sign-up/:path*",
    "/api/nango/:path*",
    "/api/connect/:path*",
    "/api/v1/:path*",
    "/api/integrations/:path*",
    "/api/mcp/:path*",
    "/__clerk/:path*",
  ],
};
