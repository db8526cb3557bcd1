import { createHmac, randomBytes } from "node:crypto";

/** What became of one webhook, for tests. */
export type ClerkDelivery = {
  id: string;
  type: string;
  body: string;
  /** The status of each try; null where nobody answered. */
  attempts: (number | null)[];
  outcome: "sending" | "delivered" | "failed" | "held";
};

/** Milliseconds before each further try. Svix takes longer between them, and goes on for days. */
const WAITS = [200, 1_000, 3_000, 10_000, 30_000, 60_000, 300_000];
const PATIENCE = 15_000;
const KEPT = 500;

/**
 * Tells the app what happened to people and organisations, as Clerk does through Svix: signed over id, time and body, with
 * the same id at each try, until a 2xx answers. What is under way when the stand-in ends is lost.
 */
export class ClerkWebhooks {
  private log: ClerkDelivery[] = [];
  private holding = false;
  private readonly closing = new AbortController();

  constructor(
    /** None: nothing is sent. */
    private readonly url: string | undefined,
    readonly secret: string,
  ) {}

  send(type: string, data: object): void {
    if (!this.url) return;
    const body = JSON.stringify({ data, object: "event", type, timestamp: Date.now(), instance_id: "ins_standin" });
    const id = `msg_${randomBytes(14).toString("hex")}`;
    const delivery: ClerkDelivery = { id, type, body, attempts: [], outcome: this.holding ? "held" : "sending" };
    this.log = [...this.log.slice(-KEPT), delivery];
    if (!this.holding) void this.deliver(delivery);
  }

  deliveries(): ClerkDelivery[] {
    return this.log;
  }

  /** Keeps what comes from now on to itself, to be sent by `release`, or by nobody. */
  hold(): void {
    this.holding = true;
  }

  release(): void {
    this.holding = false;
    for (const delivery of this.log.filter(({ outcome }) => outcome === "held")) {
      delivery.outcome = "sending";
      void this.deliver(delivery);
    }
  }

  /** Sends one again under its old id, signed anew, as the dashboard's "resend" does. @returns whether it was known */
  resend(id: string): boolean {
    const delivery = this.log.find((each) => each.id === id);
    if (delivery) void this.deliver(delivery);
    return delivery !== undefined;
  }

  close(): void {
    this.closing.abort();
  }

  private async deliver(delivery: ClerkDelivery): Promise<void> {
    for (const wait of [0, ...WAITS]) {
      await new Promise((resolve) => setTimeout(resolve, wait).unref());
      if (this.closing.signal.aborted) return;
      const status = await this.post(delivery);
      delivery.attempts.push(status);
      if (status !== null && status >= 200 && status < 300) {
        delivery.outcome = "delivered";
        return;
      }
    }
    delivery.outcome = "failed";
  }

  private async post({ id, body }: ClerkDelivery): Promise<number | null> {
    try {
      const answer = await fetch(this.url ?? "", {
        method: "POST",
        headers: { "content-type": "application/json", ...svixHeaders(this.secret, id, body) },
        body,
        signal: AbortSignal.any([this.closing.signal, AbortSignal.timeout(PATIENCE)]),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return null;
    }
  }
}

/** The headers that make a body count. @param at seconds since 1970 */
export function svixHeaders(
  secret: string,
  id: string,
  body: string,
  at: number = Math.floor(Date.now() / 1000),
): Record<string, string> {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64");
  return { "svix-id": id, "svix-timestamp": String(at), "svix-signature": `v1,${signature}` };
}
