import type { Account, TestConnection } from "../types";

/**
 * Writes a value into nested objects and arrays along a dot path ("data.0.id"), making what is missing on the way.
 * @returns the root, which is an array when the path begins with a number
 */
export function setPath(root: unknown, path: string, value: unknown): unknown {
  const keys = path.split(".").filter(Boolean);
  if (keys.length === 0) return value;
  let whole = root ?? emptyFor(keys[0]);
  if (typeof whole !== "object") whole = emptyFor(keys[0]);
  let at = whole as Record<string, unknown>;
  keys.forEach((key, index) => {
    if (index === keys.length - 1) {
      at[key] = value;
      return;
    }
    const next = at[key];
    if (typeof next !== "object" || next === null) at[key] = emptyFor(keys[index + 1]);
    at = at[key] as Record<string, unknown>;
  });
  return whole;
}

/** The answer to a connector's test call: an account where its manifest looks for one, and nothing else. */
export function accountAnswer(test: TestConnection, account: Account, onto?: unknown): unknown {
  if (!test.account) return onto ?? { ok: true };
  const { id, name } = test.account;
  const withId = setPath(onto, id, valueFor(id, account, account.id));
  return name === id ? withId : setPath(withId, name, valueFor(name, account, account.name));
}

/** Fields have habits: one called e-mail holds an address, one called login a short name. */
function valueFor(path: string, account: Account, otherwise: string): string {
  const field =
    path
      .split(".")
      .filter((key) => !/^\d+$/.test(key))
      .at(-1) ?? "";
  if (/mail|preferred_username/i.test(field)) return account.email;
  if (/login|handle|screen_?name|user_?name|slug|nick/i.test(field)) return account.email.split("@")[0] ?? account.name;
  if (/(^|_|[a-z])ids?$/i.test(field) && /^(id|.*(_id|Id|ID|gid|uid))$/.test(field)) return account.id;
  return otherwise;
}

function emptyFor(key: string | undefined): unknown {
  return /^\d+$/.test(key ?? "") ? [] : {};
}
