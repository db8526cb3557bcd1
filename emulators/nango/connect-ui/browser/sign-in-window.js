// @ts-check
/** The provider's own page, in a window beside this one, and the wait for what becomes of it. */

/**
 * Opens the window. Must be called straight from a click, or browsers block it.
 * @param {string} url
 * @returns {Window | null} null when the browser did not let it open
 */
export function openWindow(url) {
  const width = Math.min(560, window.screen.availWidth);
  const height = Math.min(720, window.screen.availHeight);
  const left = Math.max(0, (window.screen.availWidth - width) / 2);
  const top = Math.max(0, (window.screen.availHeight - height) / 2);
  return window.open(url, "_blank", `popup,width=${width},height=${height},left=${left},top=${top}`);
}

/**
 * Asks what became of a try until there is an answer.
 * @param {string} flow
 * @param {AbortSignal} signal ends the wait when the person gives up
 * @returns {Promise<{ success: true, connectionId: string, providerConfigKey: string, isPending?: boolean }
 *   | { success: false, errorType: string, errorMessage: string } | null>} null when given up
 */
export async function outcomeOf(flow, signal) {
  while (!signal.aborted) {
    try {
      const response = await fetch(`flows/${encodeURIComponent(flow)}`, { signal });
      if (response.status === 200) return await response.json();
      if (response.status !== 204) await pause(1000);
    } catch {
      if (!signal.aborted) await pause(1000);
    }
  }
  return null;
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
