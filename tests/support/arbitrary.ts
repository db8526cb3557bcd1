/** Requests made of the API's description: mostly almost right, so that they get far, and sometimes nonsense. */
import fc from "fast-check";

type Schema = {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  $ref?: string;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
};

/** What the requests are made with. */
export type Known = {
  /** What a `#/…` reference stands for. */
  find(ref: string): Schema;
  /** Values that mean something, by the name of their field. */
  values: Record<string, unknown[]>;
};

/** What has broken other servers. */
const words = [
  "",
  "\u0000",
  "\u202e",
  "null",
  "undefined",
  "openai",
  "constructor",
  "__proto__",
  "toString",
  "'; drop table connections; --",
  "%00",
  "%",
  "../..",
  "..%2f",
  "\ud800",
  "1e999",
  "-1",
  "9".repeat(30),
  `$${"{7*7}"}`,
  "a||b",
  "http://127.0.0.1/",
  "x\r\nX-Injected: 1",
  "x".repeat(5_000),
];
export const nastyText = fc.oneof(fc.constantFrom(...words), fc.string({ unit: "binary", maxLength: 60 }));
export const nasty: fc.Arbitrary<unknown> = fc.oneof(
  nastyText,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 3 }),
);

function fitting(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  if (schema.$ref) return fitting(known.find(schema.$ref), known);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return fc.oneof(...branches.map((branch) => almost(branch, known)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "integer") return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000 });
  if (type === "number") return fc.double({ noNaN: true });
  if (type === "boolean") return fc.boolean();
  if (type === "null") return fc.constant(null);
  if (type === "array") return fc.array(almost(schema.items ?? {}, known), { maxLength: 4 });
  if (type === "object") return objects(schema, known);
  if (type === "string") return texts(schema);
  return nasty;
}

function texts({ format, pattern }: Schema): fc.Arbitrary<unknown> {
  if (format === "uuid") return fc.uuid();
  if (format === "email") return fc.emailAddress();
  if (format === "uri") return fc.oneof(fc.webUrl(), fc.constant("https://app.example.test/back"));
  if (format === "date-time") return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  // Patterns with classes that the generator does not know are met by words well enough.
  if (pattern && !/\\p|\(\?/i.test(pattern)) return fc.stringMatching(new RegExp(pattern, "u"));
  return fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom("openai", "github", "Acme"));
}

function objects(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {}).map(([name, inner]) => {
    const values = known.values[name];
    const any = almost(inner, known);
    return [name, values ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...values) }, any) : any] as const;
  });
  const whole = fc.record(Object.fromEntries(fields), { requiredKeys: schema.required ?? [] });
  if (schema.additionalProperties === false) return whole;
  const key = fc.constantFrom("to", "subject", "id", "text", "__proto__", "connection_id", "x");
  return fc.tuple(whole, fc.dictionary(key, nasty, { maxKeys: 3 })).map(([given, more]) => ({ ...more, ...given }));
}

/** Values that a schema takes, and now and then one that it does not. */
export function almost(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fitting(schema, known) }, { weight: 1, arbitrary: nasty });
}
