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
  if (!isTime(time) || !isId(id) || rest.length) throw new AppError("invalid_request");
  return [time, id];
}

/** A moment that exists: JavaScript takes the 30th of February for the 2nd of March, and the database refuses both it and year 0. */
function isTime(text: string): boolean {
  if (!/^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === text.slice(0, 19);
}

const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
