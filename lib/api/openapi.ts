import { errorComponents, errorResponses } from "@/lib/api/openapi-errors";
import { type JsonSchema, type Schemas, schemasOf } from "@/lib/api/openapi-schemas";
import type { Operation } from "@/lib/api/operation";
import { operations } from "@/lib/api/operations/all";
import type { ScopePattern } from "@/lib/auth/scopes";

/**
 * The API's description in OpenAPI 3.1, made of what the routes themselves use: the same schemas, the same scopes.
 * tests/contract/openapi.test.ts holds it against the server, both ways.
 */

const introduction = `Use connected accounts without ever seeing a token.

Authenticate with \`Authorization: Bearer pby_…\`: a key that is made in the app under Settings, API keys. A key acts for one
organisation (or one person), and does what its scopes say; a call names the scope that it needs. Calls without a scope are
for people who are signed in.

Every error has one shape: \`{"error": {"code", "message", "request_id"}}\`, with a code of a closed list. Unknown fields are
refused. Lists come in pages: hand \`next_cursor\` back as \`cursor\` until it is null. A POST with an \`Idempotency-Key\`
takes effect once, however often it is sent within 24 hours. Answers may get further fields.`;

function parameters(place: "path" | "query", schema: JsonSchema | undefined): unknown[] {
  const properties = (schema?.properties ?? {}) as Record<string, JsonSchema>;
  const required = (schema?.required ?? []) as string[];
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

/** Each by itself is enough. A scope to run actions holds the one to run those that only read. */
function scopesOf(scope: ScopePattern): string[] {
  if (scope === "actions") return ["actions:read:{connector}", "actions:run:{connector}"];
  return scope.startsWith("actions:read:") ? [scope, scope.replace(":read:", ":run:")] : [scope];
}

function described(operation: Operation, schemas: Schemas) {
  const { id, tag, summary, description, scope, method, status = 200, idempotent } = operation;
  const body = schemas.of(operation, "body");
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: [...(scope === null ? [] : scopesOf(scope).map((one) => ({ apiKey: [one] }))), { session: [] }],
    parameters: [
      ...parameters("path", schemas.of(operation, "params")),
      ...parameters("query", schemas.of(operation, "query")),
      ...(idempotent ? [{ $ref: "#/components/parameters/Idempotency-Key" }] : []),
    ],
    ...(body && {
      // A DELETE may come without one.
      requestBody: { required: method !== "DELETE", content: { "application/json": { schema: body } } },
    }),
    responses: {
      [String(status)]: {
        description: "Done.",
        headers: {
          "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" },
          RateLimit: { $ref: "#/components/headers/RateLimit" },
          "RateLimit-Policy": { $ref: "#/components/headers/RateLimit-Policy" },
          ...(idempotent === true && { "Idempotent-Replayed": { $ref: "#/components/headers/Idempotent-Replayed" } }),
        },
        content: { "application/json": { schema: schemas.of(operation, "answer") } },
      },
      ...errorResponses(operation),
    },
  };
}

const text = (description: string) => ({ description, schema: { type: "string" } });

export function describeApi(calls: readonly Operation[] = operations) {
  const schemas = schemasOf(calls);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const call of calls) {
    paths[call.path] = { ...paths[call.path], [call.method.toLowerCase()]: described(call, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Patchbay", version: "1", description: introduction, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/" }],
    tags: [...new Set(calls.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components,
      responses: errorComponents(calls),
      parameters: {
        "Idempotency-Key": {
          name: "Idempotency-Key",
          in: "header",
          required: false,
          description: "Any text of your own, such as a UUID: the same request with the same key takes effect once.",
          schema: { type: "string", minLength: 1, maxLength: 255 },
        },
      },
      headers: {
        "X-Request-Id": text("Names this request in the operator's log."),
        RateLimit: text("What is left of the limit that ends first, and when it starts again."),
        "RateLimit-Policy": text("The limits that apply."),
        "Retry-After": { description: "Seconds after which trying again makes sense.", schema: { type: "integer" } },
        "Idempotent-Replayed": text("true: the answer of an earlier request with this Idempotency-Key."),
      },
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          description:
            "An API key (pby_…) with a scope that the call names. `{slug}` is the connector of the address, `{connector}` the one whose account is used, and `*` in their place all of them. What changes something needs `actions:run`, not `actions:read`.",
        },
        session: { type: "apiKey", in: "cookie", name: "__session", description: "Somebody who is signed in." },
      },
    },
  };
}

let made: string | undefined;

/** The description as JSON; made once per process. */
export function openApiJson(): string {
  made ??= JSON.stringify(describeApi());
  return made;
}
