import "server-only";
import { AppError } from "@/lib/errors";

/** Largest body that is read, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024;
/** So many objects and lists may be inside one another. */
const DEEPEST = 64;

/**
 * Reads a body up to the limit, without buffering more than that.
 * @throws AppError payload_too_large, invalid_request (it broke off)
 */
export async function readBody(request: Request, limit: number = MAX_BODY_BYTES): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > limit) throw new AppError("payload_too_large");
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      // Whoever sends it hung up: no fault of ours, and nobody is there to be told.
      throw new AppError("invalid_request", { cause });
    });
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel().catch(() => {});
      throw new AppError("payload_too_large");
    }
    chunks.push(value);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

const unfit = (message: string) => new AppError("invalid_request", { details: { issues: [{ path: "", message }] } });

/** The database holds no U+0000. @throws AppError invalid_request */
export function refuseNul(text: string): void {
  if (text.includes("\0")) throw unfit("No text and no name may hold the character U+0000.");
}

/**
 * Refuses what others would break on. Level by level rather than by recursion: the depth is the caller's.
 * @throws AppError invalid_request
 */
function checkShape(json: unknown): void {
  let level: unknown[] = [json];
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === "string") refuseNul(value);
      if (typeof value !== "object" || value === null) continue;
      if (depth === DEEPEST) throw unfit(`Nested deeper than ${DEEPEST} levels.`);
      if (!Array.isArray(value)) for (const name of Object.keys(value)) refuseNul(name);
      for (const inner of Object.values(value)) next.push(inner);
    }
    level = next;
  }
}

/** @throws AppError unsupported_media_type, payload_too_large, invalid_json, invalid_request (too deep, or with U+0000) */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type");
  // A DELETE often comes without a body; everything else says what it sends, and a form cannot say this.
  const bare = request.method === "DELETE" && type === null;
  if (!bare && !/^application\/json\s*(;|$)/i.test(type ?? "")) throw new AppError("unsupported_media_type");
  const bytes = await readBody(request);
  if (bytes.byteLength === 0 && request.method === "DELETE") return {};
  if (bare) throw new AppError("unsupported_media_type");
  const json = parsed(bytes);
  checkShape(json);
  return json;
}

/** @throws AppError invalid_json */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new AppError("invalid_json");
  }
}
