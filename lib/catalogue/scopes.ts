import type { Manifest } from "./manifest";

/**
 * Which of the permissions that were asked for a provider did not grant, and what does not work without them. Providers
 * answer in their own spelling, leave out what another scope includes, and never name some at all: a scope counts as
 * missing only where none of that explains it. Safe in the browser.
 */

/** Asked for to be signed in for long, or as "whatever is configured": not among what providers answer. */
const neverAnswered = /^(offline[_.]access|refresh_token|(.*\/)?\.default)$/;

const short: Record<string, string> = { "userinfo.email": "email", "userinfo.profile": "profile" };

/** What a scope includes beyond the rules of `including`. In the spelling of `plain`. */
const includes: Record<string, readonly string[]> = {
  // GitHub
  repo: ["repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"],
  user: ["read:user", "user:email", "user:follow"],
  "admin:org": ["write:org", "read:org"],
  "write:org": ["read:org"],
  // Google
  "https://mail.google.com/": [
    ...["gmail.modify", "gmail.readonly", "gmail.metadata"],
    ...["gmail.compose", "gmail.send", "gmail.insert", "gmail.labels"],
  ],
  "gmail.modify": ["gmail.readonly", "gmail.metadata", "gmail.compose", "gmail.send", "gmail.insert", "gmail.labels"],
  "gmail.readonly": ["gmail.metadata"],
  "gmail.compose": ["gmail.send"],
  calendar: [
    ...["calendar.events", "calendar.events.readonly", "calendar.freebusy", "calendar.events.freebusy"],
    ...["calendar.calendarlist", "calendar.calendarlist.readonly"],
  ],
  "calendar.readonly": ["calendar.events.readonly", "calendar.freebusy", "calendar.calendarlist.readonly"],
  drive: ["drive.file", "drive.metadata", "drive.metadata.readonly"],
  "drive.readonly": ["drive.metadata.readonly"],
};

/** The spelling by which scopes are compared. */
function plain(scope: string): string {
  const name = scope
    .trim()
    .toLowerCase()
    .replace(/^https:\/\/www\.googleapis\.com\/auth\//, "")
    // Microsoft names the resource in front: https://graph.microsoft.com/Mail.Send
    .replace(/^https:\/\/[^/]+\/([^/]+)$/, "$1");
  return short[name] ?? name;
}

/** Scopes that would include this one, by how providers name them: `x` and `x.readonly`, `Read` and `ReadWrite`, … */
function including(name: string): string[] {
  return [
    name.replace(/\.readonly$/, ""),
    name.replace(/_read_only$/, ""),
    name.replace(/^read_/, "write_"),
    name.replace(/\.read(?=\.|$)/, ".readwrite"),
    `${name}.all`,
    `${name.replace(/\.read$/, ".readwrite")}.all`,
  ];
}

/** A list as it was stored, or as one text that a provider separated by commas or spaces. */
const names = (scopes: readonly string[]) => scopes.flatMap((scope) => scope.split(/[\s,]+/)).filter(Boolean);

/**
 * The scopes that were asked for and not granted, as they were asked for.
 *
 * @param requested null: not known
 * @param granted null: the provider did not say
 * @returns none where either is unknown: that is no reason to worry anybody
 */
export function missingScopes(requested: readonly string[] | null, granted: readonly string[] | null): string[] {
  if (!requested || !granted) return [];
  const held = new Set(names(granted).map(plain));
  for (const name of [...held]) for (const included of includes[name] ?? []) held.add(included);
  return [...new Set(names(requested))].filter((scope) => {
    const name = plain(scope);
    if (neverAnswered.test(scope.toLowerCase())) return false;
    return !held.has(name) && !including(name).some((wider) => held.has(wider));
  });
}

/** Keys of the connector's actions that need one of the missing scopes, in the manifest's order. */
export function actionsAffected(manifest: Pick<Manifest, "actions">, missing: readonly string[]): string[] {
  const gone = new Set(missing.map(plain));
  return Object.entries(manifest.actions)
    .filter(([, action]) => action.scopes?.some((scope) => gone.has(plain(scope))))
    .map(([key]) => key);
}
