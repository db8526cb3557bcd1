import { z } from "zod";
import { manifestSchema } from "@/lib/catalogue/manifest";

/** The manifest's JSON Schema as text, for `manifests/schema.json`: what a hand-written file may hold (defaults left out). */
export function manifestJsonSchema(): string {
  const schema = z.toJSONSchema(manifestSchema, { io: "input", target: "draft-2020-12", reused: "inline" });
  return `${JSON.stringify({ title: "Patchbay connector manifest", ...schema }, null, 2)}\n`;
}
