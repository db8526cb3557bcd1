import type Nango from "@nangohq/frontend";
import type { FailureCode } from "@/components/api-client";
import type {
  AttemptView,
  CloseReason,
  ConfirmAnswer,
  ConnectionView,
  SessionAnswer,
  Visibility,
} from "@/lib/api/views";

/** What a try to connect is made of: how it stands, what it needs of the page, and how it can end. */

export type ConnectTarget = { slug: string; name: string };
/** Why a try ended without a connection: a code of the API, an outcome of the attempt, or what the frame told. */
export type ConnectFailure = FailureCode | "denied" | "expired" | "connect_failed" | `outcome:${string}`;
/** Why the frame could not be used, so that a plain link is offered instead. */
export type FrameTrouble = "popup_blocked" | "frame_blocked";

export type ConnectState =
  | { phase: "idle" }
  | (ConnectTarget & {
      phase: "opening" | "waiting" | "finishing";
      frame: boolean;
      link: string | null;
      trouble: FrameTrouble | null;
    })
  | (ConnectTarget & { phase: "connected"; connection: ConnectionView | null })
  | (ConnectTarget & { phase: "failed"; reason: ConnectFailure });

export type ConnectCalls = {
  start(input: { connector: string; visibility: Visibility }): Promise<SessionAnswer>;
  attempt(id: string): Promise<AttemptView>;
  confirm(id: string, connectionId: string | undefined): Promise<ConfirmAnswer>;
  cancel(id: string, reason: CloseReason): Promise<unknown>;
};

export type ConnectFlowOptions = {
  connectUrl: string;
  apiUrl: string;
  calls: ConnectCalls;
  loadNango: () => Promise<typeof Nango>;
  language: string;
  theme: () => "light" | "dark";
  frameTitle: (name: string) => string;
  onConnected: (target: ConnectTarget, connection: ConnectionView | null) => void;
  /** Milliseconds until a frame that has not answered counts as blocked. */
  frameTimeout?: number;
};

export type BusyState = Extract<ConnectState, { phase: "opening" | "waiting" | "finishing" }>;

export const isBusy = (state: ConnectState): state is BusyState =>
  state.phase === "opening" || state.phase === "waiting" || state.phase === "finishing";
