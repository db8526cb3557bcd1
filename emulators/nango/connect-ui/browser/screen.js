// @ts-check
import { byId, make } from "./dom.js";
import { isFramed, tell } from "./host-page.js";
import { wordsFor } from "./words.js";

/** The card that everything is shown in, and what belongs to all views: title, closing, announcements. */

export const words = wordsFor(new URLSearchParams(window.location.search).get("lang"));
const card = byId("card");

/** True while something was typed that a stray click must not lose. */
let isDirty = () => false;
/** What to stop when the view is left. */
let leave = () => {};

/**
 * Shows a view: replaces the card's content, moves the focus to its title, and says it to screen readers.
 *
 * @param {string} title
 * @param {{ logo?: string, mark?: boolean, spinner?: boolean, onBack?: (() => void) | null, keepFocus?: boolean,
 *   dirty?: () => boolean, onLeave?: () => void }} look
 * @param {...(Node | null | undefined | false)} content
 */
export function show(title, look, ...content) {
  leave();
  leave = look.onLeave ?? (() => {});
  isDirty = look.dirty ?? (() => false);
  const heading = make("h1", { id: "title", tabindex: "-1" }, title);
  card.replaceChildren(
    make(
      "div",
      { class: "head" },
      look.onBack &&
        make("button", { type: "button", class: "icon", "aria-label": words.back, onclick: look.onBack }, "‹"),
      look.logo ? make("img", { class: "logo", src: look.logo, alt: "", width: "36", height: "36" }) : null,
      look.mark ? make("span", { class: "mark", "aria-hidden": "true" }, "✓") : null,
      look.spinner ? make("span", { class: "spinner", "aria-hidden": "true" }) : null,
      heading,
    ),
    ...content.filter((part) => part instanceof Node),
  );
  if (isFramed()) {
    card.append(
      make("button", { type: "button", class: "icon corner", "aria-label": words.close, onclick: close }, "×"),
    );
  }
  document.title = title;
  announce(title);
  if (!look.keepFocus) heading.focus();
}

/**
 * A view of one sentence and at most one thing to do about it.
 * @param {string} title
 * @param {string} text
 * @param {Node | null} [action]
 */
export function showMessage(title, text, action = null) {
  const buttons = make("div", { class: "buttons" });
  if (action) buttons.append(action);
  if (isFramed()) buttons.append(make("button", { type: "button", onclick: close }, words.close));
  show(title, {}, make("div", { class: "stack" }, make("p", { class: "quiet" }, text), buttons));
}

/** @param {string} text */
export function announce(text) {
  byId("status").textContent = text;
}

/** Asks the page around to take the frame away. */
export function close() {
  leave();
  leave = () => {};
  tell({ type: "close" });
}

/** Escape closes, and so does a click beside the card, unless that would lose something typed. */
export function watchForClosing() {
  if (!isFramed()) return;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  byId("backdrop").addEventListener("click", (event) => {
    if (event.target === event.currentTarget && !isDirty()) close();
  });
}
