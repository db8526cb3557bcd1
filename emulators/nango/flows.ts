/**
 * OAuth authorisations under way, and their outcome. Real Nango tells the waiting frame through a websocket; here the
 * Connect UI asks its own origin and is held until there is something to tell.
 */

export interface PendingAuthorization {
  state: string;
  /** Names the frame that waits; the frame chose it. */
  flow: string;
  sessionToken: string;
  integrationKey: string;
  /** The id that the connection will have. Refused attempts name it too, though no connection ever has it. */
  connectionId: string;
  connectionConfig: Record<string, unknown>;
  codeVerifier: string | null;
  /** OAuth 1 only. */
  requestTokenSecret: string | null;
  expiresAt: number;
}

export type Outcome =
  | { success: true; connectionId: string; providerConfigKey: string; isPending?: boolean }
  | { success: false; errorType: string; errorMessage: string };

/** Outcomes that nobody fetched are forgotten after this. */
const KEPT_MS = 10 * 60_000;

export class Flows {
  private readonly pending = new Map<string, PendingAuthorization>();
  private readonly outcomes = new Map<string, { outcome: Outcome; at: number }>();
  private readonly waiting = new Map<string, Set<(outcome: Outcome) => void>>();

  start(authorization: PendingAuthorization): void {
    const now = Date.now();
    for (const [state, old] of this.pending) if (old.expiresAt <= now) this.pending.delete(state);
    for (const [flow, old] of this.outcomes) if (now - old.at > KEPT_MS) this.outcomes.delete(flow);
    // A flow that starts again has no outcome yet.
    this.outcomes.delete(authorization.flow);
    this.pending.set(authorization.state, authorization);
  }
  /** Takes an authorisation out by its state: it can't be taken twice. */
  take(state: string): PendingAuthorization | undefined {
    const found = this.pending.get(state);
    this.pending.delete(state);
    return found && found.expiresAt > Date.now() ? found : undefined;
  }
  finish(flow: string, outcome: Outcome): void {
    if (!flow) return;
    this.outcomes.set(flow, { outcome, at: Date.now() });
    for (const tell of this.waiting.get(flow) ?? []) tell(outcome);
    this.waiting.delete(flow);
  }
  /** The outcome of a flow, waited for at most `ms`; null when there is none yet. */
  outcome(flow: string, ms: number, signal: AbortSignal): Promise<Outcome | null> {
    const known = this.outcomes.get(flow);
    if (known) return Promise.resolve(known.outcome);
    return new Promise((resolve) => {
      const listeners = this.waiting.get(flow) ?? new Set();
      this.waiting.set(flow, listeners);
      const end = (outcome: Outcome | null) => {
        clearTimeout(timer);
        listeners.delete(tell);
        if (listeners.size === 0) this.waiting.delete(flow);
        resolve(outcome);
      };
      const tell = (outcome: Outcome) => end(outcome);
      const timer = setTimeout(() => end(null), ms);
      signal.addEventListener("abort", () => end(null), { once: true });
      listeners.add(tell);
    });
  }
  clear(): void {
    this.pending.clear();
    this.outcomes.clear();
  }
}
