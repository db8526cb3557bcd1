import "server-only";
import type { ProviderRequest } from "@/lib/actions/request";
import { callerName, type Tenant } from "@/lib/auth/tenant";
import { AppError } from "@/lib/errors";

/**
 * Threat: calls that may take most of a minute are begun faster than they end, until nothing is left for anybody else.
 * Invariant: of one caller, of one owner and of all together only so many are open in a process. Whoever wants more is
 * refused before anything is sent. Guarded by tests/integration/actions-patience.test.ts.
 */
const MOST = { caller: 4, owner: 8, everybody: 256 };
/** Seconds. */
const TRY_AGAIN_AFTER = 10;

/** Kept on the global object: the framework loads this module once per bundle, and each copy would count for itself. */
const registry = globalThis as { [name: symbol]: unknown };
const place = Symbol.for("patchbay.patientCalls");
registry[place] ??= new Map();
const open = registry[place] as Map<string, number>;

function count(names: readonly string[], by: 1 | -1): void {
  for (const name of names) {
    const now = (open.get(name) ?? 0) + by;
    if (now > 0) open.set(name, now);
    else open.delete(name);
  }
}

/**
 * Makes a call, unless it may take long and too many such calls are open.
 * @throws AppError rate_limited (details.retry); what the call throws
 */
export async function withinPatience<T>(
  tenant: Tenant,
  { patience }: ProviderRequest,
  call: () => Promise<T>,
): Promise<T> {
  if (patience === undefined) return call();
  const { ownerId } = tenant;
  const limits = new Map([
    [`caller ${ownerId} ${callerName(tenant)}`, MOST.caller],
    [`owner ${ownerId}`, MOST.owner],
    ["everybody", MOST.everybody],
  ]);
  if ([...limits].some(([name, most]) => (open.get(name) ?? 0) >= most))
    throw new AppError("rate_limited", { retryAfter: TRY_AGAIN_AFTER, details: { retry: "later" } });
  const names = [...limits.keys()];
  count(names, 1);
  try {
    return await call();
  } finally {
    count(names, -1);
  }
}
