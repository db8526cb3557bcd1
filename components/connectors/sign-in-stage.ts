import type { OAuthMethod, SessionAnswer } from "@/lib/api/views";
import type { StageTrouble } from "./connect-state";

/**
 * Where a person signs in during one try: in Nango's frame, or in a window at the provider. What a stage reports is only
 * a hint; how the try ends is read at the server.
 */
export interface SignInStage {
  readonly method: OAuthMethod;
  /** Shows it, still without an aim. Must run in the click itself. */
  open(): void;
  /** Goes where the server's answer leads. */
  go(session: SessionAnswer): void;
  /** Takes it away without a word. */
  close(): void;
}

export type StageEvents = {
  /** The frame says that it is done. */
  finished(connectionId: string | undefined): void;
  denied(): void;
  /** The person closed it. */
  closed(): void;
  /** It cannot be used: a plain link has to do. */
  lost(trouble: StageTrouble): void;
};
