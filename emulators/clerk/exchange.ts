import { createHash, randomBytes } from "node:crypto";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { findMembership } from "./directory";
import { signedOut } from "./faults";
import type { SigningKeys } from "./keys";
import { type Client, newId, type Person, type Session, type Store } from "./store";
import { mintSessionToken } from "./token";
import { CLIENT_LIFETIME_MS, clientView, sessionView } from "./views";
import type { ClerkWebhooks } from "./webhooks";

/** What the routes share: the state, the keys, and who the app is. */
export type Standin = {
  store: Store;
  keys: SigningKeys;
  webhooks: ClerkWebhooks;
  appOrigin: string;
  applicationName: string;
};

const CLIENT_COOKIE = "__client";
const CLIENT_UAT_COOKIE = "__client_uat";
const SESSION_COOKIE = "__session";
const SESSION_LIFETIME_MS = 7 * 86_400_000;

/**
 * The browser that is asking, known by its `__client` cookie. The cookie is HttpOnly and lives under the proxy's path
 * alone, so that neither the app's pages nor its scripts ever see it.
 */
export function currentClient(c: Context, { store }: Standin): Client | null {
  const secret = getCookie(c, CLIENT_COOKIE);
  if (!secret) return null;
  const secretHash = hash(secret);
  return Object.values(store.state.clients).find((client) => client.secretHash === secretHash) ?? null;
}

/** The browser that is asking; a new one gets its cookie with the answer. */
export function ensureClient(c: Context, standin: Standin): Client {
  const known = currentClient(c, standin);
  if (known) return known;
  const now = Date.now();
  const client: Client = {
    id: newId("client"),
    secretHash: "",
    signIn: null,
    signUp: null,
    lastActiveSessionId: null,
    createdAt: now,
    updatedAt: now,
  };
  standin.store.state.clients[client.id] = client;
  renewSecret(c, standin, client);
  return client;
}

/** Signs a person in on this browser, instead of whoever was signed in on it. */
export function startSession(c: Context, standin: Standin, client: Client, person: Person): Session {
  const { store } = standin;
  for (const session of sessionsOf(store, client)) delete store.state.sessions[session.id];
  // The middleware compares this moment with a token's `iat`, which counts whole seconds: a later moment would send
  // the browser through one handshake after another.
  const now = Math.floor(Date.now() / 1000) * 1000;
  const session: Session = {
    id: newId("sess"),
    clientId: client.id,
    userId: person.id,
    organizationId: startingOrganization(store, person),
    createdAt: now,
    updatedAt: now,
    lastActiveAt: now,
    expireAt: now + SESSION_LIFETIME_MS,
  };
  store.state.sessions[session.id] = session;
  client.lastActiveSessionId = session.id;
  client.updatedAt = now;
  person.lastSignInAt = now;
  person.lastOrganizationId = session.organizationId;
  // A new secret at sign-in: one that somebody planted before is worth nothing after.
  renewSecret(c, standin, client);
  setUat(c, Math.floor(now / 1000));
  return session;
}

/** Ends sessions of this browser: all, or one. */
export function endSessions(c: Context, { store }: Standin, client: Client, only?: string): void {
  for (const session of sessionsOf(store, client)) {
    if (!only || session.id === only) delete store.state.sessions[session.id];
  }
  client.lastActiveSessionId = null;
  client.signIn = null;
  client.signUp = null;
  client.updatedAt = Math.floor(Date.now() / 1000) * 1000;
  store.changed();
  setUat(c, 0);
}

/** Sessions of a browser that have not run out and whose person still exists. */
export function sessionsOf(store: Store, client: Client): Session[] {
  return Object.values(store.state.sessions).filter(
    (session) => session.clientId === client.id && session.expireAt > Date.now() && store.state.people[session.userId],
  );
}

/** @throws ClerkError 401 when this browser has no such session */
export function requireSession(c: Context, standin: Standin, sessionId?: string): Session {
  const client = currentClient(c, standin);
  const sessions = client ? sessionsOf(standin.store, client) : [];
  const session = sessions.find((candidate) => !sessionId || candidate.id === sessionId);
  if (!session) throw signedOut();
  return session;
}

export function requireSignedInPerson(c: Context, standin: Standin): { session: Session; person: Person } {
  const session = requireSession(c, standin, c.req.query("_clerk_session_id"));
  const person = standin.store.state.people[session.userId];
  if (!person) throw signedOut();
  return { session, person };
}

/** A token for the session's organisation, or for another one of the person's; none when not a member. */
export function sessionToken(
  c: Context,
  { store, keys, appOrigin }: Standin,
  session: Session,
  organizationId = session.organizationId,
): string {
  const organization = organizationId ? store.state.organizations[organizationId] : undefined;
  const membership = organizationId ? findMembership(store, organizationId, session.userId) : null;
  const active = organization && membership ? { organization, membership } : null;
  return mintSessionToken(keys, session, publicOrigin(c, appOrigin), active);
}

export function clientAnswer(c: Context, standin: Standin, client: Client) {
  return clientView(
    standin.store,
    client,
    sessionsOf(standin.store, client).map((session) => sessionAnswer(c, standin, session)),
  );
}

export function sessionAnswer(c: Context, standin: Standin, session: Session) {
  return sessionView(standin.store, session, sessionToken(c, standin, session));
}

/** Clerk's envelope: the thing asked for, and the whole client beside it. */
export function answer(c: Context, standin: Standin, response: unknown) {
  const client = currentClient(c, standin) ?? pendingClient(c);
  return c.json({ response, client: client && clientAnswer(c, standin, client) });
}

/** Origin that the browser sees: what the app's proxy says, else the browser's Origin, else the configured one. */
export function publicOrigin(c: Context, appOrigin: string): string {
  const proxyUrl = c.req.header("clerk-proxy-url");
  return (proxyUrl && URL.canParse(proxyUrl) && new URL(proxyUrl).origin) || c.req.header("origin") || appOrigin;
}

/** Sets the cookies that a handshake brings up to date, and nothing else. */
export function setHandshakeCookies(c: Context, standin: Standin): void {
  const client = currentClient(c, standin);
  const session = client && sessionsOf(standin.store, client)[0];
  if (!client || !session) {
    setUat(c, 0);
    setCookie(c, SESSION_COOKIE, "", { path: "/", sameSite: "Lax", maxAge: 0 });
    return;
  }
  setUat(c, Math.floor(client.updatedAt / 1000));
  setCookie(c, SESSION_COOKIE, sessionToken(c, standin, session), { path: "/", sameSite: "Lax", maxAge: 31_536_000 });
}

function renewSecret(c: Context, { store }: Standin, client: Client): void {
  const secret = randomBytes(32).toString("base64url");
  client.secretHash = hash(secret);
  store.changed();
  c.set("client", client);
  const proxyUrl = c.req.header("clerk-proxy-url");
  const path = (proxyUrl && URL.canParse(proxyUrl) && new URL(proxyUrl).pathname) || "/";
  setCookie(c, CLIENT_COOKIE, secret, {
    path,
    httpOnly: true,
    sameSite: "Lax",
    secure: c.req.header("x-forwarded-proto") === "https",
    maxAge: CLIENT_LIFETIME_MS / 1000,
  });
}

/** The client whose cookie goes out with this very answer, so that the request does not carry it yet. */
function pendingClient(c: Context): Client | null {
  return (c.get("client") as Client | undefined) ?? null;
}

function setUat(c: Context, seconds: number): void {
  setCookie(c, CLIENT_UAT_COOKIE, String(seconds), { path: "/", sameSite: "Lax", maxAge: 31_536_000 });
}

/** Where a person left off, else their first organisation, else on their own. */
function startingOrganization(store: Store, person: Person): string | null {
  if (person.lastOrganizationId && findMembership(store, person.lastOrganizationId, person.id)) {
    return person.lastOrganizationId;
  }
  if (person.lastSignInAt) return null;
  const first = Object.values(store.state.memberships).find((membership) => membership.userId === person.id);
  return first?.organizationId ?? null;
}

function hash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
