import { z } from "zod";
import { errorBodySchema } from "@/lib/api/error-body";
import type { Operation } from "@/lib/api/operation";

/** The zod schemas of the calls as JSON Schema 2020-12. Schemas with an id of their own become components. */

export type JsonSchema = { [key: string]: unknown };
type Side = "input" | "output";

export type Schemas = {
  /** By name, for `#/components/schemas/`. */
  components: Record<string, JsonSchema>;
  of(operation: Operation, part: "body" | "query" | "params" | "answer"): JsonSchema | undefined;
};

/** Formats say what these long patterns say. */
const formats = new Set(["uuid", "date-time", "email", "uri"]);

function tidy(side: Side) {
  return ({ jsonSchema }: { jsonSchema: JsonSchema }) => {
    if (formats.has(String(jsonSchema.format))) delete jsonSchema.pattern;
    // Requests are taken exactly as described; answers may get fields, and a client that refused those would break.
    if (side === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  };
}

function withComponentRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withComponentRefs);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string"
        ? inner.replace(/^#\/\$defs\//, "#/components/schemas/")
        : withComponentRefs(inner),
    ]),
  );
}

/** All at once, so that two schemas of one name are found. */
function convert(side: Side, named: Record<string, z.ZodType>): { defs: JsonSchema; properties: JsonSchema } {
  const json = z.toJSONSchema(z.object(named), { io: side, target: "draft-2020-12", override: tidy(side) });
  return withComponentRefs({ defs: json.$defs ?? {}, properties: json.properties ?? {} }) as never;
}

/**
 * @throws when a schema has no JSON Schema, recurs without an id, or has the id of another
 */
export function schemasOf(operations: readonly Operation[]): Schemas {
  const inputs: Record<string, z.ZodType> = {};
  const outputs: Record<string, z.ZodType> = { Error: errorBodySchema };
  for (const operation of operations) {
    for (const part of ["body", "query", "params"] as const) {
      if (operation[part]) inputs[`${operation.id}.${part}`] = operation[part];
    }
    outputs[`${operation.id}.answer`] = operation.answer;
  }
  const [taken, given] = [convert("input", inputs), convert("output", outputs)];
  for (const name of [...Object.keys(taken.defs), ...Object.keys(given.defs)]) {
    if (name.startsWith("__")) throw new Error("A schema that is used by itself needs an id.");
    const both = name in taken.defs && name in given.defs;
    if (both && JSON.stringify(taken.defs[name]) !== JSON.stringify(given.defs[name]))
      throw new Error(`${name} is not the same as a request and as an answer.`);
  }
  const parts = { ...taken.properties, ...given.properties } as Record<string, JsonSchema>;
  return {
    components: { ...taken.defs, ...given.defs } as Record<string, JsonSchema>,
    of: ({ id }, part) => parts[`${id}.${part}`],
  };
}
