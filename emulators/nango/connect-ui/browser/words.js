// @ts-check
/** Every word the page says. Other languages would be further objects, chosen by the `lang` parameter. */
const english = {
  loading: "Getting ready…",
  close: "Close",
  back: "Back to the list",
  choose: "Choose what to connect",
  nothingToChoose: "There is nothing to connect here.",
  connectTitle: (/** @type {string} */ name) => `Connect ${name}`,
  reconnectTitle: (/** @type {string} */ name) => `Reconnect ${name}`,
  connect: "Connect",
  connecting: "Connecting…",
  oauthIntro: (/** @type {string} */ name) => `${name} will open in a new window and ask for your consent.`,
  keyIntro: (/** @type {string} */ name) => `Enter the details of your ${name} account.`,
  guide: "Where do I find these?",
  optional: "optional",
  example: (/** @type {string} */ text) => `Example: ${text}`,
  choose_one: "Choose…",
  required: "This is needed.",
  wrongShape: (/** @type {string} */ title) => `This does not look like a valid ${title}.`,
  wrongShapeExample: (/** @type {string} */ title, /** @type {string} */ example) =>
    `This does not look like a valid ${title}. It should look like ${example}`,
  show: "Show",
  hide: "Hide",
  waitTitle: (/** @type {string} */ name) => `Continue at ${name}`,
  wait: "Finish in the window that opened. This page goes on by itself.",
  openAgain: "Open the window again",
  cancel: "Cancel",
  blockedTitle: "The window was blocked",
  blocked: "Your browser did not let a window open. Allow windows for this page, or open it in a tab:",
  openTab: "Open in a tab",
  doneTitle: (/** @type {string} */ name) => `${name} is connected`,
  done: "You can close this now.",
  pendingTitle: (/** @type {string} */ name) => `${name} is nearly connected`,
  pending: "Somebody there must still approve it. You can close this now.",
  finish: "Finish",
  details: "Details",
  noTokenTitle: "This took too long",
  noToken: "The page that opened this did not say what to connect. Close it and try again.",
  expiredTitle: "This has expired",
  expired: "Connecting has to be finished within half an hour. Close this and start again.",
  noApiTitle: "This link is incomplete",
  noApi: "It does not say where its server is (the apiURL is missing). Ask for a new link.",
  unreachableTitle: "The server can't be reached",
  unreachable: "Check your connection and try again.",
  retry: "Try again",
  externalId: "External ID",
  externalIdHint: "Put this into the trust policy of the role.",
  problems: /** @type {Record<string, (name: string) => string>} */ ({
    callback_err: (name) => `${name} did not grant access. You can try again.`,
    connection_test_failed: (name) => `${name} did not accept these details. Check them and try again.`,
    token_err: (name) => `${name} did not finish the sign-in. Try again.`,
    state_err: () => "This sign-in was used already, or took too long. Try again.",
    window_closed: () => "The window was closed before the sign-in was finished. Try again.",
    blocked_by_browser: () => "Your browser blocked the window.",
    provider_config_err: (name) => `${name} is not set up correctly here. Whoever runs this service must mend it.`,
    url_param_err: () => "A detail is missing that the sign-in needs.",
  }),
  problem: "This did not work. Try again.",
};

/**
 * @param {string | null} _lang the `lang` parameter; English serves for all of them so far
 */
export function wordsFor(_lang) {
  return english;
}

/** @typedef {typeof english} Words */
