import { z } from "zod";

/**
 * Faults that a test orders over the control API. Each is scoped: by integration, by a tag of the connection or
 * session concerned, by the call's method and path, or by a webhook's operation. Unscoped ones hit everything.
 */
export const faultSchema = z
  .object({
    /** webhook: deliveries to the app. api: calls made to the stand-in. refresh: token refreshes. */
    on: z.enum(["webhook", "api", "refresh"]),
    /**
     * webhook: drop, duplicate, reorder (after the next one), delay, corrupt (a byte changed after signing).
     * api: status (answers `status`; 429 comes with Retry-After), slow (waits, then answers), garbage (200 with no
     * JSON), hangup (the socket closes without an answer). refresh: fail.
     */
    effect: z.enum(["drop", "duplicate", "reorder", "delay", "corrupt", "status", "slow", "garbage", "hangup", "fail"]),
    status: z.number().int().min(400).max(599).optional(),
    /** For delay, slow and reorder: how long, in milliseconds. */
    ms: z.number().int().min(0).max(600_000).optional(),
    /** How many times it strikes before it is used up; left out, until it is removed. */
    times: z.number().int().min(1).optional(),
    integration: z.string().optional(),
    tag: z.object({ key: z.string(), value: z.string() }).strict().optional(),
    method: z.string().optional(),
    /** Beginning of the path, for api. */
    path: z.string().optional(),
    /** creation, override, refresh, forward: for webhook. */
    operation: z.string().optional(),
  })
  .strict();

export type FaultInput = z.output<typeof faultSchema>;
export interface Fault extends FaultInput {
  id: number;
  struck: number;
}

/** What a fault may be scoped by, of the thing about to happen. */
export interface Subject {
  integrations: string[];
  tags: Record<string, string>;
  method?: string;
  path?: string;
  operation?: string;
}

export class FaultBox {
  private faults: Fault[] = [];
  private next = 1;

  add(input: FaultInput): Fault {
    const fault = { ...input, id: this.next++, struck: 0 };
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
  }
  list(): readonly Fault[] {
    return this.faults;
  }
  /** True when a fault of this kind is waiting: lets the usual path skip finding out what a call is about. */
  any(on: Fault["on"]): boolean {
    return this.faults.some((fault) => fault.on === on);
  }
  /** The first fault that applies, which thereby has struck once. */
  take(on: Fault["on"], subject: Subject): Fault | undefined {
    const fault = this.faults.find((candidate) => candidate.on === on && applies(candidate, subject));
    if (!fault) return undefined;
    fault.struck += 1;
    if (fault.times !== undefined && fault.struck >= fault.times) this.remove(fault.id);
    return fault;
  }
}

function applies(fault: Fault, subject: Subject): boolean {
  if (fault.integration && !subject.integrations.includes(fault.integration)) return false;
  if (fault.tag && subject.tags[fault.tag.key] !== fault.tag.value) return false;
  if (fault.method && fault.method.toUpperCase() !== subject.method) return false;
  if (fault.path && !subject.path?.startsWith(fault.path)) return false;
  if (fault.operation && fault.operation !== subject.operation) return false;
  return true;
}
