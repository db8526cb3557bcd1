import "server-only";
import { createHash } from "node:crypto";
import { brand } from "@/brand";
import { manifests } from "@/lib/catalogue/manifests";
import { setCookieHeader } from "./browser-cookie";
import type { Ending, Finished } from "./callback";

/**
 * The page that a browser sees when it comes back from a provider, usually for a moment only: it closes its window, or
 * goes back to where the person was. It says nothing that came in its address, and loads nothing.
 */

const words: Record<Ending, (service: string) => [title: string, text: string]> = {
  connected: (service) => [`${service} is connected`, "You can close this window."],
  denied: (service) => [`${service} was not connected`, "You declined at the sign-in. Nothing was changed."],
  failed: (service) => [
    `${service} was not connected`,
    "The sign-in did not work out. Close this window and try again.",
  ],
  unavailable: (service) => [`${service} did not answer`, "Close this window and try again in a few minutes."],
  over: (service) => [`${service} was not connected`, "This sign-in was ended before it was finished. Start it again."],
  unknown: () => [
    "This sign-in is not valid any more",
    "It was used already, is too old, or was begun in another browser. Go back to where you began, and start again.",
  ],
};

/**
 * A window that a page of ours opened closes, also where the provider or our own headers have cut it off from that page.
 * One that is the person's own stays, and goes on to the page that they were on.
 */
const script = `window.close();
setTimeout(() => { const to = document.body.dataset.return; if (to) location.replace(to); }, 500);`;
const style = `:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto 0; padding: 0 1.5rem;
  background: light-dark(#fff, #0a0a0c); color: light-dark(#17171a, #f4f4f6); }
h1 { font-size: 1.25rem; font-weight: 600; margin: 0 0 .5rem; }
p { margin: 0 0 1rem; color: light-dark(#52525b, #b1b1bb); }
a { color: light-dark(#17171a, #f4f4f6); text-underline-offset: 3px; }`;

const sourceOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = [
  ...["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ...[`script-src ${sourceOf(script)}`, `style-src ${sourceOf(style)}`],
].join("; ");

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A page for how it ended. */
export function callbackPage({ ending, connector, returnTo, spent }: Finished, status = 200): Response {
  const [title, text] = words[ending](manifests.get(connector ?? "")?.name ?? "The account");
  const back = escapeHtml(returnTo ?? "/connectors");
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>${escapeHtml(title)} · ${escapeHtml(brand.name)}</title><style>${style}</style></head>
<body${returnTo === null ? "" : ` data-return="${back}"`}><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>
<p><a href="${back}">Back to ${escapeHtml(brand.name)}</a></p></main><script>${script}</script></body></html>`;
  const response = new Response(page, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "cache-control": "no-store",
      // The address holds a code.
      "referrer-policy": "no-referrer",
    },
  });
  for (const cookie of spent) response.headers.append("set-cookie", setCookieHeader(cookie));
  return response;
}
