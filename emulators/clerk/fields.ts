import type { Context } from "hono";

/** The fields of a request body: a form (what clerk-js sends), multipart (pictures) or JSON (backend and control). */
export type Fields = { text(name: string): string | null; has(name: string): boolean; file(name: string): File | null };

export async function readFields(c: Context): Promise<Fields> {
  const type = c.req.header("content-type") ?? "";
  const values: Record<string, unknown> = type.startsWith("application/json")
    ? asRecord(await c.req.json().catch(() => null))
    : type
      ? await c.req.parseBody()
      : {};
  return {
    has: (name) => name in values,
    text(name) {
      const value = values[name];
      return typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
    },
    file(name) {
      const value = values[name];
      return value instanceof File ? value : null;
    },
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
