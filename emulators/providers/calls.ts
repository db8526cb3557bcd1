/** One call that reached a provider. Queries and headers are left out: they may hold credentials. */
export type Call = {
  at: string;
  service: string;
  host: string;
  method: string;
  path: string;
  status: number;
  account: string | null;
  grant: string | null;
};

const KEPT = 2000;

/** The last calls, for tests that ask what reached a provider. In memory only. */
export class Calls {
  private calls: Call[] = [];

  add(call: Omit<Call, "at">): void {
    this.calls.push({ at: new Date().toISOString(), ...call });
    if (this.calls.length > KEPT * 1.5) this.calls = this.calls.slice(-KEPT);
  }

  /** Newest last. Every filter is optional; `path` matches a beginning. */
  list(filter: { service?: string; path?: string; host?: string; account?: string; limit?: number }): Call[] {
    return this.calls
      .filter((call) => !filter.service || call.service === filter.service)
      .filter((call) => !filter.host || call.host === filter.host)
      .filter((call) => !filter.path || call.path.startsWith(filter.path))
      .filter((call) => !filter.account || call.account === filter.account)
      .slice(-(filter.limit ?? KEPT));
  }

  clear(): void {
    this.calls = [];
  }
}
