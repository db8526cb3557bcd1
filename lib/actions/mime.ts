import "server-only";
import { domainToASCII } from "node:url";
import { type Issue, refuseInput } from "@/lib/actions/input";

/**
 * An e-mail as text (RFC 5322), for providers that take one whole.
 *
 * Threat: a line break in a subject or an address adds headers: another recipient, another body.
 * Invariant: every header is one line of what we wrote ourselves; control characters are refused, and whatever is not
 * plain ASCII is encoded (RFC 2047). The text travels as base64 (RFC 2045), so nothing in it can end a part.
 * Threat: a list of addresses that is never split, or only in the square of its length, and holds up everybody else.
 * Invariant: lists are bounded in length and in number, and read once, from left to right.
 * Guarded by lib/actions/mime.test.ts.
 */

export type Email = { to: string; cc?: string; bcc?: string; subject: string; body: string };

const CRLF = "\r\n";
/** Octets of text in one encoded word: with `Subject: ` before it, it stays within the 76 characters of a line. */
const WORD_OCTETS = 39;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const plain = /^[\x20-\x7e]*$/;

/** Encoded words, one per line, each of whole characters. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let word = "";
  for (const character of text) {
    if (Buffer.byteLength(word + character) > WORD_OCTETS) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  words.push(word);
  return words.map((each) => `=?UTF-8?B?${Buffer.from(each).toString("base64")}?=`).join(`${CRLF} `);
}

/** A subject: as it is when it is short and plain and cannot be taken for an encoded word. */
function subjectText(text: string): string {
  return plain.test(text) && text.length <= 66 && !text.includes("=?") ? text : encodedWords(text);
}

/** Characters of one list of addresses; manifests say the same. */
const LONGEST_LIST = 10_000;
/** Recipients of one message, all three lists together. Gmail takes no more. */
const MOST_RECIPIENTS = 500;

/**
 * What stands between commas that are neither in quotation marks nor in angle brackets.
 * @returns null where one of those lacks its other half
 */
function entriesOf(list: string): string[] | null {
  const entries: string[] = [];
  let closing: '"' | ">" | null = null;
  let start = 0;
  for (let at = 0; at < list.length; at++) {
    const character = list[at];
    if (closing !== null) {
      // In quotation marks the next character stands for itself.
      if (closing === '"' && character === "\\") at++;
      else if (character === closing) closing = null;
      else if (closing === ">" && character === "<") return null;
    } else if (character === '"') closing = '"';
    else if (character === "<") closing = ">";
    else if (character === ">") return null;
    else if (character === ",") {
      entries.push(list.slice(start, at));
      start = at + 1;
    }
  }
  if (closing !== null) return null;
  return [...entries, list.slice(start)].map((text) => text.trim()).filter((text) => text !== "");
}

const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/** An address with its name, encoded; null when it is none. */
function addressText(text: string): string | null {
  // Longer than any; and what follows takes the square of the length.
  if (text.length > 500) return null;
  const named = /^(?:"((?:[^"\\]|\\.)*)"|([^<>"]*?))\s*<([^<>\s]+)>$/.exec(text);
  const address = named ? (named[3] as string) : text;
  const name = named ? (named[1]?.replace(/\\(.)/g, "$1") ?? named[2] ?? "").trim() : "";
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  const domain = domainToASCII(address.slice(at + 1));
  if (at < 1 || address.length > 254 || local.length > 64 || !localPart.test(local)) return null;
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(domain)) return null;
  if (name === "") return `${local}@${domain}`;
  const isPlain = plain.test(name) && name.length <= 66;
  const shown = isPlain ? `"${name.replace(/(["\\])/g, "\\$1")}"` : `${encodedWords(name)}${CRLF}`;
  return `${shown} <${local}@${domain}>`;
}

/** The addresses of a list, as lines of a header are made of them. */
function addressesOf(field: keyof Email, list: string, issues: Issue[]): string[] {
  const entries = entriesOf(list) ?? [];
  if (entries.length > MOST_RECIPIENTS) return entries;
  const addresses = entries.map(addressText).filter((address) => address !== null);
  if (addresses.length === 0 || addresses.length < entries.length)
    issues.push({ path: field, message: "Addresses such as ada@example.com, separated by commas." });
  return addresses;
}

/** Base64 in lines of 76 characters, the text's own line ends made CRLF. */
function bodyText(text: string): string {
  const encoded = Buffer.from(text.replace(/\r\n|\r|\n/g, CRLF)).toString("base64");
  return (encoded.match(/.{1,76}/g) ?? []).join(CRLF);
}

/**
 * Writes the message. Sender and date are the mailbox's to add.
 * @throws AppError action_invalid_input for line breaks in a header, for what is no address, and for too many of them
 */
export function mimeMessage(email: Email): string {
  const issues: Issue[] = [];
  for (const field of ["to", "cc", "bcc", "subject"] as const) {
    if (field !== "subject" && (email[field] ?? "").length > LONGEST_LIST)
      issues.push({ path: field, message: `At most ${LONGEST_LIST} characters.` });
    else if (control.test(email[field] ?? ""))
      issues.push({ path: field, message: "No line breaks or control characters." });
  }
  if (issues.length > 0) refuseInput(issues);
  let count = 0;
  const recipients = (["to", "cc", "bcc"] as const).flatMap((field) => {
    const list = email[field];
    if (list === undefined) return [];
    const addresses = addressesOf(field, list, issues);
    count += addresses.length;
    if (count > MOST_RECIPIENTS) issues.push({ path: field, message: `At most ${MOST_RECIPIENTS} recipients.` });
    return [`${{ to: "To", cc: "Cc", bcc: "Bcc" }[field]}: ${addresses.join(`,${CRLF} `)}`];
  });
  if (issues.length > 0) refuseInput(issues);
  return [
    ...recipients,
    `Subject: ${subjectText(email.subject)}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=UTF-8",
    "Content-Transfer-Encoding: base64",
    "",
    bodyText(email.body),
    "",
  ].join(CRLF);
}
