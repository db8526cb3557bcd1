import type { Fault, FaultBox } from "../control/faults";
import type { Timing } from "../standin";
import { Breaker } from "./breaker";
import { signatureHeaders, stableJson } from "./signing";

/** One webhook and what became of it. */
export interface Delivery {
  number: number;
  url: string;
  body: string;
  integration: string;
  operation: string;
  attempts: { at: string; status: number | null; error: string | null }[];
  /** sending until settled. dropped: by a fault. refused: a 3xx or 4xx. failed: every try failed. open: by the breaker. */
  outcome: "sending" | "delivered" | "refused" | "failed" | "breaker_open" | "dropped";
}

export interface Outgoing {
  body: unknown;
  integration: string;
  operation: string;
  tags: Record<string, string>;
  /** The connection's or session's own address, instead of the environment's. */
  urlOverride?: string | null | undefined;
  headers?: Record<string, string>;
}

const KEPT = 2_000;
/** Webhooks leave just after the API call that caused them was answered. */
const LEAVE_AFTER_MS = 5;
/** A webhook held back to be overtaken is let go after this, if none overtakes it. */
const HELD_AT_MOST_MS = 2_000;

/**
 * Delivers webhooks as Nango does: signed, three tries at most, none after a 3xx or 4xx, a breaker per address.
 * What is lost is lost: nothing is kept over a restart.
 */
export class WebhookSender {
  /** Where auth and forward webhooks go; null sends none. */
  url: string | null;
  /** Off, creations and refresh failures are not sent. Overrides are, even then. */
  authWebhooks = true;
  /** What newer servers send besides: that a connection was deleted, and that a broken one works again. */
  deletionWebhooks = false;
  recoveryWebhooks = false;
  readonly breaker: Breaker;
  private log: Delivery[] = [];
  private total = 0;
  private held: (() => void)[] = [];
  private readonly closing = new AbortController();
  private readonly running = new Set<Promise<void>>();

  constructor(
    url: string | null,
    private readonly signingKey: () => string,
    private readonly timing: Timing,
    private readonly faults: FaultBox,
  ) {
    this.url = url;
    this.breaker = new Breaker(timing.breaker);
  }

  /** Starts a delivery and returns at once. */
  send(outgoing: Outgoing): void {
    const url = outgoing.urlOverride || this.url;
    if (!url || this.closing.signal.aborted) return;
    const run = this.start(url, outgoing).catch(() => undefined);
    this.running.add(run);
    void run.finally(() => this.running.delete(run));
  }

  get count(): number {
    return this.total;
  }
  deliveries(after = 0): Delivery[] {
    return this.log.filter((delivery) => delivery.number > after);
  }
  /** How many of those still kept ended in which way. */
  outcomes(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { outcome } of this.log) counts[outcome] = (counts[outcome] ?? 0) + 1;
    return counts;
  }
  clear(): void {
    this.log = [];
    this.total = 0;
  }
  /** Waits until every delivery under way has ended, tries included. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.closing.abort();
    this.release();
    await this.settled();
  }

  private async start(url: string, outgoing: Outgoing): Promise<void> {
    const { integration, operation, tags } = outgoing;
    const body = stableJson(outgoing.body);
    const fault = this.faults.take("webhook", { integrations: [integration], tags, operation });
    const record = (): Delivery => {
      this.total += 1;
      const delivery: Delivery = {
        number: this.total,
        url,
        body,
        integration,
        operation,
        attempts: [],
        outcome: "sending",
      };
      this.log.push(delivery);
      if (this.log.length > KEPT * 2) this.log = this.log.slice(-KEPT);
      return delivery;
    };
    if (fault?.effect === "drop") {
      record().outcome = "dropped";
      return;
    }
    await this.hold(fault);
    if (this.closing.signal.aborted) return;
    const headers = { ...outgoing.headers, ...signatureHeaders(this.signingKey(), body) };
    const copies = fault?.effect === "duplicate" ? (fault.copies ?? 2) : 1;
    const sent = fault?.effect === "corrupt" ? corrupted(body) : body;
    await Promise.all(Array.from({ length: copies }, () => this.deliver(record(), sent, headers)));
    if (fault?.effect !== "reorder") this.release();
  }

  /** Waits as long as a delay or reorder fault asks, and otherwise a few milliseconds. */
  private async hold(fault: Fault | undefined): Promise<void> {
    if (fault?.effect === "reorder") {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, fault.ms ?? HELD_AT_MOST_MS);
        this.held.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      return;
    }
    await this.wait(fault?.effect === "delay" ? (fault.ms ?? 1_000) : LEAVE_AFTER_MS);
  }
  private release(): void {
    const held = this.held;
    this.held = [];
    for (const letGo of held) letGo();
  }

  private async deliver(delivery: Delivery, body: string, headers: Record<string, string>): Promise<void> {
    const waits = [0, ...this.timing.webhookRetries];
    for (const wait of waits) {
      if (wait > 0) await this.wait(wait);
      if (this.closing.signal.aborted) return;
      if (!this.breaker.allows(delivery.url)) {
        delivery.outcome = "breaker_open";
        return;
      }
      const status = await this.attempt(delivery, body, headers);
      if (status !== null && status >= 200 && status < 300) {
        this.breaker.succeeded(delivery.url);
        delivery.outcome = "delivered";
        return;
      }
      this.breaker.failed(delivery.url);
      if (status !== null && status >= 300 && status < 500) {
        delivery.outcome = "refused";
        return;
      }
    }
    delivery.outcome = "failed";
  }

  private async attempt(delivery: Delivery, body: string, headers: Record<string, string>): Promise<number | null> {
    const at = new Date().toISOString();
    try {
      const response = await fetch(delivery.url, {
        method: "POST",
        body,
        headers: { ...headers, "content-type": "application/json", "user-agent": "nango/0.71.4" },
        redirect: "manual",
        signal: AbortSignal.any([this.closing.signal, AbortSignal.timeout(this.timing.webhookTimeout)]),
      });
      await response.body?.cancel();
      delivery.attempts.push({ at, status: response.status, error: null });
      return response.status;
    } catch (error) {
      delivery.attempts.push({ at, status: null, error: error instanceof Error ? error.name : "error" });
      return null;
    }
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.closing.signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        this.closing.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.closing.signal.addEventListener("abort", done, { once: true });
    });
  }
}

/** Changes one letter inside the body, so that it is still text but not what was signed. */
function corrupted(body: string): string {
  const middle = Math.floor(body.length / 2);
  const replacement = body[middle] === "x" ? "y" : "x";
  return body.slice(0, middle) + replacement + body.slice(middle + 1);
}
