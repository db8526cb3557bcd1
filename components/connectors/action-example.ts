import type { Manifest } from "@/lib/catalogue/manifest";

type Action = Manifest["actions"][string];
type Schema = { [keyword: string]: unknown };

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;

/** A value of the kind that a schema asks for, with no more in it than it must hold. */
function exampleOf(schema: Schema): unknown {
  const [first] = Array.isArray(schema.enum) ? schema.enum : [];
  if (first !== undefined) return first;
  switch ([schema.type].flat()[0]) {
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return true;
    case "array":
      return [isSchema(schema.items) ? exampleOf(schema.items) : "…"];
    case "object":
      return requiredOf(schema);
    default:
      return "…";
  }
}

function requiredOf({ properties, required }: Schema): Record<string, unknown> {
  const names = Array.isArray(required) ? required.map(String) : [];
  const fields = isSchema(properties) ? properties : {};
  return Object.fromEntries(
    names.map((name) => {
      const field = fields[name];
      return [name, isSchema(field) ? exampleOf(field) : "…"];
    }),
  );
}

const neededBy = ({ input_schema: schema }: Action) => schema.required?.length ?? 0;

/** The action to try first: one that only reads, and asks for as little as possible. null where there is no action. */
function firstToTry(manifest: Manifest): [key: string, action: Action] | null {
  const all = Object.entries(manifest.actions);
  const reading = all.filter(([, action]) => action.read_only);
  const [best] = (reading.length > 0 ? reading : all).sort(([, a], [, b]) => neededBy(a) - neededBy(b));
  return best ?? null;
}

/**
 * A command that calls the API about a connector: runs its simplest action, or lists its accounts where it has none.
 * The key is in PATCHBAY_KEY; "…" stands for what only the caller knows.
 * @param origin where the app is
 */
export function commandFor(manifest: Manifest, origin: string): string {
  const key = '-H "Authorization: Bearer $PATCHBAY_KEY"';
  const found = firstToTry(manifest);
  if (!found) return `curl -fsS "${origin}/api/v1/connections?connector=${manifest.slug}" \\\n  ${key}`;
  const [name, action] = found;
  // A quote would end the shell's text.
  const body = JSON.stringify(requiredOf(action.input_schema)).replaceAll("'", "\\u0027");
  return [
    `curl -fsS ${origin}/api/v1/connectors/${manifest.slug}/${name} \\`,
    `  ${key} \\`,
    `  -H "Content-Type: application/json" -d '${body}'`,
  ].join("\n");
}
