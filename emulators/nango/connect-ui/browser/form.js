// @ts-check
import { make } from "./dom.js";
import { cleaned, problemOf } from "./fields.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./words.js").Words} Words */

/**
 * The inputs for some fields, with their labels, hints and complaints.
 *
 * @param {Field[]} fields
 * @param {Words} words
 */
export function fieldInputs(fields, words) {
  const shown = fields.filter((field) => !field.hidden).map((field) => fieldInput(field, words));
  return {
    elements: shown.map((input) => input.element),
    /** True once something was typed. */
    dirty: () => shown.some((input) => input.value() !== input.field.value),
    /**
     * Checks everything, marks what is wrong and moves the focus to the first of it.
     * @returns {{ credentials: Record<string, string>, params: Record<string, string> } | null}
     */
    read() {
      const wrong = shown.filter((input) => !input.check());
      if (wrong[0]) {
        wrong[0].focus();
        return null;
      }
      /** @type {{ credentials: Record<string, string>, params: Record<string, string> }} */
      const values = { credentials: {}, params: {} };
      for (const field of fields) if (field.hidden) values[field.group][field.name] = field.value;
      for (const { field, value } of shown) {
        // Settings that were left empty are not sent; credentials are, since some kinds want the empty text.
        if (value() !== "" || field.group === "credentials") values[field.group][field.name] = value();
      }
      return values;
    },
  };
}

/**
 * @param {Field} field
 * @param {Words} words
 */
function fieldInput(field, words) {
  const id = `${field.group}-${field.name.replace(/\W/g, "-")}`;
  const input = field.options.length > 0 ? select(field, id, words) : text(field, id);
  const hintText = [field.description, field.example && words.example(field.example)].filter(Boolean).join(" · ");
  const hint = hintText ? make("p", { id: `${id}-hint`, class: "quiet small" }, hintText) : null;
  const problem = make("p", { id: `${id}-problem`, class: "problem" });
  problem.hidden = true;
  const entry = make(
    "div",
    { class: "entry" },
    field.prefix ? make("span", { "aria-hidden": "true" }, field.prefix) : null,
    input,
    field.suffix ? make("span", { "aria-hidden": "true" }, field.suffix) : null,
  );
  const label = make("label", { for: id }, field.title);
  if (field.optional) label.append(make("span", { class: "quiet" }, ` (${words.optional})`));
  const value = () => cleaned(field, input.value);
  const describedBy = (/** @type {boolean} */ wrong) =>
    [wrong && problem.id, hint?.id].filter(Boolean).join(" ") || null;
  if (hint) input.setAttribute("aria-describedby", hint.id);

  function check() {
    const found = problemOf(field, value());
    const wrong = found !== "";
    if (found === "required") problem.textContent = words.required;
    if (found === "shape") {
      problem.textContent = field.example
        ? words.wrongShapeExample(field.title, field.example)
        : words.wrongShape(field.title);
    }
    problem.hidden = !wrong;
    entry.classList.toggle("wrong", wrong);
    input.setAttribute("aria-invalid", String(wrong));
    const description = describedBy(wrong);
    if (description) input.setAttribute("aria-describedby", description);
    else input.removeAttribute("aria-describedby");
    return !wrong;
  }
  input.addEventListener("input", () => {
    // Complaints go away while typing, and come only on leaving or sending.
    if (input.getAttribute("aria-invalid") === "true") check();
  });
  return {
    field,
    element: make("div", { class: "field" }, label, entry, hint, problem),
    value,
    check,
    focus: () => input.focus(),
  };
}

/**
 * @param {Field} field
 * @param {string} id
 */
function text(field, id) {
  return make("input", {
    id,
    name: field.name,
    type: field.secret ? "password" : "text",
    value: field.value,
    // Not a password of this site: managers must neither fill nor keep it.
    autocomplete: field.secret ? "new-password" : "off",
    autocapitalize: "off",
    spellcheck: "false",
    required: !field.optional,
  });
}

/**
 * @param {Field} field
 * @param {string} id
 * @param {Words} words
 */
function select(field, id, words) {
  const input = make(
    "select",
    { id, name: field.name, required: !field.optional },
    make("option", { value: "" }, words.choose_one),
    ...field.options.map((option) => make("option", { value: option, selected: option === field.value }, option)),
  );
  return input;
}
