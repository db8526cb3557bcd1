import "server-only";
import {
  type Differing,
  markReconciled,
  type ReconcilePhase,
  type ReconcileRun,
  reconcileTurn,
  takeNangoCalls,
} from "@/lib/db/reconcile";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { listConnectionPage } from "@/lib/nango/connection-pages";
import { type Healed, healConnection } from "@/lib/webhooks/reconcile-one";

/** Why a sweep stops before its end. */
export class Standstill extends Error {
  override name = "Standstill";
  constructor(
    readonly status: "paused" | "braked" | "busy",
    readonly code: string,
    readonly resumeAt: string | null = null,
  ) {
    super(code);
  }
}

/** What each outcome of a closer look is counted as. */
const counted: Partial<Record<Healed["outcome"], string>> = {
  adopted: "adopted",
  quarantined: "quarantined",
  gone: "gone",
  changed: "status_changed",
};

/** One run of the sweep in this process: where it is, what it has done, and its leave to go on. */
export class Sweep {
  constructor(
    private readonly holder: string,
    readonly run: ReconcileRun,
    /** Milliseconds since 1970 at which this process has to stop. */
    private readonly until: number,
  ) {}

  count(name: string, by = 1): void {
    if (by > 0) this.run.counters[name] = (this.run.counters[name] ?? 0) + by;
  }

  enter(phase: ReconcilePhase): void {
    this.run.phase = phase;
    this.run.cursor = "";
  }

  /**
   * Asks leave for calls to Nango and saves the place, so that a kill loses nothing but the step under way.
   * @returns the database's time
   * @throws Standstill when the budget or the time is used up, or another process has taken over
   */
  async turn(calls = 1): Promise<string> {
    if (Date.now() >= this.until) throw new Standstill("paused", "out_of_time");
    const turn = await reconcileTurn(this.holder, this.run, calls);
    if (!turn) throw new Standstill("busy", "lease_lost");
    if (turn.granted < calls) {
      const minute = Math.floor(Date.parse(turn.at) / 60_000) + 1;
      throw new Standstill("paused", "budget_used_up", new Date(minute * 60_000).toISOString());
    }
    this.count("calls", calls);
    return turn.at;
  }

  /**
   * Takes a closer look at one connection. One that cannot be read does not hold up the others, as long as Nango itself
   * answers.
   * @throws Standstill; AppError nango_* when Nango itself does not answer
   */
  async heal(item: Differing, options: { bury: boolean; listed: boolean }): Promise<Healed | null> {
    await this.turn();
    this.count("checked");
    try {
      const healed = await healConnection(item, options.bury);
      const more = healed.calls - 1;
      if (more > 0) this.count("calls", await takeNangoCalls(more).then(() => more));
      const name = counted[healed.outcome];
      if (name) this.count(name);
      if (healed.retagged) this.count("retagged");
      return healed;
    } catch (error) {
      await this.cannotHeal(error);
      if (options.listed && item.id) await markReconciled(item.id);
      return null;
    }
  }

  private async cannotHeal(error: unknown): Promise<void> {
    const code = error instanceof AppError ? error.code : null;
    if (code === "nango_rate_limited") throw error;
    // Is it this connection, or Nango altogether?
    if (code?.startsWith("nango_")) {
      await this.turn();
      await listConnectionPage(0, 1);
    }
    this.count("failed");
    log().warn({ err: error }, "a connection could not be reconciled");
  }
}
