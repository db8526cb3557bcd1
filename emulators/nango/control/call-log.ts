/** One request that reached the API, for tests that count upstream calls. */
export interface ApiCall {
  number: number;
  at: string;
  method: string;
  path: string;
  query: string;
  /** "api_key", "session" or "none", by what the caller presented. */
  auth: "api_key" | "session" | "none";
  integration: string | null;
  status: number;
  milliseconds: number;
}

const KEPT = 2_000;

/** The last 2,000 calls, and a count of all of them. */
export class CallLog {
  private list: ApiCall[] = [];
  private total = 0;

  add(call: Omit<ApiCall, "number">): void {
    this.total += 1;
    this.list.push({ number: this.total, ...call });
    // Cutting in halves keeps the cost per call flat.
    if (this.list.length > KEPT * 2) this.list = this.list.slice(-KEPT);
  }
  get count(): number {
    return this.total;
  }
  /** Calls, oldest first, optionally only those after a number, of a method, or whose path begins so. */
  find(filter: { after?: number; method?: string; path?: string } = {}): ApiCall[] {
    return this.list.filter(
      (call) =>
        call.number > (filter.after ?? 0) &&
        (!filter.method || call.method === filter.method.toUpperCase()) &&
        (!filter.path || call.path.startsWith(filter.path)),
    );
  }
  clear(): void {
    this.list = [];
    this.total = 0;
  }
}
