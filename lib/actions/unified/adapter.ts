import "server-only";
import type { ProviderRequest } from "@/lib/actions/request";
import { AppError } from "@/lib/errors";
import { isSafeEndpoint } from "@/lib/nango/proxy";

/**
 * How one service is asked for a kind of thing, and how its answer becomes the one shape that callers see.
 *
 * Threat: a value that a caller typed leads a call somewhere else, or is filled in with a credential.
 * Invariant: paths and queries are built here from encoded values only, each in one segment or one value, and none that is
 * another address, or a placeholder of Nango's, once it is decoded. In a body such texts are only text. Guarded by tests/integration/unified-locked.test.ts.
 */

/** Makes a call on the connection that was chosen. @returns the service's answer @throws AppError provider_* */
export type Ask = (call: ProviderRequest) => Promise<unknown>;

type Page = { limit: number; cursor: string | undefined };
export type Listed<T> = { items: T[]; nextCursor: string | null };

/** What a service can do with a kind of thing; what is left out it cannot. */
export type Adapter<T, Create, Params = object> = {
  list?: (ask: Ask, page: Page, params: Params) => Promise<Listed<T>>;
  get?: (ask: Ask, id: string, params: Params) => Promise<T>;
  create?: (ask: Ask, data: Create) => Promise<T>;
};

/** A path of fixed parts and encoded values: path`/v2/persons/${id}`. */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  const segments = values.map((value) => encodeURIComponent(value.toWellFormed()));
  // What is another path once it is decoded and resolved names nothing that the service could have.
  if (segments.some((segment) => segment === "" || !isSafeEndpoint(`/${segment}`, "caller"))) throw unknownThere();
  return parts.reduce((whole, part, at) => `${whole}${segments[at - 1]}${part}`);
}

/** A path with its query; values that are undefined are left out. */
export function withQuery(endpoint: string, query: Record<string, string | number | undefined>): string {
  const present = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`],
  );
  if (present.some((pair) => !isSafeEndpoint(`/?${pair}`, "caller"))) throw new AppError("invalid_request");
  return present.length > 0 ? `${endpoint}?${present.join("&")}` : endpoint;
}

/** A form's body with the header that says so. */
export function form(fields: Record<string, string | undefined>): Pick<ProviderRequest, "headers" | "body"> {
  const present = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  return {
    // Written so: the SDK knows it by these letters only.
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(present).toString(),
  };
}

/** For an id that the service cannot have: what it would say itself. */
export function unknownThere(): AppError {
  return new AppError("provider_not_found", { details: { retry: "no" } });
}

/** For an answer of another shape than the service's documentation says. */
export function senseless(what: string): AppError {
  return new AppError("provider_upstream", { cause: new Error(what), details: { retry: "later" } });
}

/** For a field that this service has no place for: dropping it silently would lose what somebody typed. */
export function noPlaceFor(field: string, service: string): AppError {
  return new AppError("invalid_request", {
    details: { issues: [{ path: `data.${field}`, message: `${service} has no such field` }] },
  });
}

/**
 * The origin of another of the service's own hosts.
 * @param hosts all that it has
 * @throws AppError host_not_allowed
 */
export function ownHost(url: string | undefined, hosts: readonly string[]): string | undefined {
  if (url === undefined) return undefined;
  const origin = /^https:\/\/([a-z0-9.-]+)\/?$/.exec(url)?.[1];
  if (origin === undefined || !hosts.includes(origin)) throw new AppError("host_not_allowed");
  return `https://${origin}`;
}
