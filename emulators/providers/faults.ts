import { json } from "./wire";

export const FAULT_KINDS = ["429", "500", "slow", "garbage"] as const;
type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault to be met by the next `times` calls that match. */
export type Fault = { service: string; kind: FaultKind; times: number; path?: string; host?: string; ms?: number };

/** Faults that wait for a call. They do not touch consent pages, so a sign-in can still be begun. */
export class Faults {
  private waiting: Fault[] = [];

  add(fault: Fault): void {
    this.waiting.push(fault);
  }

  clear(): void {
    this.waiting = [];
  }

  /**
   * Uses up one matching fault.
   * @returns the answer to give instead of the real one; null to go on (after the delay, when slow)
   */
  async meet(call: { service: string; host: string; path: string }): Promise<Response | null> {
    const fault = this.waiting.find(
      (each) =>
        each.service === call.service &&
        (!each.host || each.host === call.host) &&
        (!each.path || call.path.startsWith(each.path)),
    );
    if (!fault) return null;
    fault.times -= 1;
    if (fault.times <= 0) this.waiting = this.waiting.filter((each) => each !== fault);
    switch (fault.kind) {
      case "429":
        return json({ error: "rate_limited", message: "Too many requests" }, 429, { "retry-after": "1" });
      case "500":
        return json({ error: "internal_error", message: "Something went wrong" }, 500);
      case "garbage":
        return new Response("<<not json", { headers: { "content-type": "application/json" } });
      case "slow":
        await new Promise((resolve) => setTimeout(resolve, fault.ms ?? 3000));
        return null;
    }
  }
}
