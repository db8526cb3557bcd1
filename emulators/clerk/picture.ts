import { fieldWrong } from "./faults";
import type { Fields } from "./fields";

// It travels inside every answer that shows the person, so it has to be small.
const MAX_BYTES = 100_000;
const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Reads an uploaded picture into a data: URI, which needs no image host. @throws ClerkError when it is none or too big */
export async function readPicture(fields: Fields): Promise<string> {
  const file = fields.file("file");
  if (!file || !TYPES.includes(file.type)) {
    throw fieldWrong("file", "image_type_invalid", "Choose a PNG, JPEG, GIF or WebP picture.");
  }
  if (file.size > MAX_BYTES) throw fieldWrong("file", "image_too_large", "Choose a picture of at most 100 KB.");
  return `data:${file.type};base64,${Buffer.from(await file.arrayBuffer()).toString("base64")}`;
}

/** A picture of the initials, drawn here, since a stand-in must not send browsers to an image host. Clerk rounds it. */
export function initialsImage(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  const initials = `${words[0]?.[0] ?? "?"}${words[1]?.[0] ?? ""}`.toUpperCase().replace(/[^\p{L}\p{N}?]/gu, "?");
  const hue = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0) * 7, 0) % 360;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="hsl(${hue} 45% 38%)"/><text x="20" y="26" font-family="system-ui,sans-serif" font-size="16" fill="#fff" text-anchor="middle">${initials}</text></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
}
