import { AppError } from "@/lib/errors";

/**
 * Where a page ends: the sort key of its last row, opaque to callers. It names no owner and opens nothing: the tenant's
 * predicate is applied to every page anew.
 */
export function encodeCursor(key: readonly [time: string, id: string]): string {
  return Buffer.from(key.join(" ")).toString("base64url");
}

/** @throws AppError invalid_request for anything that encodeCursor did not make */
export function decodeCursor(cursor: string): [time: string, id: string] {
  const [time = "", id = "", ...rest] = Buffer.from(cursor, "base64url").toString("utf8").split(" ");
  const whole = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(time) && !Number.isNaN(Date.parse(time));
  if (!whole || !/^[0-9a-f-]{36}$/.test(id) || rest.length) throw new AppError("invalid_request");
  return [time, id];
}
