import type { Tenant } from "@/lib/auth/tenant";
import type { Visibility } from "@/lib/db/vocabulary";
import type { Shape } from "./connectors";

/**
 * What people, Nango and providers did, as they saw it themselves. Together with Nango's dump it is all that the model
 * knows: nothing here comes from our tables, but what the product answered to a person.
 */

/** A try to connect or reconnect that somebody started. */
export type Try = {
  id: string;
  as: Tenant;
  shape: Shape;
  visibility: Visibility;
  token: string;
  /** The connection at Nango that it renews. */
  renews: Made | null;
  /** The server died before it wrote the session down: nobody can delete it. */
  orphaned?: boolean;
  /** The product said that it is cancelled. */
  cancelled: boolean;
  /** Virtual time at which its session began. */
  startedAt: number;
  completions: Made[];
};

/** A connection that was made at Nango, by whomever. */
export type Made = {
  nangoId: string;
  key: string;
  shape: Shape;
  /** The try that made it; null for strangers, other deployments and operators. */
  by: Try | null;
  /** What somebody else put there, and how it has to end when it is still there. */
  strange: null | "missing_tags" | "foreign_instance" | "unknown_attempt" | "tags_mismatch";
  /** The account that a person has seen as its own: what another one is compared with. */
  accepted: string | null;
  label: string | null;
  /** Who disconnected it, when the product said that it is. */
  disconnected: { by: Tenant; at: number } | null;
  undone: number;
  /** It ended with its person's leaving. */
  left: boolean;
  /** Taken away at Nango behind our back. */
  vanished: boolean;
  /** Put back at Nango under its old id after the product had called it gone. */
  reappeared: boolean;
  /** An administrator took it out of quarantine, or had it deleted. */
  adopted: boolean;
  discarded: boolean;
  /** Other tries that renewed it. */
  renewals: Try[];
  /** The product told a person that it is connected. */
  told: boolean;
  history: string[];
};

const KEPT = 60;

export class Ledger {
  readonly tries: Try[] = [];
  readonly made: Made[] = [];
  /** How often each kind of thing happened. */
  readonly counts = new Map<string, number>();
  readonly milliseconds = new Map<string, number>();
  /** Every accepted change from disconnected back, for the trap in the database. */
  undos = 0;
  events = 0;
  /** Whatever should not have been answered to anybody. */
  readonly complaints: string[] = [];
  private readonly byNangoId = new Map<string, Made>();

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
  /** Where a run spends its time. */
  async timed(what: string, work: () => Promise<unknown>): Promise<void> {
    const began = performance.now();
    await work();
    this.milliseconds.set(what, (this.milliseconds.get(what) ?? 0) + performance.now() - began);
  }
  note(made: Made | null | undefined, what: string): void {
    if (!made) return;
    made.history.push(`#${this.events} ${what}`);
    if (made.history.length > KEPT) made.history.shift();
  }
  find(nangoId: string): Made | undefined {
    return this.byNangoId.get(nangoId);
  }
  add(made: Pick<Made, "nangoId" | "key" | "shape" | "by"> & Partial<Made>): Made {
    const full: Made = {
      strange: null,
      accepted: null,
      label: null,
      disconnected: null,
      undone: 0,
      left: false,
      vanished: false,
      reappeared: false,
      adopted: false,
      discarded: false,
      renewals: [],
      told: false,
      history: [],
      ...made,
    };
    this.made.push(full);
    this.byNangoId.set(full.nangoId, full);
    return full;
  }
  /** Something that must never happen did. */
  complain(what: string, made?: Made): void {
    this.complaints.push(made ? `${what} (${made.nangoId})\n  ${made.history.join("\n  ")}` : what);
  }
}
