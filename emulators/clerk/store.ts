import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createKeyState, type KeyState } from "./keys";

export type MembershipRole = "org:admin" | "org:member";

/** All times are milliseconds since 1970. */
export type Person = {
  id: string;
  emailId: string;
  email: string;
  passwordHash: string;
  firstName: string | null;
  lastName: string | null;
  /** A data: URI of an uploaded picture. */
  image: string | null;
  unsafeMetadata: Record<string, unknown>;
  banned?: boolean;
  /** The organisation that the next session of this person starts in. */
  lastOrganizationId: string | null;
  lastSignInAt: number | null;
  createdAt: number;
  updatedAt: number;
};

export type Organization = {
  id: string;
  name: string;
  slug: string;
  image: string | null;
  createdBy: string | null;
  createdAt: number;
  updatedAt: number;
};

export type Membership = {
  id: string;
  organizationId: string;
  userId: string;
  role: MembershipRole;
  createdAt: number;
  updatedAt: number;
};

export type Invitation = {
  id: string;
  organizationId: string;
  email: string;
  role: MembershipRole;
  status: "pending" | "accepted" | "revoked";
  createdAt: number;
  updatedAt: number;
};

export type SignInAttempt = {
  id: string;
  userId: string;
  status: "needs_first_factor" | "complete";
  sessionId: string | null;
};

export type SignUpAttempt = {
  id: string;
  email: string | null;
  firstName: string | null;
  lastName: string | null;
  passwordHash: string | null;
  status: "missing_requirements" | "complete";
  userId: string | null;
  sessionId: string | null;
};

/** A browser. It is recognised by a secret cookie, of which only the hash is kept. */
export type Client = {
  id: string;
  secretHash: string;
  signIn: SignInAttempt | null;
  signUp: SignUpAttempt | null;
  lastActiveSessionId: string | null;
  createdAt: number;
  updatedAt: number;
};

/** A session that exists is active: signing out deletes it. */
export type Session = {
  id: string;
  clientId: string;
  userId: string;
  organizationId: string | null;
  createdAt: number;
  updatedAt: number;
  lastActiveAt: number;
  expireAt: number;
};

type SignInTicket = { token: string; userId: string; expireAt: number };

type ClerkState = {
  keys: KeyState;
  /** Ids that the seed has brought in once: whoever deletes one of them does not get it back on restart. */
  seeded: string[];
  people: Record<string, Person>;
  organizations: Record<string, Organization>;
  memberships: Record<string, Membership>;
  invitations: Record<string, Invitation>;
  clients: Record<string, Client>;
  sessions: Record<string, Session>;
  tickets: Record<string, SignInTicket>;
};

/** What a webhook is about, as it is at that moment. */
export type News = { person: Person } | { membership: Membership } | { deleted: "user" | "organization"; id: string };

export type Store = {
  state: ClerkState;
  /** Says that the state changed: it is on disk within 50 ms. */
  changed(): void;
  /** Writes what is pending. */
  flush(): void;
  /** Tells the app by a webhook. Silent until somebody listens: what the seed brings in is no news. */
  tell(type: string, about: News): void;
};

const WRITE_DELAY_MS = 50;

/**
 * Opens the state in `stateDir`, or in memory without one. The file is replaced in one step, so that a process killed
 * at any moment leaves a whole state behind, at most 50 ms old.
 */
export function openStore(stateDir: string | undefined): Store {
  const file = stateDir ? join(stateDir, "clerk.json") : null;
  if (stateDir) mkdirSync(stateDir, { recursive: true });
  const state = (file ? readState(file) : null) ?? emptyState();
  let timer: NodeJS.Timeout | null = null;

  function flush() {
    if (timer) clearTimeout(timer);
    timer = null;
    if (!file) return;
    const draft = `${file}.${process.pid}.tmp`;
    writeFileSync(draft, JSON.stringify(state), { mode: 0o600 });
    renameSync(draft, file);
  }

  return {
    state,
    flush,
    tell() {},
    changed() {
      timer ??= setTimeout(flush, WRITE_DELAY_MS);
    },
  };
}

/** Forgets sessions and tickets that ran out, and browsers that have had no session for a day. */
export function dropLeftovers({ state }: Store): void {
  const now = Date.now();
  for (const session of Object.values(state.sessions)) {
    if (session.expireAt < now) delete state.sessions[session.id];
  }
  for (const ticket of Object.values(state.tickets)) {
    if (ticket.expireAt < now) delete state.tickets[ticket.token];
  }
  const inUse = new Set(Object.values(state.sessions).map((session) => session.clientId));
  for (const client of Object.values(state.clients)) {
    if (!inUse.has(client.id) && client.updatedAt < now - 86_400_000) delete state.clients[client.id];
  }
}

/** A new id in Clerk's form, for example `sess_2f…`. */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(14).toString("hex")}`;
}

function readState(file: string): ClerkState | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  return withoutPrototypes(JSON.parse(text) as ClerkState);
}

/** Ids come from requests: in a plain object, `constructor` would be found in every table. */
function withoutPrototypes(state: ClerkState): ClerkState {
  const entries = Object.entries(state).map(([name, value]) => [
    name,
    name === "keys" || Array.isArray(value) ? value : Object.assign(Object.create(null), value),
  ]);
  return Object.fromEntries(entries) as ClerkState;
}

function emptyState(): ClerkState {
  return withoutPrototypes({
    keys: createKeyState(),
    seeded: [],
    people: {},
    organizations: {},
    memberships: {},
    invitations: {},
    clients: {},
    sessions: {},
    tickets: {},
  });
}
