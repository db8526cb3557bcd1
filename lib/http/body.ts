import "server-only";
import { AppError } from "@/lib/errors";

/** Largest body that is read, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Reads a body up to the limit, without buffering more than that.
 * @throws AppError payload_too_large
 */
export async function readBody(request: Request, limit: number = MAX_BODY_BYTES): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > limit) throw new AppError("payload_too_large");
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
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

/** @throws AppError unsupported_media_type, payload_too_large, invalid_json */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type");
  // A DELETE often comes without a body; everything else says what it sends, and a form cannot say this.
  const bare = request.method === "DELETE" && type === null;
  if (!bare && !/^application\/json\s*(;|$)/i.test(type ?? "")) throw new AppError("unsupported_media_type");
  const bytes = await readBody(request);
  if (bytes.byteLength === 0 && request.method === "DELETE") return {};
  if (bare) throw new AppError("unsupported_media_type");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new AppError("invalid_json");
  }
}
