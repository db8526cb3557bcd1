import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { State } from "./model";

/** Lists of the state that change entry by entry, and what their entries are known by. */
const LISTS = { integrations: "id", sessions: "token", connections: "id" } as const;
type ListName = keyof typeof LISTS;

/** One change: an entry as it is now, an entry that is gone, or fields of the state itself. */
export type Change =
  | { put: ListName; entry: unknown }
  | { drop: ListName; key: string | number }
  | { set: Partial<State> };

/** The journal is folded into the snapshot when it is this long, or as long as the snapshot if that is longer. */
const FOLD_AT_BYTES = 1_000_000;

/**
 * The state on disk: a snapshot, and a journal of what changed since. A change costs one short write, however large the
 * state is, and is on its way to the disk before the call that caused it is answered: a killed process loses nothing.
 * A snapshot is written to a neighbour and renamed over the old one. A journal that a kill left behind its snapshot may
 * be replayed over it: every line says how things are, not by how much they changed.
 */
export class StateFile {
  private readonly snapshot: string;
  private readonly journal: string;
  private file: number;
  private journalBytes = 0;
  private snapshotBytes = 0;

  /** @param folder made if missing */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.snapshot = join(folder, "nango.json");
    this.journal = join(folder, "nango.journal");
    this.file = openSync(this.journal, "a", 0o600);
  }

  /** The state as it was left; null when there is none. */
  read(): State | null {
    if (!existsSync(this.snapshot)) return null;
    const state = JSON.parse(readFileSync(this.snapshot, "utf8")) as State;
    const lists = Object.fromEntries(
      Object.entries(LISTS).map(([name, key]) => [name, byKey(state[name as ListName], key)]),
    ) as Record<ListName, Map<unknown, unknown>>;
    for (const line of readFileSync(this.journal, "utf8").split("\n")) {
      const change = parsed(line);
      if (!change) continue;
      if ("set" in change) Object.assign(state, change.set);
      else if ("put" in change) lists[change.put].set(keyOf(change.entry, LISTS[change.put]), change.entry);
      else lists[change.drop].delete(change.key);
    }
    for (const [name, entries] of Object.entries(lists)) Object.assign(state, { [name]: [...entries.values()] });
    return state;
  }

  /** @returns true when it is time to write a snapshot */
  append(changes: Change[]): boolean {
    const text = `${changes.map((change) => JSON.stringify(change)).join("\n")}\n`;
    this.journalBytes += writeSync(this.file, text);
    return this.journalBytes > Math.max(FOLD_AT_BYTES, this.snapshotBytes);
  }

  fold(state: State): void {
    const draft = `${this.snapshot}.${process.pid}.tmp`;
    const text = JSON.stringify(state);
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, this.snapshot);
    ftruncateSync(this.file);
    this.snapshotBytes = text.length;
    this.journalBytes = 0;
  }

  /** Leaves the snapshot alone behind. */
  close(state: State): void {
    this.fold(state);
    closeSync(this.file);
    rmSync(this.journal, { force: true });
  }
}

/** A line that a kill cut short is the last one, and was never answered for. */
function parsed(line: string): Change | null {
  if (line === "") return null;
  try {
    return JSON.parse(line) as Change;
  } catch {
    return null;
  }
}

function byKey(entries: unknown[], key: string): Map<unknown, unknown> {
  return new Map(entries.map((entry) => [keyOf(entry, key), entry]));
}
function keyOf(entry: unknown, key: string): unknown {
  return (entry as Record<string, unknown>)[key];
}
