import { randomUUID } from "node:crypto";
import type { ApiKey, Connection, Integration, Session, State } from "./model";
import { type Change, StateFile } from "./state-file";

/** The stand-in's memory, with indexes for what every call looks up, and a copy on disk when a folder is given. */
export class Store {
  private head: Omit<State, "integrations" | "sessions" | "connections">;
  private file: StateFile | null;
  /** Ended sessions are thrown out when there are this many. */
  private tidyAt = 500;
  private readonly sessionsByToken = new Map<string, Session>();
  /** By number, oldest first. */
  private readonly connectionsByNumber = new Map<number, Connection>();
  /** By connection id, which is unique only within an integration. */
  private readonly connectionsById = new Map<string, Connection[]>();
  private readonly integrationsById = new Map<number, Integration>();
  private readonly integrationsByKey = new Map<string, Integration>();

  /**
   * @param stateDir folder for its files, made if missing; none keeps everything in memory
   * @param seed the API key and signing key to use. Left out, those on disk are kept, or new ones made.
   */
  constructor(stateDir: string | undefined, seed: { apiKey?: string; signingKey?: string }) {
    this.file = stateDir ? new StateFile(stateDir) : null;
    const { integrations, sessions, connections, ...head } = this.file?.read() ?? emptyState();
    this.head = head;
    if (seed.signingKey) head.signingKey = seed.signingKey;
    const first = head.apiKeys[0];
    if (seed.apiKey && first) first.key = seed.apiKey;
    for (const integration of integrations) this.index(integration);
    for (const session of sessions) this.sessionsByToken.set(session.token, session);
    for (const connection of connections) this.indexConnection(connection);
    this.file?.fold(this.state());
  }

  get environmentUuid(): string {
    return this.head.environmentUuid;
  }
  get signingKey(): string {
    return this.head.signingKey;
  }
  /** The key made first, which may do everything unless the control API took that away. */
  get apiKey(): string {
    return (this.head.apiKeys[0] as ApiKey).key;
  }
  get integrations(): Integration[] {
    return [...this.integrationsById.values()];
  }
  /** Oldest first. */
  get connections(): Connection[] {
    return [...this.connectionsByNumber.values()];
  }
  get connectionCount(): number {
    return this.connectionsByNumber.size;
  }
  get sessions(): Session[] {
    return [...this.sessionsByToken.values()];
  }
  get apiKeys(): readonly ApiKey[] {
    return this.head.apiKeys;
  }

  nextId(): number {
    return this.head.nextId++;
  }
  /** Gives a new signing key; the old one stops at once, as at Nango. */
  rotateSigningKey(): string {
    this.head.signingKey = newSigningKey();
    this.write([{ set: { signingKey: this.head.signingKey } }]);
    return this.head.signingKey;
  }
  addApiKey(key: ApiKey): void {
    this.setApiKeys([...this.head.apiKeys, key]);
  }
  removeApiKey(key: string): boolean {
    const left = this.head.apiKeys.filter((entry) => entry.key !== key);
    if (left.length === this.head.apiKeys.length) return false;
    this.setApiKeys(left);
    return true;
  }
  setApiKeys(apiKeys: ApiKey[]): void {
    this.head.apiKeys = apiKeys;
    this.write([{ set: { apiKeys } }]);
  }

  integration(uniqueKey: string): Integration | undefined {
    return this.integrationsByKey.get(uniqueKey);
  }
  /** Adds an integration, or keeps what changed in one; its key may be among that. */
  saveIntegration(integration: Integration): void {
    for (const [key, known] of this.integrationsByKey) if (known === integration) this.integrationsByKey.delete(key);
    this.index(integration);
    this.write([{ set: { nextId: this.head.nextId } }, { put: "integrations", entry: integration }]);
  }
  /** Removes an integration and, as Nango does, every connection made through it. */
  removeIntegration(uniqueKey: string): boolean {
    const integration = this.integrationsByKey.get(uniqueKey);
    if (!integration) return false;
    for (const connection of this.connections) {
      if (connection.integrationKey === uniqueKey) this.removeConnection(connection);
    }
    this.integrationsByKey.delete(uniqueKey);
    this.integrationsById.delete(integration.id);
    this.write([{ drop: "integrations", key: integration.id }]);
    return true;
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
    if (this.sessionsByToken.size >= this.tidyAt) {
      const now = Date.now();
      for (const old of this.sessions) if (old.expiresAt <= now) this.removeSession(old.token);
      this.tidyAt = Math.max(500, this.sessionsByToken.size * 2);
    }
    this.sessionsByToken.set(session.token, session);
    this.write([{ put: "sessions", entry: session }]);
  }
  removeSession(token: string): boolean {
    const known = this.sessionsByToken.delete(token);
    if (known) this.write([{ drop: "sessions", key: token }]);
    return known;
  }

  connection(integrationKey: string, connectionId: string): Connection | undefined {
    return this.connectionsNamed(connectionId).find((connection) => connection.integrationKey === integrationKey);
  }
  /** Connections of that id, of whichever integration. */
  connectionsNamed(connectionId: string): readonly Connection[] {
    return this.connectionsById.get(connectionId) ?? [];
  }
  connectionByNumber(id: number): Connection | undefined {
    return this.connectionsByNumber.get(id);
  }
  addConnections(connections: Connection[]): void {
    for (const connection of connections) this.indexConnection(connection);
    // The number goes first: a journal without it would give the same number twice.
    this.write([
      { set: { nextId: this.head.nextId } },
      ...connections.map((entry): Change => ({ put: "connections", entry })),
    ]);
  }
  /** Keeps what changed in a connection. One that was removed meanwhile, during a refresh say, stays removed. */
  saveConnection(connection: Connection): void {
    if (this.connectionsByNumber.get(connection.id) !== connection) return;
    this.write([{ put: "connections", entry: connection }]);
  }
  removeConnection(connection: Connection): void {
    const left = this.connectionsNamed(connection.connectionId).filter((entry) => entry !== connection);
    if (left.length > 0) this.connectionsById.set(connection.connectionId, left);
    else this.connectionsById.delete(connection.connectionId);
    this.connectionsByNumber.delete(connection.id);
    this.write([{ drop: "connections", key: connection.id }]);
  }

  /** Forgets everything but the keys and the environment's id. */
  reset(keep: { integrations: boolean }): void {
    const { apiKeys, signingKey, environmentUuid, nextId } = this.head;
    // Numbers go on: a session or a log that still names an old one must not mean a new one.
    this.head = { ...emptyState(), apiKeys: apiKeys.slice(0, 1), signingKey, environmentUuid, nextId };
    this.sessionsByToken.clear();
    this.connectionsByNumber.clear();
    this.connectionsById.clear();
    if (!keep.integrations) {
      this.integrationsById.clear();
      this.integrationsByKey.clear();
    }
    this.file?.fold(this.state());
  }

  /** Leaves everything on disk in one file. */
  close(): void {
    this.file?.close(this.state());
    this.file = null;
  }

  private write(changes: Change[]): void {
    if (this.file?.append(changes)) this.file.fold(this.state());
  }
  private state(): State {
    const { integrations, sessions, connections } = this;
    return { ...this.head, integrations, sessions, connections };
  }
  private index(integration: Integration): void {
    this.integrationsById.set(integration.id, integration);
    this.integrationsByKey.set(integration.uniqueKey, integration);
  }
  private indexConnection(connection: Connection): void {
    this.connectionsByNumber.set(connection.id, connection);
    this.connectionsById.set(connection.connectionId, [...this.connectionsNamed(connection.connectionId), connection]);
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
