import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";

/** An error as Nango words it: `{error: {code, message?, …}}`. Thrown anywhere below a route, answered by the app. */
export class NangoFault extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    message?: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(message ?? code);
    this.shown = message;
  }
  private readonly shown: string | undefined;

  body(): Record<string, unknown> {
    return { error: { code: this.code, ...(this.shown === undefined ? {} : { message: this.shown }), ...this.extra } };
  }
}

/** Refusals of the caller's key or token carry an empty payload beside the code. */
export function unauthorized(code: string, message: string): NangoFault {
  return new NangoFault(401, code, message, { payload: {} });
}

export interface Issue {
  code: string;
  message: string;
  path: (string | number)[];
}

/** The answer to a body or query that does not have the right shape. */
export function invalid(
  code: "invalid_body" | "invalid_query_params" | "invalid_headers",
  issues: Issue[],
): NangoFault {
  return new NangoFault(400, code, undefined, { errors: issues });
}

/** Parses with zod and turns its complaints into Nango's. */
export function parse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  code: "invalid_body" | "invalid_query_params" | "invalid_headers",
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(code, issuesOf(result.error));
}

function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.map((issue) => ({
    code: issue.code,
    message: issue.message,
    // Real answers name array positions as text.
    path: issue.path.map((part) => String(part)),
  }));
}

/** The JSON body of a request; an absent one is an empty object, a broken one is refused. */
export async function jsonBody(c: Context): Promise<unknown> {
  const text = await c.req.text();
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new NangoFault(400, "invalid_json", "The body is not valid JSON.");
  }
}

/** The query with `name[key]=value` gathered into objects, as Express reads it. */
export function nestedQuery(url: string): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const [name, value] of new URL(url).searchParams) {
    const nested = /^([^[]+)\[([^\]]*)\]$/.exec(name);
    if (!nested) {
      query[name] = value;
      continue;
    }
    const [, outer = "", inner = ""] = nested;
    query[outer] = { ...(query[outer] as object | undefined), [inner]: value };
  }
  return query;
}
