import type { ApiCall } from "../generic/api";
import type { Account } from "../types";
import type { Records } from "./records";

/** A service of our own: it answers calls whose credentials were found good, and keeps what they create. */
export type OwnService = {
  name: string;
  /** What an account holds at first, by kind. */
  seed: Record<string, Record<string, unknown>[]>;
  /** null: the call is not for this service, or one that it does not have. */
  answer(call: ApiCall, account: Account, records: Records): Response | null;
};
