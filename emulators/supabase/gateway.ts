/**
 * The door in front of the database: PostgREST's protocol under /rest/v1, nothing else.
 *
 * Threat: whoever holds a token chooses what it says. Invariant: only tokens that verify against the issuer's keys count,
 * and none of them can name a database role other than `authenticated`; what a key or token may do is then decided by
 * grants and row policies alone. Guarded by tests/rls/tokens.test.ts.
 */
// First: the engine below replaces what this one keeps.

import { randomBytes } from "node:crypto";
import { type ServerType, serve } from "@hono/node-server";
import { App } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from "jose";
import { emitWarning } from "./warnings";

process.emitWarning = emitWarning;

/** Whose tokens are believed. `getKey` stands in for fetching the JWKS. */
export type TokenIssuer = { issuer: string; jwksUrl: string; getKey?: JWTVerifyGetKey };

export type Gateway = { url: string; close(): Promise<void> };

type Keys = { publishableKey: string; secretKey: string };

/**
 * Listens on loopback. Call it after the migrations: the engine decides at its first request how it treats row security.
 *
 * @param options.databaseUrl as `authenticator`, the role that may become any of the client roles and can do nothing itself
 */
export async function startGateway(
  options: Keys & { databaseUrl: string; ownerUrl: string; auth: TokenIssuer; port?: number },
): Promise<Gateway> {
  const secret = randomBytes(32);
  const connection = connect(options.databaseUrl);
  const schema = await lookAtSchema(options.ownerUrl);
  connection.introspect = async () => schema;
  const app = new App({
    connection,
    auth: {
      enabled: false,
      jwt_secret: secret.toString("hex"),
      publishable_key: options.publishableKey,
      secret_key: options.secretKey,
    },
    studio: { enabled: false },
    options: { server: { admin: false, disableStudio: true } },
  } as unknown as ConstructorParameters<typeof App>[0]);

  const authorise = authoriser(options, new TextEncoder().encode(secret.toString("hex")));
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/rest/v1/")) return problem(404, { message: "Not found" });
    const headers = await authorise(request.headers);
    if (headers instanceof Response) return headers;
    const hasBody = request.method !== "GET" && request.method !== "HEAD";
    return await app.fetch(
      new Request(request.url, { method: request.method, headers, body: hasBody ? await request.arrayBuffer() : null }),
    );
  };
  const { server, port } = await listen(fetch, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      await new Promise<void>((done) => {
        server.close(() => done());
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
      await connection.close();
    },
  };
}

/**
 * The tables and functions as the engine describes them to itself. Once: it would ask again at every request, and it needs
 * rights that the authenticator does not have. A schema that changes afterwards is seen after the next start.
 */
async function lookAtSchema(ownerUrl: string) {
  const catalogue = connect(ownerUrl);
  try {
    const schema = await catalogue.introspect();
    // It swallows errors and describes an empty database instead.
    if (!schema.tables.length) throw new Error("The REST engine could not read the schema of the database.");
    return schema;
  } finally {
    await catalogue.close();
  }
}

/** Opens the engine's database connection with what it needs to answer as PostgREST does. */
function connect(url: string) {
  const connection = createPostgresConnection({
    url,
    postgresOptions: {
      max: 10,
      idle_timeout: 0,
      onnotice: () => {},
      connection: { application_name: "patchbay-gateway" },
      types: {
        // PostgREST writes ISO 8601 with its offset; the wire has a blank and a short offset.
        timestamptz: {
          to: 1184,
          from: [1184],
          serialize: (value: unknown) => (value instanceof Date ? value.toISOString() : String(value)),
          parse: (text: string) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"),
        },
        numeric: { to: 1700, from: [1700], serialize: String, parse: Number },
        bytea: {
          to: 17,
          from: [17],
          serialize: (value: Uint8Array) => `\\x${Buffer.from(value).toString("hex")}`,
          parse: (text: string) => text,
        },
      },
    },
  });
  // It would grant everything to every client role on the first request, undoing the migrations.
  Object.assign(connection, { ensureRlsContext: async () => true });
  // Errors that a database raises on purpose would come out as faults of the server, with a code of the engine's own.
  const normalise = connection.normalizeDbError.bind(connection);
  connection.normalizeDbError = (error: unknown) => {
    const normal = normalise(error) as DatabaseError;
    const status = statusOf(String(normal?.code ?? ""));
    const answer = status ? asPostgrest(normal, status) : normal;
    if (typeof answer === "object" && answer !== null) quiet.add(answer);
    return answer;
  };
  return connection;
}

type DatabaseError = { code?: unknown; message?: unknown; detail?: unknown; hint?: unknown };

/** PostgREST's status for the errors that the engine does not know; undefined for the others. */
function statusOf(code: string): number | undefined {
  if (code === "23514" || code === "P0001" || code.startsWith("PB")) return 400;
  if (code === "40001" || code === "57014") return 500;
  return undefined;
}

/** The engine lets functions answer with a status and body of their own through errors of this shape. */
function asPostgrest(error: DatabaseError, status: number) {
  const { code, message, detail = null, hint = null } = error;
  return {
    code: "PGRST",
    message: JSON.stringify({ code, message, details: detail, hint }),
    detail: JSON.stringify({ status, headers: {} }),
  };
}

/** The engine prints every error of the database; refused requests are ordinary here, and their text is SQL. */
const quiet = new WeakSet<object>();
const print = console.error;
console.error = (...args: unknown[]) => {
  if (typeof args[0] === "object" && args[0] !== null && quiet.has(args[0])) return;
  print(...args);
};

type Authoriser = (headers: Headers) => Promise<Headers | Response>;

function authoriser(options: Keys & { auth: TokenIssuer }, secret: Uint8Array): Authoriser {
  const { issuer, jwksUrl } = options.auth;
  const getKey =
    options.auth.getKey ?? createRemoteJWKSet(new URL(jwksUrl), { cacheMaxAge: 600_000, timeoutDuration: 3000 });
  return async (given) => {
    const headers = new Headers(given);
    const key = headers.get("apikey");
    if (!key) return problem(401, { message: "No API key found in request" });
    if (key !== options.publishableKey && key !== options.secretKey)
      return problem(401, { message: "Invalid API key" });
    const token = /^Bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
    if (!token || token === key) {
      headers.delete("authorization");
      return headers;
    }
    let claims: Record<string, unknown>;
    try {
      const verified = await jwtVerify(token, getKey, {
        issuer,
        algorithms: ["RS256"],
        requiredClaims: ["exp", "sub"],
      });
      claims = verified.payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) return problem(401, { code: "PGRST303", message: "JWT expired" });
      return problem(401, { code: "PGRST301", message: "No suitable key or wrong key type" });
    }
    // As at Supabase, a token without the role gets none; and none of them can become a stronger one.
    const role = claims.role === "authenticated" ? "authenticated" : "anon";
    const now = Math.floor(Date.now() / 1000);
    const resigned = await new SignJWT({ ...claims, role, nbf: now - 1 })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuedAt(now - 1)
      .setExpirationTime(now + 60)
      .sign(secret);
    headers.set("authorization", `Bearer ${resigned}`);
    return headers;
  };
}

function problem(status: number, body: { code?: string; message: string }): Response {
  return Response.json({ code: null, details: null, hint: null, ...body }, { status });
}

function listen(fetch: (request: Request) => Promise<Response>, port: number) {
  return new Promise<{ server: ServerType; port: number }>((done, fail) => {
    const server = serve({ fetch, port, hostname: "127.0.0.1" }, (info) => done({ server, port: info.port }));
    server.once("error", fail);
  });
}
