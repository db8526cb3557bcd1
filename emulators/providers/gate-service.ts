import type { SeedConfig } from "emulate";
import type { Calls } from "./calls";
import type { Faults } from "./faults";
import type { Asked, TokenRules } from "./oauth";
import type { Registry } from "./registry";
import type { Account, Grant, Refusal } from "./types";
import type { Sent } from "./wire";

/** What a gate must know of a service, and what a service can ask of its gate. */

export type GateName = "google" | "github" | "slack" | "microsoft" | "linear" | "stripe" | "twilio";

/** A call that a gate is answering. */
export type GateCall = {
  request: Request;
  sent: Sent;
  method: string;
  path: string;
  registry: Registry;
  /** Whose token it came with; null on routes that need none. */
  grant: Grant | null;
  /** Asks `emulate` as the call's account. */
  upstream(path: string, init?: { method?: string; json?: unknown; form?: Record<string, string> }): Promise<Response>;
};

type GateSignIn = {
  /** Where the person is sent. */
  authorize: RegExp;
  /** Where `emulate` shows its page and where that page's forms go; null for a service without one. */
  borrowed: { page: string; form: string; field: string } | null;
  offline(params: Record<string, string>): boolean;
  /** Refuses scopes that the service does not know. */
  wrongScope?(asked: Asked): string | null;
  /** Parameters of the redirect when the person says no. */
  denied: Record<string, string>;
  token: RegExp;
  /** GitHub answers the token call as a form unless asked for JSON. */
  formUnlessJson?: boolean;
  rules: TokenRules;
};

export type GateService = {
  name: GateName;
  title: string;
  host: string;
  accounts: Account[];
  seed: SeedConfig;
  signIn: GateSignIn | null;
  /** How `emulate` knows the account behind a token. null passes the caller's own header on (Twilio). */
  internalToken: ((grant: Grant, token: string) => string) | null;
  refuse(reason: Refusal): Response;
  /** Routes that need no token of a person: revocation, discovery. */
  openRoute?(call: GateCall): Promise<Response | null>;
  /** Routes that `emulate` lacks, asked once the token was found good. */
  route?(call: GateCall): Promise<Response | null>;
  /** Headers that the service adds to each answer. */
  headers?(grant: Grant): Record<string, string>;
  /** Changes a call before `emulate` sees it. */
  rewrite?(
    call: GateCall,
  ): Promise<{ method: string; path: string; body: BodyInit | null; type: string | null } | null>;
  /** Pairs of what `emulate` calls something this time and what it must be called at every start. */
  learn?(ask: (path: string, token: string, method?: string) => Promise<unknown>): Promise<[string, string][]>;
};

export type GateDeps = {
  registry: Registry;
  calls: Calls;
  faults: Faults;
  /** Answers a path that neither the gate nor `emulate` has, for a good token: a connector's test call, perhaps. */
  otherwise(host: string, call: GateCall, grant: Grant): Promise<Response | null>;
};
