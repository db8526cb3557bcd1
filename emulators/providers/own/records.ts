import type { Account } from "../types";

export type StoredRecord = { id: string; [field: string]: unknown };
type Shelf = { service: string; account: string; kind: string; records: StoredRecord[]; lastNumber: number };

/** What each account holds at the services of our own, by kind. In memory: a restart begins anew. */
export class Records {
  private readonly shelves = new Map<string, Shelf>();

  constructor(private readonly seed: (service: string, kind: string) => Record<string, unknown>[]) {}

  /** All of a kind, the oldest first. */
  list(service: string, account: Account, kind: string): StoredRecord[] {
    return this.shelf(service, account, kind).records;
  }

  find(service: string, account: Account, kind: string, id: string): StoredRecord | undefined {
    return this.list(service, account, kind).find((record) => record.id === id);
  }

  /** @param idOf the service's own form of an id, from a number that is not given twice */
  add(
    service: string,
    account: Account,
    kind: string,
    fields: Record<string, unknown>,
    idOf: (number: number) => string = String,
  ): StoredRecord {
    const shelf = this.shelf(service, account, kind);
    const record = { ...fields, id: idOf(++shelf.lastNumber) };
    shelf.records.push(record);
    return record;
  }

  /** Everything that is kept, for tests. Every filter is optional. */
  all(filter: { service?: string; kind?: string; account?: string }): Omit<Shelf, "lastNumber">[] {
    return [...this.shelves.values()]
      .filter(({ service }) => !filter.service || service === filter.service)
      .filter(({ kind }) => !filter.kind || kind === filter.kind)
      .filter(({ account }) => !filter.account || account === filter.account)
      .map(({ service, account, kind, records }) => ({ service, account, kind, records }));
  }

  clear(): void {
    this.shelves.clear();
  }

  private shelf(service: string, account: Account, kind: string): Shelf {
    const key = JSON.stringify([service, account.key, kind]);
    let shelf = this.shelves.get(key);
    if (!shelf) {
      const records = this.seed(service, kind).map((fields, at) => ({ id: String(at + 1), ...fields }));
      shelf = { service, account: account.key, kind, records, lastNumber: 100 };
      this.shelves.set(key, shelf);
    }
    return shelf;
  }
}
