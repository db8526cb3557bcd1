import "server-only";
import { z } from "zod";
import type { Action } from "@/lib/actions/find";
import { AppError } from "@/lib/errors";

/**
 * An action's input, held to the schema that its manifest publishes.
 *
 * Threat: a field that nobody foresaw reaches a provider, or an input so large or so deep that checking it is the attack.
 * Invariant: closed objects only, as the schema says, after size and depth were bounded without recursion.
 * Guarded by lib/actions/input.test.ts, over every schema of every manifest.
 */

/** Bytes of JSON. */
const LARGEST = 1024 * 1024;
const DEEPEST = 32;
const MOST_ISSUES = 20;

export type Issue = { path: string; message: string };

/** @throws AppError action_invalid_input, saying where and why */
export function refuseInput(issues: readonly Issue[]): never {
  throw new AppError("action_invalid_input", { details: { issues: issues.slice(0, MOST_ISSUES) } });
}

const schemas = new WeakMap<Action, z.ZodType>();

function schemaOf(action: Action): z.ZodType {
  let schema = schemas.get(action);
  if (!schema) {
    schema = z.fromJSONSchema(action.input_schema as Parameters<typeof z.fromJSONSchema>[0]);
    schemas.set(action, schema);
  }
  return schema;
}

/** Whether a value is nested deeper than that. Without recursion: the depth is the caller's. */
function isDeeper(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= limit; depth++) {
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
}

function issuesOf({ code, path, message, ...issue }: z.core.$ZodIssue): Issue[] {
  const where = path.join(".").slice(0, 200);
  if (code !== "unrecognized_keys" || !("keys" in issue)) return [{ path: where, message: message.slice(0, 200) }];
  return issue.keys.slice(0, MOST_ISSUES).map((key) => ({
    path: [...path, key].join(".").slice(0, 200),
    message: "There is no such field.",
  }));
}

/**
 * Checks an input and fills in the defaults that the schema names.
 * @throws AppError action_invalid_input, payload_too_large
 */
export function checkInput(action: Action, input: Record<string, unknown>): Record<string, unknown> {
  if (isDeeper(input, DEEPEST)) refuseInput([{ path: "", message: `Nested deeper than ${DEEPEST} levels.` }]);
  if (Buffer.byteLength(JSON.stringify(input)) > LARGEST) throw new AppError("payload_too_large");
  const checked = schemaOf(action).safeParse(input);
  if (!checked.success) refuseInput(checked.error.issues.flatMap(issuesOf));
  // Every input schema of a manifest is an object's.
  return checked.data as Record<string, unknown>;
}
