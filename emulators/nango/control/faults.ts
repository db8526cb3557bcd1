import { createHash } from "node:crypto";
import { z } from "zod";
import { API_CALLS, type ApiCallName } from "./api-calls";

/**
 * Faults that a test orders over the control API. Each is scoped: by integration, by a tag of the connection or
 * session concerned, by the call (its name, or method and path), or by a webhook's operation. Unscoped ones hit
 * everything. The first that applies and strikes wins, so several with probabilities share what the ones before them
 * let pass.
 */
export const faultSchema = z
  .object({
    /** webhook: deliveries to the app. api: calls made to the stand-in. refresh: token refreshes. */
    on: z.enum(["webhook", "api", "refresh"]),
    /**
     * webhook: drop, duplicate, reorder (after the next one), delay, corrupt (a byte changed after signing).
     * api: status (answers `status`), slow (waits, then answers), garbage (200 with no JSON), hangup (the socket closes
     * without an answer). refresh: fail.
     */
    effect: z.enum(["drop", "duplicate", "reorder", "delay", "corrupt", "status", "slow", "garbage", "hangup", "fail"]),
    /** For status; 500 unless given. */
    status: z.number().int().min(400).max(599).optional(),
    /** Seconds that a 429 asks to wait; 1 unless given. */
    retryAfter: z.number().int().min(0).max(3600).optional(),
    /**
     * For status, garbage and hangup: "after" does what was asked first, and only the answer is lost; "before" (the
     * default) does nothing.
     */
    when: z.enum(["before", "after"]).optional(),
    /** For delay, slow and reorder: how long, in milliseconds. */
    ms: z.number().int().min(0).max(600_000).optional(),
    /** For delay and slow: a length drawn between `ms` and this. */
    maxMs: z.number().int().min(0).max(600_000).optional(),
    /** For duplicate: how many copies; 2 unless given. */
    copies: z.number().int().min(2).max(50).optional(),
    /** How many times it strikes before it is used up; left out, until it is removed. */
    times: z.number().int().min(1).optional(),
    /** How often it strikes what it applies to, from 0 to 1; always, unless given. */
    probability: z.number().min(0).max(1).optional(),
    /** Makes what is drawn repeatable; 1 unless given. */
    seed: z.number().int().optional(),
    /**
     * Without it, draws follow the order of events. With the name of a tag, the nth event with the same value of that
     * tag (and the same operation or call) always draws the same, in whatever order the others come.
     */
    drawBy: z.string().optional(),
    integration: z.string().optional(),
    tag: z.object({ key: z.string(), value: z.string() }).strict().optional(),
    /** For api: list, get, patch, delete, import, metadata, session, reconnect, session_delete, integrations, proxy. */
    call: z.enum(API_CALLS).optional(),
    method: z.string().optional(),
    /** Beginning of the path, for api. */
    path: z.string().optional(),
    /** creation, override, refresh, deletion, forward: for webhook. */
    operation: z.string().optional(),
  })
  .strict();

export type FaultInput = z.output<typeof faultSchema>;
export interface Fault extends FaultInput {
  id: number;
  struck: number;
  /** What it was about to hit and let pass, by its probability. */
  spared: number;
}

/** What a fault may be scoped by, of the thing about to happen. */
export interface Subject {
  integrations: string[];
  tags: Record<string, string>;
  call?: ApiCallName | undefined;
  method?: string;
  path?: string;
  operation?: string;
}

export class FaultBox {
  private faults: Fault[] = [];
  private next = 1;
  /** How many draws each fault has made: in all, or for each value of the tag that it draws by. */
  private readonly draws = new Map<string, number>();

  add(input: FaultInput): Fault {
    const fault = { ...input, id: this.next++, struck: 0, spared: 0 };
    this.faults.push(fault);
    return fault;
  }
  remove(id: number): boolean {
    const before = this.faults.length;
    this.faults = this.faults.filter((fault) => fault.id !== id);
    return this.faults.length < before;
  }
  clear(): void {
    this.faults = [];
    this.draws.clear();
  }
  list(): readonly Fault[] {
    return this.faults;
  }
  /** True when a fault of this kind is waiting: lets the usual path skip finding out what a call is about. */
  any(on: Fault["on"]): boolean {
    return this.faults.some((fault) => fault.on === on);
  }
  /**
   * The first fault that applies and strikes, which thereby has struck once.
   * @returns it with the time that it takes drawn already, in `ms`
   */
  take(on: Fault["on"], subject: Subject): Fault | undefined {
    for (const fault of this.faults) {
      if (fault.on !== on || !applies(fault, subject)) continue;
      if (fault.probability !== undefined && this.draw(fault, subject, "strike") >= fault.probability) {
        fault.spared += 1;
        continue;
      }
      fault.struck += 1;
      if (fault.times !== undefined && fault.struck >= fault.times) this.remove(fault.id);
      const { ms, maxMs } = fault;
      if (maxMs === undefined) return fault;
      const least = ms ?? 0;
      return { ...fault, ms: Math.round(least + this.draw(fault, subject, "length") * Math.max(0, maxMs - least)) };
    }
    return undefined;
  }

  /** The next number from 0 to 1 for a fault. Hashed from its seed and the draw's place, it needs no generator's state. */
  private draw(fault: Fault, { tags, operation, call }: Subject, purpose: string): number {
    const group = fault.drawBy ? `${tags[fault.drawBy] ?? ""} ${operation ?? call ?? ""}` : "";
    const key = `${fault.id} ${purpose} ${group}`;
    const nth = this.draws.get(key) ?? 0;
    this.draws.set(key, nth + 1);
    // The effect keeps faults of one seed from striking the same events.
    const text = `${fault.seed ?? 1} ${fault.effect} ${purpose} ${group} ${nth}`;
    return createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
  }
}

function applies(fault: Fault, subject: Subject): boolean {
  if (fault.integration && !subject.integrations.includes(fault.integration)) return false;
  if (fault.tag && subject.tags[fault.tag.key] !== fault.tag.value) return false;
  if (fault.call && fault.call !== subject.call) return false;
  if (fault.method && fault.method.toUpperCase() !== subject.method) return false;
  if (fault.path && !subject.path?.startsWith(fault.path)) return false;
  if (fault.operation && fault.operation !== subject.operation) return false;
  return true;
}
