import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiKey, Connection, Integration, Session, State } from "./model";

/** Long enough to gather a burst of calls into one write, short enough that a kill loses next to nothing. */
const WRITE_DELAY_MS = 40;

/**
 * The stand-in's memory, with indexes for what every call looks up, and a copy on disk when a folder is given.
 * The file is written to a neighbour and renamed over the old one, so a kill in the middle leaves the old state whole.
 */
export class Store {
  private state: State;
  private readonly file: string | null;
  private timer: NodeJS.Timeout | null = null;
  private lastWriteMs = 0;
  /** Ended sessions are thrown out when there are this many. */
  private tidyAt = 500;
  private readonly sessionsByToken = new Map<string, Session>();
  private readonly connectionsByKey = new Map<string, Connection>();
  private readonly integrationsByKey = new Map<string, Integration>();

  /**
   * @param stateDir folder for `nango.json`, made if missing; none keeps everything in memory
   * @param seed the API key and signing key to use. Left out, those on disk are kept, or new ones made.
   */
  constructor(stateDir: string | undefined, seed: { apiKey?: string; signingKey?: string }) {
    if (stateDir) mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    this.file = stateDir ? join(stateDir, "nango.json") : null;
    const stored =
      this.file && existsSync(this.file) ? (JSON.parse(readFileSync(this.file, "utf8")) as State) : emptyState();
    if (seed.signingKey) stored.signingKey = seed.signingKey;
    const first = stored.apiKeys[0];
    if (seed.apiKey && first) first.key = seed.apiKey;
    this.state = stored;
    this.reindex();
    this.changed();
  }

  get environmentUuid(): string {
    return this.state.environmentUuid;
  }
  get signingKey(): string {
    return this.state.signingKey;
  }
  /** The key made first, which may do everything. */
  get apiKey(): string {
    return (this.state.apiKeys[0] as ApiKey).key;
  }
  get integrations(): readonly Integration[] {
    return this.state.integrations;
  }
  get connections(): readonly Connection[] {
    return this.state.connections;
  }
  get sessions(): readonly Session[] {
    return this.state.sessions;
  }
  get apiKeys(): readonly ApiKey[] {
    return this.state.apiKeys;
  }

  nextId(): number {
    return this.state.nextId++;
  }
  /** Gives a new signing key; the old one stops at once, as at Nango. */
  rotateSigningKey(): string {
    this.state.signingKey = newSigningKey();
    this.changed();
    return this.state.signingKey;
  }
  addApiKey(key: ApiKey): void {
    this.state.apiKeys.push(key);
    this.changed();
  }
  removeApiKey(key: string): boolean {
    return this.remove(this.state.apiKeys, (entry) => entry.key === key);
  }

  integration(uniqueKey: string): Integration | undefined {
    return this.integrationsByKey.get(uniqueKey);
  }
  addIntegration(integration: Integration): void {
    this.state.integrations.push(integration);
    this.integrationsByKey.set(integration.uniqueKey, integration);
    this.changed();
  }
  /** Removes an integration and, as Nango does, every connection made through it. */
  removeIntegration(uniqueKey: string): boolean {
    for (const connection of this.state.connections.filter((c) => c.integrationKey === uniqueKey)) {
      this.removeConnection(connection);
    }
    this.integrationsByKey.delete(uniqueKey);
    return this.remove(this.state.integrations, (entry) => entry.uniqueKey === uniqueKey);
  }
  reindexIntegrations(): void {
    this.integrationsByKey.clear();
    for (const integration of this.state.integrations) this.integrationsByKey.set(integration.uniqueKey, integration);
    this.changed();
  }

  /** The session behind a token, or undefined when it is unknown, deleted or expired: callers can't tell which. */
  session(token: string, now = Date.now()): Session | undefined {
    const session = this.sessionsByToken.get(token);
    if (session && session.expiresAt <= now) {
      this.removeSession(token);
      return undefined;
    }
    return session;
  }
  addSession(session: Session): void {
    if (this.state.sessions.length >= this.tidyAt) {
      const now = Date.now();
      for (const old of this.state.sessions) if (old.expiresAt <= now) this.sessionsByToken.delete(old.token);
      this.state.sessions = this.state.sessions.filter((old) => old.expiresAt > now);
      this.tidyAt = Math.max(500, this.state.sessions.length * 2);
    }
    this.state.sessions.push(session);
    this.sessionsByToken.set(session.token, session);
    this.changed();
  }
  removeSession(token: string): boolean {
    this.sessionsByToken.delete(token);
    return this.remove(this.state.sessions, (entry) => entry.token === token);
  }

  connection(integrationKey: string, connectionId: string): Connection | undefined {
    return this.connectionsByKey.get(`${integrationKey}\n${connectionId}`);
  }
  connectionByNumber(id: number): Connection | undefined {
    return this.state.connections.find((connection) => connection.id === id);
  }
  addConnection(connection: Connection): void {
    this.state.connections.push(connection);
    this.connectionsByKey.set(`${connection.integrationKey}\n${connection.connectionId}`, connection);
    this.changed();
  }
  removeConnection(connection: Connection): void {
    this.connectionsByKey.delete(`${connection.integrationKey}\n${connection.connectionId}`);
    this.remove(this.state.connections, (entry) => entry === connection);
  }

  /** Forgets everything but the keys and the environment's id. */
  reset(keep: { integrations: boolean }): void {
    const { apiKeys, signingKey, environmentUuid, integrations } = this.state;
    this.state = { ...emptyState(), apiKeys: apiKeys.slice(0, 1), signingKey, environmentUuid };
    if (keep.integrations) this.state.integrations = integrations;
    this.state.nextId = integrations.length + 1;
    this.reindex();
    this.changed();
  }

  /** Says that something changed in place; the file follows shortly. */
  changed(): void {
    if (!this.file || this.timer) return;
    // A large state takes longer to write: never spend more than a tenth of the time on it.
    this.timer = setTimeout(() => this.flush(), Math.max(WRITE_DELAY_MS, this.lastWriteMs * 10));
    this.timer.unref();
  }
  flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (!this.file) return;
    const started = performance.now();
    const draft = `${this.file}.${process.pid}.tmp`;
    writeFileSync(draft, JSON.stringify(this.state), { mode: 0o600 });
    renameSync(draft, this.file);
    this.lastWriteMs = performance.now() - started;
  }

  private remove<T>(list: T[], matches: (entry: T) => boolean): boolean {
    const index = list.findIndex(matches);
    if (index < 0) return false;
    list.splice(index, 1);
    this.changed();
    return true;
  }
  private reindex(): void {
    this.sessionsByToken.clear();
    this.connectionsByKey.clear();
    this.integrationsByKey.clear();
    for (const session of this.state.sessions) this.sessionsByToken.set(session.token, session);
    for (const c of this.state.connections) this.connectionsByKey.set(`${c.integrationKey}\n${c.connectionId}`, c);
    for (const integration of this.state.integrations) this.integrationsByKey.set(integration.uniqueKey, integration);
  }
}

/** Real signing keys are bare UUIDs; the prefix keeps a stand-in's key from passing for one. */
function newSigningKey(): string {
  return `standin-${randomUUID()}`;
}

function emptyState(): State {
  return {
    version: 1,
    environmentUuid: randomUUID(),
    signingKey: newSigningKey(),
    apiKeys: [{ key: randomUUID(), name: "default", scopes: null }],
    integrations: [],
    sessions: [],
    connections: [],
    nextId: 1,
  };
}
