// @ts-check
import { make } from "./dom.js";
import { isFramed, listen, tell } from "./host-page.js";
import { showIntegration } from "./integration-view.js";
import { ApiProblem, nangoApi } from "./nango-api.js";
import { show, showMessage, watchForClosing, words } from "./screen.js";

/** @typedef {import("./integration-view.js").Integration} Integration */

/** A frame that was opened in a click gets its token a moment later; not this much later. */
const TOKEN_WAIT_MS = 10_000;

const query = new URLSearchParams(window.location.search);
const apiURL = query.get("apiURL");

/** @param {string} token */
async function start(token) {
  if (!apiURL) return showMessage(words.noApiTitle, words.noApi);
  const api = nangoApi(apiURL, token);
  const onExpired = () => showMessage(words.expiredTitle, words.expired);

  /**
   * @param {() => Promise<void>} work
   * @returns {Promise<void>}
   */
  async function guarded(work) {
    try {
      await work();
    } catch (error) {
      if (error instanceof ApiProblem && error.expired) return onExpired();
      const onclick = () => guarded(work);
      showMessage(words.unreachableTitle, words.unreachable, make("button", { type: "button", onclick }, words.retry));
    }
  }

  await guarded(async () => {
    const [session, integrations] = await Promise.all([api.session(), api.integrations()]);
    /** @param {Integration} integration */
    const open = (integration) =>
      guarded(async () => {
        const provider = await api.provider(integration.provider);
        const onBack = integrations.length > 1 ? () => showChoices(integrations, open) : null;
        showIntegration({ api, session, integration, provider, onBack, onExpired });
      });
    if (integrations.length === 1) await open(integrations[0]);
    else showChoices(integrations, open);
  });
}

/**
 * @param {Integration[]} integrations
 * @param {(integration: Integration) => void} open
 */
function showChoices(integrations, open) {
  if (integrations.length === 0) return showMessage(words.choose, words.nothingToChoose);
  const choices = integrations.map((integration) => {
    const logo = make("img", { class: "logo", src: integration.logo, alt: "", width: "36", height: "36" });
    const onclick = () => open(integration);
    return make("li", {}, make("button", { type: "button", onclick }, logo, integration.display_name));
  });
  show(words.choose, {}, make("ul", { class: "choices" }, ...choices));
}

const theme = query.get("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
document.documentElement.classList.add(isFramed() ? "framed" : "alone");
watchForClosing();
show(words.loading, { spinner: true, keepFocus: true });

const tooLong = setTimeout(() => showMessage(words.noTokenTitle, words.noToken), TOKEN_WAIT_MS);
let used = "";
/** @param {string} token */
function takeToken(token) {
  if (token === used) return;
  used = token;
  clearTimeout(tooLong);
  void start(token);
}
listen(takeToken);
const given = query.get("session_token");
if (given) takeToken(given);
tell({ type: "ready" });
