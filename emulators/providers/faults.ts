import { basicCredentials, json } from "./wire";

export const FAULT_KINDS = ["401", "403", "429", "500", "slow", "garbage", "redirect", "large"] as const;
type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault to be met by the next `times` calls that match. */
export type Fault = {
  service: string;
  kind: FaultKind;
  times: number;
  path?: string | undefined;
  host?: string | undefined;
  /** Only calls that carry this credential. */
  token?: string | undefined;
  ms?: number | undefined;
};

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
  async meet(call: { service: string; host: string; path: string; request: Request }): Promise<Response | null> {
    const fault = this.waiting.find(
      (each) =>
        each.service === call.service &&
        (!each.host || each.host === call.host) &&
        (!each.path || call.path.startsWith(each.path)) &&
        (!each.token || carries(call.request, each.token)),
    );
    if (!fault) return null;
    fault.times -= 1;
    if (fault.times <= 0) this.waiting = this.waiting.filter((each) => each !== fault);
    switch (fault.kind) {
      case "401":
        return json({ error: "invalid_token", message: "The access token is no longer valid." }, 401);
      case "403":
        return json({ error: "insufficient_scope", message: "The token lacks a scope that this call needs." }, 403);
      case "429":
        return json({ error: "rate_limited", message: "Too many requests" }, 429, { "retry-after": "1" });
      case "500":
        return json({ error: "internal_error", message: "Something went wrong" }, 500);
      case "garbage":
        return new Response("<<not json", { headers: { "content-type": "application/json" } });
      case "large":
        return json({ text: "x".repeat(6 * 1024 * 1024) });
      case "redirect":
        return json({ error: "invalid_grant" }, 302, { location: "http://127.0.0.1:9/elsewhere" });
      case "slow":
        await new Promise((resolve) => setTimeout(resolve, fault.ms ?? 3000));
        return null;
    }
  }
}

function carries(request: Request, token: string): boolean {
  const basic = basicCredentials(request);
  const places = [...request.headers.values(), decodeURIComponent(new URL(request.url).search)];
  return [...places, basic?.user, basic?.password].some((text) => text?.includes(token));
}
