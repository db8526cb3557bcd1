/** Examples of what a manifest's JSON Schema admits, and of what it must refuse. */

// biome-ignore lint/suspicious/noExplicitAny: a JSON Schema is looked into by its keywords
type Schema = Record<string, any>;

const byPattern: Record<string, string> = {
  "^[0-9]+$": "1234567",
  "^[1-9][0-9]*$": "7",
  "^[0-9]{8}$": "20261121",
  "^urn:li:person:.+": "urn:li:person:ada",
  "^(SM|MM)[0-9a-fA-F]{32}$": `SM${"0a".repeat(16)}`,
};
const byFormat: Record<string, string> = {
  email: "ada@acme.test",
  uri: "https://acme.test/a?b=c",
  uuid: "5ad1e000-0000-4000-8000-000000000001",
  date: "2026-11-21",
  "date-time": "2026-11-21T09:00:00+01:00",
};

/** The keywords that these examples know. A schema with another one cannot be tried, and says so. */
const known = new Set([
  ...["type", "description", "properties", "required", "additionalProperties", "items", "enum", "format", "pattern"],
  ...["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "default"],
]);

function textOf(schema: Schema): string {
  const special = schema.pattern ? byPattern[schema.pattern] : schema.format ? byFormat[schema.format] : undefined;
  if ((schema.pattern || schema.format) && special === undefined)
    throw new Error(`no example of ${schema.pattern ?? schema.format}`);
  return special ?? "a text & more".slice(0, schema.maxLength ?? 100).padEnd(schema.minLength ?? 0, "x");
}

/**
 * A value that the schema admits.
 * @param whole with every field, otherwise only with those that are required
 */
export function exampleOf(schema: Schema, whole = true): unknown {
  for (const keyword of Object.keys(schema)) if (!known.has(keyword)) throw new Error(`unknown keyword ${keyword}`);
  if (schema.enum) return schema.enum[0];
  switch ([schema.type].flat()[0]) {
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return schema.minimum ?? schema.maximum ?? 3;
    case "boolean":
      return true;
    case "array":
      return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () =>
        exampleOf(schema.items ?? { type: "string" }, whole),
      );
    case "object": {
      const names = Object.keys(schema.properties ?? {}).filter((name) => whole || schema.required?.includes(name));
      const fields = Object.fromEntries(names.map((name) => [name, exampleOf(schema.properties[name], whole)]));
      const free = whole && typeof schema.additionalProperties === "object";
      return free ? { ...fields, another_field: exampleOf(schema.additionalProperties) } : fields;
    }
    default:
      throw new Error(`no example of type ${schema.type}`);
  }
}

export type Wrong = { keyword: string; path: (string | number)[]; value: unknown };

/** Values for places in an example, each of which breaks one keyword of the schema. `undefined` takes the place away. */
export function wrongsOf(schema: Schema, path: (string | number)[] = []): Wrong[] {
  const wrong = (keyword: string, value: unknown): Wrong => ({ keyword, path, value });
  const found: Wrong[] = [];
  // Nothing admits a list of lists of nothing but an array, and no array of ours holds such.
  found.push(wrong("type", schema.type === "array" ? "no list" : [[{}]]));
  if (schema.type === "integer") found.push(wrong("type", 1.5), wrong("type", "1"));
  if (schema.enum) found.push(wrong("enum", schema.type === "integer" ? 987 : "none of these"));
  if (schema.format) found.push(wrong("format", "not that at all"));
  if (schema.pattern) found.push(wrong("pattern", "!"));
  if (schema.minimum !== undefined) found.push(wrong("minimum", schema.minimum - 1));
  if (schema.maximum !== undefined) found.push(wrong("maximum", schema.maximum + 1));
  if (schema.maxLength !== undefined) found.push(wrong("maxLength", "x".repeat(schema.maxLength + 1)));
  if (schema.minLength !== undefined) found.push(wrong("minLength", "x".repeat(schema.minLength - 1)));
  if (schema.minItems !== undefined) found.push(wrong("minItems", many(schema, schema.minItems - 1)));
  if (schema.maxItems !== undefined) found.push(wrong("maxItems", many(schema, schema.maxItems + 1)));
  if (schema.type === "array" && schema.items) found.push(...wrongsOf(schema.items, [...path, 0]));
  if (schema.type !== "object") return found;
  const properties: Record<string, Schema> = schema.properties ?? {};
  for (const name of schema.required ?? [])
    if (properties[name]?.default === undefined)
      found.push({ keyword: "required", path: [...path, name], value: undefined });
  if (schema.additionalProperties === false)
    found.push({ keyword: "additionalProperties", path: [...path, "no_such_field"], value: 1 });
  else if (typeof schema.additionalProperties === "object")
    found.push(...wrongsOf(schema.additionalProperties, [...path, "another_field"]));
  for (const [name, property] of Object.entries(properties)) found.push(...wrongsOf(property, [...path, name]));
  return found;
}

const many = (schema: Schema, length: number) =>
  Array.from({ length }, () => exampleOf(schema.items ?? { type: "string" }));

/** An example with one place changed. */
export function withWrong(example: unknown, { path, value }: Wrong): Record<string, unknown> {
  if (path.length === 0) return value as Record<string, unknown>;
  const copy = structuredClone(example);
  let at = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1) as string | number;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy as Record<string, unknown>;
}

/** Every keyword that a schema uses anywhere. */
export function keywordsOf(schema: Schema): Set<string> {
  const nested = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties] as unknown[];
  const deeper = nested.filter((each): each is Schema => typeof each === "object" && each !== null);
  return new Set([...Object.keys(schema), ...deeper.flatMap((each) => [...keywordsOf(each)])]);
}
