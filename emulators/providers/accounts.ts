import { createHash } from "node:crypto";
import type { Account } from "./types";

/** The people of the demo's company, as each provider would know them. Ids are fixed, so a restart changes nobody. */
const ada = { name: "Ada Lovelace", email: "ada@acme.test" };
const grace = { name: "Grace Hopper", email: "grace@acme.test" };
const support = { name: "Acme Support", email: "support@acme.test" };

const byEmail = (person: { name: string; email: string }, id: string): Account => ({
  key: person.email,
  id,
  ...person,
});

export const googleAccounts: Account[] = [
  byEmail(ada, "108500000000000000001"),
  byEmail(grace, "108500000000000000002"),
  byEmail(support, "108500000000000000003"),
];

export const microsoftAccounts: Account[] = [
  byEmail(ada, "5f000000-0000-4000-8000-000000000001"),
  byEmail(grace, "5f000000-0000-4000-8000-000000000002"),
  byEmail(support, "5f000000-0000-4000-8000-000000000003"),
];

export const linearAccounts: Account[] = [
  byEmail(ada, "11ea0000-0000-4000-8000-000000000001"),
  byEmail(grace, "11ea0000-0000-4000-8000-000000000002"),
  byEmail(support, "11ea0000-0000-4000-8000-000000000003"),
];

/** GitHub numbers its users itself, so the login stands for the id here. */
export const githubAccounts: Account[] = [
  { key: "ada", id: "ada", ...ada },
  { key: "acme-bot", id: "acme-bot", name: "Acme Bot", email: "bot@acme.test" },
  { key: "grace", id: "grace", ...grace },
];

/** The last one is of another workspace. */
export const slackAccounts: Account[] = [
  { key: "ada", id: "U0ADA00001", ...ada },
  { key: "grace", id: "U0GRACE002", ...grace },
  { key: "edsger", id: "U0EDSGER03", name: "Edsger Dijkstra", email: "edsger@labs.acme.test" },
];

export const stripeAccounts: Account[] = [
  { key: "acct_1AcmeInc00000001", id: "acct_1AcmeInc00000001", name: "Acme Inc", email: "billing@acme.test" },
  { key: "acct_1AcmeEurope00002", id: "acct_1AcmeEurope00002", name: "Acme Europe", email: "billing-eu@acme.test" },
];

/**
 * The one Twilio account. Its SID must be AC and 32 hexadecimal digits and its token 32, so neither can say that it
 * belongs to a stand-in; the demo prints both.
 */
export const twilioAccount = {
  accountSid: "AC5ad1e0000000000000000000000ac3e0",
  authToken: "0ac3e00000000000000000000005ad1e",
  name: "Acme Inc",
  phoneNumber: "+15005550006",
};

const WORDS = ["Production", "Research", "Marketing", "Sales", "Operations", "Finance", "Design", "Field Team"];

/** Whom the generic provider offers on its consent page; each provider gives them ids of its own. */
export function genericAccounts(providerKey: string): Account[] {
  return [ada, grace, support].map((person) => byEmail(person, digits(`${providerKey}:${person.email}`)));
}

/**
 * The account behind an API key, a user name or client credentials: the same one is always the same account, another
 * one another. What follows a "+" does not count, so that an account can have a second key: `acme` and `acme+new`.
 */
export function accountOfKey(providerKey: string, ...parts: string[]): Account {
  const id = digits(`${providerKey}:${parts.map((part) => part.replace(/(?!^)\+.*$/s, "")).join(" ")}`);
  const word = WORDS[Number(id.slice(-3)) % WORDS.length] as string;
  const name = `Acme ${word} ${id.slice(0, 4)}`;
  return { key: id, id, name, email: `${word.toLowerCase().replace(" ", "-")}-${id.slice(0, 4)}@acme.test` };
}

/** Ten digits that depend on nothing but the text. */
function digits(text: string): string {
  const number = BigInt(`0x${createHash("sha256").update(text).digest("hex").slice(0, 16)}`);
  return String(1_000_000_000n + (number % 9_000_000_000n));
}
