import "server-only";
import type { Action } from "@/lib/actions/find";
import { type Issue, refuseInput } from "@/lib/actions/input";
import { type Email, mimeMessage } from "@/lib/actions/mime";
import { isSafeEndpoint } from "@/lib/nango/proxy";

/**
 * The request that an action makes of its checked input.
 *
 * Threat: a value that leaves its place: `../` in a path names another endpoint, `${…}` is filled with the credential by
 * Nango, an address or a header leads to another host.
 * Invariant: method, path, headers and fixed fields are the manifest's; a value is encoded into exactly one path segment,
 * query value or body field, and what could mean something else there after however many decodings is refused.
 * Guarded by lib/actions/request.test.ts and tests/integration/actions-ssrf.test.ts.
 */

export type ProviderRequest = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query, encoded, relative to the provider's own address. */
  endpoint: string;
  headers?: Record<string, string>;
  /** JSON, or a text whose kind is said in the headers. */
  body?: unknown;
  /** Only ever an address from a list of ours. */
  baseUrl?: string;
  /** Milliseconds that the provider may take; left out: what is left of the request's time. */
  patience?: number;
};

/** `{name}`, but not Nango's own `${name}`. */
const pathParameter = /(?<!\$)\{([^{}]*)\}/g;

/** What a manifest has Nango fill in; lib/nango/proxy.ts says which of them are harmless. */
const ownPlaceholder = /\$\{[\w.]+\}/g;

type Input = Record<string, unknown>;

/** Text of a value that goes into an address. Manifests put only texts, numbers and booleans there. */
const textOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);

/** Lone halves of surrogate pairs have no encoding. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** Whether a value can stand as one segment of a path. */
function fitsPath(text: string): boolean {
  if (text.trim() === "" || text !== text.toWellFormed()) return false;
  // As Nango and the provider may see it; each part alone as well, whatever they take for a separator.
  return isSafeEndpoint(`/${encode(text)}`, "caller") && !text.split(/[/\\?#;]/).some((part) => /^\.{1,2}$/.test(part));
}

const fitsQuery = (text: string): boolean => isSafeEndpoint(`/?q=${encode(text)}`, "caller");

/** What an address may not hold: the path with its parameters, then the query. */
function endpointOf({ endpoint, request }: Action, input: Input): string {
  const issues: Issue[] = [];
  const path = endpoint.replace(pathParameter, (_, name: string) => {
    const text = textOf(input[name] ?? "");
    if (!fitsPath(text)) issues.push({ path: name, message: "This cannot be part of an address." });
    return encode(text);
  });
  const query = request.query.flatMap((name) =>
    [input[name]].flat().flatMap((value) => {
      if (value === undefined || value === null) return [];
      const text = textOf(value);
      if (!fitsQuery(text)) issues.push({ path: name, message: "This cannot be part of an address." });
      return [`${encode(name)}=${encode(text)}`];
    }),
  );
  if (issues.length > 0) refuseInput(issues);
  const whole = query.length === 0 ? path : `${path}${path.includes("?") ? "&" : "?"}${query.join("&")}`;
  if (whole.length > 4000) refuseInput([{ path: "", message: "All of it together is too long for an address." }]);
  // Values that are safe alone may not be beside each other, or beside the manifest's own text.
  if (!isSafeEndpoint(whole.replace(ownPlaceholder, "x"), "caller"))
    refuseInput([{ path: "", message: "All of it together cannot be an address." }]);
  return whole;
}

/** The fields of the body that are there. */
const fieldsOf = ({ request }: Action, input: Input): Input =>
  Object.fromEntries(request.body.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]));

function formOf(fields: Input): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) form.append(name, textOf(value));
  return form.toString();
}

function bodyOf(action: Action, input: Input): { body?: unknown; headers?: Record<string, string> } {
  const { request } = action;
  const fields = fieldsOf(action, input);
  switch (request.encode) {
    case "graphql":
      return { body: { query: request.graphql, variables: { ...fields, ...request.constants } } };
    case "mime":
      return { body: { raw: Buffer.from(mimeMessage(fields as Email)).toString("base64url"), ...request.constants } };
    case "form":
      return {
        body: formOf({ ...fields, ...request.constants }),
        // Written so: the SDK knows it by these letters only.
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
      };
    case "json": {
      const hasBody = request.body.length > 0 || Object.keys(request.constants).length > 0;
      return hasBody ? { body: { ...fields, ...request.constants } } : {};
    }
  }
}

/**
 * @param input checked by checkInput
 * @throws AppError action_invalid_input for values that cannot stand where they go
 */
export function buildRequest(action: Action, input: Input): ProviderRequest {
  const { body, headers } = bodyOf(action, input);
  const all = { ...headers, ...action.request.headers };
  return {
    method: action.method,
    endpoint: endpointOf(action, input),
    ...(Object.keys(all).length > 0 && { headers: all }),
    ...(body !== undefined && { body }),
    ...(action.max_seconds !== undefined && { patience: action.max_seconds * 1000 }),
  };
}
