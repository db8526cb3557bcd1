// @ts-check
import { make } from "./dom.js";
import { fieldsOf } from "./fields.js";
import { fieldInputs } from "./form.js";
import { isFramed, tell } from "./host-page.js";
import { ApiProblem, typedInKind } from "./nango-api.js";
import { announce, close, show, words } from "./screen.js";
import { openWindow, outcomeOf } from "./sign-in-window.js";

/**
 * @typedef {{ unique_key: string, display_name: string, provider: string, logo: string }} Integration
 * @typedef {{ integrations_config_defaults?: Record<string, { connection_config?: Record<string, unknown> }>,
 *   overrides?: Record<string, { docs_connect?: string }>, isReconnecting?: boolean }} Session
 * @typedef {import("./fields.js").Provider & { docs_connect?: string, installation?: string }} Provider
 * @typedef {{ connectionId: string, providerConfigKey: string, isPending?: boolean }} Connected
 * @typedef {{ type: string, message: string }} Problem
 */

const detectClosed = new URLSearchParams(window.location.search).get("detectClosedAuthWindow") === "true";

/**
 * Connecting one integration: the form, the wait for the provider's window, and the end of it.
 *
 * @param {{ api: ReturnType<typeof import("./nango-api.js").nangoApi>, session: Session, integration: Integration,
 *   provider: Provider, onBack: (() => void) | null, onExpired: () => void }} context
 */
export function showIntegration(context) {
  const { api, session, integration, provider } = context;
  const name = integration.display_name;
  const key = integration.unique_key;
  const kind = typedInKind(provider);
  showForm(null);

  /** @param {Problem | null} problem of the try before, said above the form */
  function showForm(problem) {
    const preset = session.integrations_config_defaults?.[key]?.connection_config ?? {};
    const inputs = fieldInputs(fieldsOf(provider, preset), words);
    const alert = make("div", { role: "alert" }, problem && alertBox(name, problem));
    const submit = make("button", { type: "submit", class: "main" }, words.connect);
    const externalId = provider.auth_mode === "AWS_SIGV4" ? crypto.randomUUID() : "";
    const onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (submit.getAttribute("aria-disabled") === "true") return;
      alert.replaceChildren();
      const values = inputs.read();
      if (!values) return;
      if (externalId) values.params.external_id = externalId;
      if (kind) void send(kind, values, submit, alert);
      else signIn(values.params);
    };
    show(
      session.isReconnecting ? words.reconnectTitle(name) : words.connectTitle(name),
      { logo: integration.logo, onBack: context.onBack, dirty: inputs.dirty },
      make(
        "form",
        { novalidate: true, onsubmit },
        make("p", { class: "quiet" }, kind ? words.keyIntro(name) : words.oauthIntro(name)),
        alert,
        ...inputs.elements,
        externalId ? externalIdNote(externalId) : null,
        submit,
        inputs.elements.length > 0 ? guide() : null,
      ),
    );
    if (problem) submit.focus();
  }

  function guide() {
    const href = session.overrides?.[key]?.docs_connect ?? provider.docs_connect;
    if (!href) return null;
    return make("p", { class: "small" }, make("a", { href, target: "_blank", rel: "noreferrer" }, words.guide));
  }

  /**
   * Sends what was typed in. A refusal leaves it in the form.
   * @param {string} kind
   * @param {{ credentials: Record<string, string>, params: Record<string, string> }} values
   * @param {HTMLButtonElement} submit
   * @param {HTMLElement} alert
   */
  async function send(kind, values, submit, alert) {
    const busy = (/** @type {boolean} */ is) => {
      submit.setAttribute("aria-disabled", String(is));
      submit.textContent = is ? words.connecting : words.connect;
    };
    busy(true);
    announce(words.connecting);
    try {
      showDone(await api.connect(kind, key, values));
    } catch (error) {
      busy(false);
      const fault = error instanceof ApiProblem ? error : new ApiProblem(0, "unreachable", String(error));
      if (fault.expired) return context.onExpired();
      // The browser SDK reports every refusal of typed-in details under one name.
      const type = fault.code === "unreachable" ? "unknown_error" : "connection_test_failed";
      const problem = { type, message: fault.message || fault.code };
      report(problem);
      alert.replaceChildren(alertBox(name, problem));
      submit.focus();
    }
  }

  /**
   * Opens the provider's page, straight from the click.
   * @param {Record<string, string>} params
   */
  function signIn(params) {
    const flow = crypto.randomUUID();
    const url = api.signInUrl(key, params, flow);
    const opened = openWindow(url);
    if (opened) return void waitFor(flow, opened, params);
    report({ type: "blocked_by_browser", message: "Modal blocked by browser" });
    const onclick = () => setTimeout(() => void waitFor(flow, null, params));
    show(
      words.blockedTitle,
      { logo: integration.logo },
      make(
        "div",
        { class: "stack" },
        make("p", { role: "alert" }, words.blocked),
        make("a", { href: url, target: "_blank", class: "button main", onclick }, words.openTab),
        make("button", { type: "button", onclick: () => showForm(null) }, words.cancel),
      ),
    );
  }

  /**
   * Waits for what becomes of the provider's page.
   * @param {string} flow
   * @param {Window | null} opened null for a tab of the person's own making
   * @param {Record<string, string>} params
   */
  async function waitFor(flow, opened, params) {
    const waiting = new AbortController();
    const again = () => {
      opened?.close();
      signIn(params);
    };
    const cancel = () => {
      opened?.close();
      showForm(null);
    };
    show(
      words.waitTitle(name),
      { spinner: true, onLeave: () => waiting.abort() },
      make(
        "div",
        { class: "stack" },
        make("p", { class: "quiet" }, words.wait),
        make(
          "div",
          { class: "buttons" },
          make("button", { type: "button", onclick: again }, words.openAgain),
          make("button", { type: "button", onclick: cancel }, words.cancel),
        ),
      ),
    );
    const stopWatching = detectClosed && opened ? watchForClosed(opened, waiting) : () => {};
    const outcome = await outcomeOf(flow, waiting.signal);
    stopWatching();
    // Left while waiting: another view is up already.
    if (!outcome) return;
    if (outcome.success) {
      opened?.close();
      return showDone(outcome);
    }
    const problem = { type: outcome.errorType, message: outcome.errorMessage };
    report(problem);
    showForm(problem);
  }

  /**
   * @param {Window} opened
   * @param {AbortController} waiting
   */
  function watchForClosed(opened, waiting) {
    const timer = setInterval(() => {
      if (!opened.closed || waiting.signal.aborted) return;
      clearInterval(timer);
      const problem = { type: "window_closed", message: "The window was closed before the sign-in was finished." };
      report(problem);
      showForm(problem);
    }, 500);
    return () => clearInterval(timer);
  }

  /** @param {Connected} connected */
  function showDone(connected) {
    const pending = connected.isPending === true;
    show(
      pending ? words.pendingTitle(name) : words.doneTitle(name),
      { mark: !pending },
      make(
        "div",
        { class: "stack" },
        make("p", { class: "quiet" }, pending ? words.pending : words.done),
        isFramed() && make("button", { type: "button", class: "main", onclick: close }, words.finish),
      ),
    );
    const { connectionId, providerConfigKey } = connected;
    tell({ type: "connect", payload: { connectionId, providerConfigKey, ...(pending ? { isPending: true } : {}) } });
  }
}

/** @param {Problem} problem */
function report({ type, message }) {
  tell({ type: "error", payload: { errorType: type, errorMessage: message } });
}

/**
 * @param {string} name
 * @param {Problem} problem
 */
function alertBox(name, { type, message }) {
  return make(
    "div",
    { class: "alert" },
    make("p", {}, words.problems[type]?.(name) ?? words.problem),
    make("details", {}, make("summary", {}, words.details), make("code", {}, `${type}: ${message}`)),
  );
}

/** @param {string} id */
function externalIdNote(id) {
  return make(
    "div",
    { class: "field" },
    make("p", {}, `${words.externalId}: `, make("code", {}, id)),
    make("p", { class: "quiet small" }, words.externalIdHint),
  );
}
