import { fieldWrong } from "./faults";
import type { Fields } from "./fields";

const MAX_BYTES = 1_000_000;
const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Reads an uploaded picture into a data: URI, which needs no image host. @throws ClerkError when it is none or too big */
export async function readPicture(fields: Fields): Promise<string> {
  const file = fields.file("file");
  if (!file || !TYPES.includes(file.type)) {
    throw fieldWrong("file", "image_type_invalid", "Choose a PNG, JPEG, GIF or WebP picture.");
  }
  if (file.size > MAX_BYTES) throw fieldWrong("file", "image_too_large", "Choose a picture of at most 1 MB.");
  return `data:${file.type};base64,${Buffer.from(await file.arrayBuffer()).toString("base64")}`;
}
