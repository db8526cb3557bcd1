import type Nango from "@nangohq/frontend";
import type { FailureCode } from "@/components/api-client";
import type {
  AttemptView,
  CloseReason,
  ConfirmAnswer,
  ConnectionView,
  OAuthMethod,
  SessionAnswer,
  Visibility,
} from "@/lib/api/views";
import type { Answers, Asked } from "./ask-first";

/** What a try to connect or reconnect is made of: how it stands, what it needs of the page, and how it can end. */

/** The account that is signed in again. */
export type Again = { id: string; account: string };
/**
 * `again` is there when an account is reconnected, and not for a new one. `method`: the way that the page expects, through
 * Nango if left out; the server's answer decides.
 */
export type ConnectTarget = { slug: string; name: string; again?: Again; method?: OAuthMethod };
/** Why a try ended without a connection: a code of the API, an outcome of the attempt, or what the frame told. */
export type ConnectFailure = FailureCode | "denied" | "expired" | "connect_failed" | `outcome:${string}`;
/** Why the frame or the window could not be used, so that a plain link is offered instead. */
export type StageTrouble = "popup_blocked" | "frame_blocked" | "nango_away";
/** Where Nango's frame and API are. */
export type NangoAddresses = { connectUrl: string; apiUrl: string };

export type ConnectState =
  | { phase: "idle" }
  | (ConnectTarget & {
      phase: "opening" | "waiting" | "finishing";
      /** Nango's frame lies over the page. */
      frame: boolean;
      link: string | null;
      trouble: StageTrouble | null;
    })
  /** Signed in again; the server looks whose account it is. Nothing is in anybody's way meanwhile. */
  | (ConnectTarget & { phase: "checking" })
  | (ConnectTarget & { phase: "connected"; connection: ConnectionView | null })
  /** `fallback`: Nango was away, and the connector could be connected directly. */
  | (ConnectTarget & { phase: "failed"; reason: ConnectFailure; fallback: boolean });

export type StartInput = {
  connector: string;
  visibility: Visibility;
  oauthMethod?: "direct";
  /** What the person was asked before. */
  connectionConfig?: Answers;
};

export type ConnectCalls = {
  start(input: StartInput): Promise<SessionAnswer>;
  reconnect(connectionId: string): Promise<SessionAnswer>;
  attempt(id: string): Promise<AttemptView>;
  confirm(id: string, connectionId: string | undefined): Promise<ConfirmAnswer>;
  cancel(id: string, reason: CloseReason): Promise<unknown>;
  connection(id: string): Promise<ConnectionView>;
};

export type ConnectFlowOptions = {
  /** null where Nango is not used: nothing of it is loaded then. */
  nango: NangoAddresses | null;
  calls: ConnectCalls;
  /** What has to be asked before a connector can be signed in to directly; nothing is if left out. */
  asked?: (slug: string) => Asked | undefined;
  loadNango: () => Promise<typeof Nango>;
  language: string;
  theme: () => "light" | "dark";
  frameTitle: (target: ConnectTarget) => string;
  /** What the window says until it is sent to the provider. */
  windowText: (target: ConnectTarget) => string;
  onConnected: (target: ConnectTarget, connection: ConnectionView | null) => void;
  /** A reconnected account was looked at; null: the look has not ended, and what comes out of it is shown later. */
  onChecked: (again: Again, target: ConnectTarget, connection: ConnectionView | null) => void;
  /** A reconnected account is about to be looked at. */
  onChecking: () => void;
  /** A reconnect was given up by closing or cancelling it. */
  onLeft: (again: Again, target: ConnectTarget) => void;
  /** Milliseconds until a frame that has not answered counts as blocked. */
  frameTimeout?: number;
};

export type BusyState = Extract<ConnectState, { phase: "opening" | "waiting" | "finishing" }>;

export const isBusy = (state: ConnectState): state is BusyState =>
  state.phase === "opening" || state.phase === "waiting" || state.phase === "finishing";

/** The state as it concerns one account: what its reconnect does now, and nothing for any other. */
export const stateOf = (state: ConnectState, connectionId: string): ConnectState =>
  state.phase !== "idle" && state.again?.id === connectionId ? state : { phase: "idle" };
