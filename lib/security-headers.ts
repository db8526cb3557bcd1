/**
 * Headers that every answer carries, and the two content security policies. Plain data: next.config.ts and the edge
 * middleware both read it.
 */

export const securityHeaders = [
  { key: "Strict-Transport-Security", value: "max-age=63072000; includeSubDomains" },
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  // The provider's window must still be able to reach the one that opened it.
  { key: "Cross-Origin-Opener-Policy", value: "same-origin-allow-popups" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), payment=(), usb=()" },
] as const;

const common = [
  "default-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
];

/** The static pages' policy: no other host at all. Their HTML is made at build time, so scripts cannot carry a nonce. */
export function staticPolicy(development: boolean): string {
  return [
    ...common,
    `script-src 'self' 'unsafe-inline'${development ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${development ? " ws:" : ""}`,
    "frame-src 'none'",
  ].join("; ");
}

/**
 * The signed-in pages' policy, for one answer.
 * @param hosts.nango origins of Nango's Connect UI, shown in a frame, and of its API; false where it is not used
 * @param hosts.clerk Clerk's own host when its API is not served under our origin
 */
export function noncePolicy(
  nonce: string,
  hosts: { nango: { connect: string; api: string } | false; clerk?: string | undefined },
  development: boolean,
): string {
  const clerk = hosts.clerk ? ` ${hosts.clerk}` : "";
  const api = hosts.nango ? ` ${hosts.nango.api}` : "";
  // Clerk shows its bot check in Cloudflare's frame.
  const frames = [hosts.nango ? hosts.nango.connect : [], clerk ? "https://challenges.cloudflare.com" : []].flat();
  return [
    ...common,
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    // Clerk's and the toasts' style elements carry no nonce.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: https://img.clerk.com",
    "font-src 'self'",
    `connect-src 'self'${api}${clerk}${development ? " ws:" : ""}`,
    `frame-src ${frames.join(" ") || "'none'"}`,
    "worker-src 'self' blob:",
  ].join("; ");
}
