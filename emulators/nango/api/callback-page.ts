import type { Outcome } from "../flows";

/**
 * What the popup shows when the provider sent it back. The frame that opened it hears of the outcome by itself, so
 * this page only says it in words and closes.
 */
export function callbackPage(outcome: Outcome): string {
  const title = outcome.success ? "Connected" : "Not connected";
  const text = outcome.success
    ? "You can close this window."
    : "Close this window and try again. The page you came from says more.";
  const detail = outcome.success
    ? ""
    : `<p><code>${escapeHtml(outcome.errorType)}</code> ${escapeHtml(outcome.errorMessage)}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: light dark }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; text-align: center; padding: 24px; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#fff, #161615); color: light-dark(#1c1917, #f5f5f4) }
h1 { font-size: 20px; margin: 0 0 4px } p { margin: 0 0 8px; color: light-dark(#57534e, #a8a29e); max-width: 46ch } code { font-size: 13px }
</style>
</head>
<body>
<main><h1>${title}</h1><p>${text}</p>${detail}</main>
<script>${outcome.success ? "setTimeout(() => window.close(), 150)" : "setTimeout(() => window.close(), 1200)"}</script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
