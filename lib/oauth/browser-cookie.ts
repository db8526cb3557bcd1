import "server-only";
import { env } from "@/lib/env";

/**
 * The cookie that binds a sign-in to the browser that began it: one for each attempt, so that two windows do not get in
 * each other's way. `__Host-` keeps other hosts of the domain from setting it; plain http, which only a machine of one's
 * own has, knows no such cookies.
 */

export type Cookie = { name: string; value: string; maxAge: number };

const TEN_MINUTES = 600;
/** The newest come last. */
const AT_MOST = 20;

const isSecure = (): boolean => new URL(env().appUrl).protocol === "https:";
const prefix = (): string => `${isSecure() ? "__Host-" : ""}patchbay_oauth_`;

export function browserCookie(attemptId: string, value: string): Cookie {
  return { name: `${prefix()}${attemptId}`, value, maxAge: TEN_MINUTES };
}

/** Lax: the provider sends the browser back from another site, by an ordinary link. */
export function setCookieHeader({ name, value, maxAge }: Cookie): string {
  return `${name}=${value}; Max-Age=${maxAge}; Path=/; HttpOnly; SameSite=Lax${isSecure() ? "; Secure" : ""}`;
}

/** What a browser brought of these cookies. */
export function browserCookies(header: string | null): Cookie[] {
  const form = new RegExp(`^(${prefix()}[0-9a-f-]{36})=([A-Za-z0-9_-]{1,100})$`);
  return (header ?? "")
    .split(";")
    .flatMap((pair) => {
      const [, name, value] = form.exec(pair.trim()) ?? [];
      return name && value ? [{ name, value, maxAge: 0 }] : [];
    })
    .slice(-AT_MOST);
}
