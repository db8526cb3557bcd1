import { createHash, randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clients, openClients } from "./clients";
import type { Client, Grant, Refusal, ServiceName } from "./types";

/**
 * Every token that a provider stand-in ever issued, and whose it is. It is the only judge of tokens: `emulate` takes
 * any of them for its first user, so nothing reaches it that was not found here first.
 * It lives in one file, so that a restart of the stack loses no connection.
 */

export type AccessToken = {
  token: string;
  grant: string;
  expiresAt: number | null;
  revoked: boolean;
  secret?: string;
  issuedAt?: number;
  /** Meta's: one that lives for sixty days, had for one that does not. */
  lasting?: boolean;
};
export type RefreshToken = { token: string; grant: string; used: boolean; revoked: boolean };

type State = {
  version: 1;
  grants: Grant[];
  access: AccessToken[];
  refresh: RefreshToken[];
  clients: Client[];
  /** Seconds that access tokens live from now on, where a test asked for other than the provider's own. */
  lifetimes: Partial<Record<ServiceName, number>>;
  /** What a test asked one provider to issue; the file of an earlier version lacks it. */
  tokens?: Record<string, TokenWish>;
  /** Hashes of API keys that were revoked. */
  refusedKeys: string[];
};

/**
 * Seconds that access tokens live (null: for ever), whether a refresh token comes along, and fields laid over the answer:
 * a provider that lies.
 */
export type TokenWish = {
  seconds?: number | null | undefined;
  refresh?: boolean | undefined;
  answer?: Record<string, unknown> | undefined;
};

export type TokenVerdict = { ok: true; grant: Grant; token: AccessToken } | { ok: false; reason: Refusal };

/** Expired access tokens are kept this long, so that they are refused as expired and not as unknown. */
const KEEP_EXPIRED_MS = 7 * 24 * 3600 * 1000;

export class Registry {
  private state: State;
  private readonly grants = new Map<string, Grant>();
  private readonly access = new Map<string, AccessToken>();
  private readonly refresh = new Map<string, RefreshToken>();
  private readonly file: string;
  readonly clients: Clients;

  /**
   * @param stateDir folder for providers.json, made if missing
   * @param keys the providers of connectors, by slug
   */
  constructor(stateDir: string, keys: ReadonlyMap<string, string> = new Map()) {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    this.file = join(stateDir, "providers.json");
    this.state = existsSync(this.file) ? (JSON.parse(readFileSync(this.file, "utf8")) as State) : empty();
    const oldest = Date.now() - KEEP_EXPIRED_MS;
    this.state.access = this.state.access.filter((token) => token.expiresAt === null || token.expiresAt > oldest);
    for (const grant of this.state.grants) this.grants.set(grant.id, grant);
    for (const token of this.state.access) this.access.set(token.token, token);
    for (const token of this.state.refresh) this.refresh.set(token.token, token);
    this.clients = openClients(this.state.clients, () => this.save(), keys);
  }

  addGrant(grant: Omit<Grant, "id" | "revoked" | "createdAt">): Grant {
    const added: Grant = { ...grant, id: randomUUID(), revoked: false, createdAt: Date.now() };
    this.state.grants.push(added);
    this.grants.set(added.id, added);
    return added;
  }

  /**
   * @param prefix how the provider's tokens begin
   * @param seconds the provider's own lifetime; null never expires. The control API's lifetime wins over it.
   */
  issueAccess(
    grant: Grant,
    prefix: string,
    seconds: number | null,
    lasting = false,
  ): AccessToken & { expiresIn: number | null } {
    const wish = this.tokenRules(grant.providerKey)?.seconds;
    const lifetime = wish === undefined ? (this.state.lifetimes[grant.service] ?? seconds) : wish;
    const expiresAt = lifetime === null ? null : Date.now() + lifetime * 1000;
    const token: AccessToken = {
      ...{ token: newToken(prefix), grant: grant.id, expiresAt, revoked: false },
      ...{ issuedAt: Date.now(), lasting },
    };
    this.state.access.push(token);
    this.access.set(token.token, token);
    this.save();
    return { ...token, expiresIn: lifetime };
  }

  /** OAuth 1 tokens come with a secret and do not expire. */
  issueWithSecret(grant: Grant, prefix: string): AccessToken {
    const token: AccessToken = {
      token: newToken(prefix),
      grant: grant.id,
      expiresAt: null,
      revoked: false,
      secret: newToken(prefix),
    };
    this.state.access.push(token);
    this.access.set(token.token, token);
    this.save();
    return token;
  }

  issueRefresh(grant: Grant, prefix: string): RefreshToken {
    const token: RefreshToken = { token: newToken(prefix), grant: grant.id, used: false, revoked: false };
    this.state.refresh.push(token);
    this.refresh.set(token.token, token);
    this.save();
    return token;
  }

  check(token: string | null): TokenVerdict {
    if (!token) return { ok: false, reason: "missing" };
    const found = this.access.get(token);
    const grant = found && this.grants.get(found.grant);
    if (!found || !grant) return { ok: false, reason: "unknown" };
    if (found.revoked || grant.revoked) return { ok: false, reason: "revoked" };
    if (found.expiresAt !== null && found.expiresAt <= Date.now()) return { ok: false, reason: "expired" };
    return { ok: true, grant, token: found };
  }

  /** A refresh token and its grant, whatever state they are in; null if it was never issued. */
  refreshToken(token: string): { token: RefreshToken; grant: Grant } | null {
    const found = this.refresh.get(token);
    const grant = found && this.grants.get(found.grant);
    return found && grant ? { token: found, grant } : null;
  }

  spendRefresh(token: RefreshToken): void {
    token.used = true;
    this.save();
  }

  /** Revokes the whole consent: all its tokens die. */
  revokeGrant(grant: Grant): void {
    grant.revoked = true;
    this.save();
  }

  /** Revokes all that a person let an application do, in however many consents. */
  revokeAllOf({ service, clientId, account }: Grant): void {
    for (const each of this.state.grants)
      if (each.service === service && each.clientId === clientId && each.account.id === account.id) each.revoked = true;
    this.save();
  }

  revokeGrantById(id: string): void {
    const grant = this.grants.get(id);
    if (grant) this.revokeGrant(grant);
  }

  /** @returns whether the token was ours. A refresh token takes its whole grant along, as at most providers. */
  revokeToken(token: string): boolean {
    const access = this.access.get(token);
    if (access) {
      access.revoked = true;
      this.save();
      return true;
    }
    const refresh = this.refreshToken(token);
    if (!refresh) return false;
    this.revokeGrant(refresh.grant);
    return true;
  }

  grantOf(token: string): Grant | null {
    const id = this.access.get(token)?.grant ?? this.refresh.get(token)?.grant;
    return (id && this.grants.get(id)) || null;
  }

  expire(token: string): boolean {
    const access = this.access.get(token);
    if (!access) return false;
    access.expiresAt = Date.now() - 1000;
    this.save();
    return true;
  }

  /** Moves a token's beginning, and its end, into the past. */
  age(token: string, seconds: number): boolean {
    const access = this.access.get(token);
    if (!access) return false;
    if (access.issuedAt !== undefined) access.issuedAt -= seconds * 1000;
    if (access.expiresAt !== null) access.expiresAt -= seconds * 1000;
    this.save();
    return true;
  }

  refuseKey(key: string): void {
    this.state.refusedKeys.push(hash(key));
    this.save();
  }

  isRefusedKey(key: string): boolean {
    return this.state.refusedKeys.includes(hash(key));
  }

  setLifetime(service: ServiceName, seconds: number | null): void {
    if (seconds === null) delete this.state.lifetimes[service];
    else this.state.lifetimes[service] = seconds;
    this.save();
  }

  tokenRules(providerKey: string | null): TokenWish | undefined {
    return providerKey === null ? undefined : this.state.tokens?.[providerKey];
  }

  setTokenRules(providerKey: string, wish: TokenWish): void {
    this.state.tokens = { ...this.state.tokens, [providerKey]: wish };
    this.save();
  }

  forgetTokenRules(): void {
    this.state.tokens = {};
    this.save();
  }

  /** Grants with their tokens, newest first. */
  list(filter: { service?: string; account?: string }): (Grant & { access: AccessToken[]; refresh: RefreshToken[] })[] {
    return this.state.grants
      .filter((grant) => !filter.service || grant.service === filter.service)
      .filter(({ account }) => !filter.account || [account.key, account.email, account.id].includes(filter.account))
      .map((grant) => ({
        ...grant,
        access: this.state.access.filter((token) => token.grant === grant.id),
        refresh: this.state.refresh.filter((token) => token.grant === grant.id),
      }))
      .reverse();
  }

  /** Forgets all consents and revocations. Registered clients stay. */
  forget(): void {
    const { clients } = this.state;
    this.state = { ...empty(), clients };
    for (const map of [this.grants, this.access, this.refresh]) map.clear();
    this.save();
  }

  /**
   * Written at once and under another name first: a rotated refresh token that a kill lost would cost the connection,
   * and half a file would cost all of them.
   */
  private save(): void {
    const next = `${this.file}.next`;
    writeFileSync(next, JSON.stringify(this.state), { mode: 0o600 });
    renameSync(next, this.file);
  }
}

function empty(): State {
  return { version: 1, grants: [], access: [], refresh: [], clients: [], lifetimes: {}, refusedKeys: [] };
}

function newToken(prefix: string): string {
  return `${prefix}standin${randomBytes(24).toString("base64url").replace(/[-_]/g, "0")}`;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
