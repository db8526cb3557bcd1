// @ts-check
/**
 * What the frame and the page around it tell each other, as @nangohq/frontend expects it. In a tab of its own there is
 * nobody to tell, and everything works without.
 */

const framed = window.parent !== window;

/**
 * @typedef {{ type: "ready" } | { type: "close" }
 *   | { type: "connect", payload: { connectionId: string, providerConfigKey: string, isPending?: boolean } }
 *   | { type: "error", payload: { errorType: string, errorMessage: string } }} FrameEvent
 */

/** @param {FrameEvent} event */
export function tell(event) {
  // Any origin: the frame can't know who embeds it, and nothing in these events is secret.
  if (framed) window.parent.postMessage(event, "*");
}

/**
 * Waits for the session token. Messages of any other window than the page around are ignored.
 * @param {(token: string) => void} onToken
 */
export function listen(onToken) {
  window.addEventListener("message", ({ source, data }) => {
    if (!framed || source !== window.parent || typeof data !== "object" || data === null) return;
    if (data.type === "session_token" && typeof data.sessionToken === "string") onToken(data.sessionToken);
  });
}

export function isFramed() {
  return framed;
}
