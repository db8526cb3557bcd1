import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** One request that reached the stand-in provider. */
export interface ProviderRequest {
  method: string;
  /** Path and query, beginning with the real host: "/_host/api.github.com/user?x=1" is kept as given. */
  host: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
  form: URLSearchParams;
}

export interface ProviderAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Milliseconds to wait before answering. */
  wait?: number;
}

type Handler = (request: ProviderRequest) => ProviderAnswer | undefined;

/**
 * A small provider on loopback that plays every provider at once: `resolve` maps a real URL to it. Consent is a page
 * with two links; tokens, PKCE and refreshes are checked as a strict provider would.
 */
export async function startProvider() {
  const requests: ProviderRequest[] = [];
  const handlers: Handler[] = [];
  const codes = new Map<string, { challenge: string | null; redirectUri: string }>();
  const refreshTokens = new Set<string>();
  let lifetime: number | undefined = 3600;

  const server = createServer((incoming, response) => {
    let body = "";
    incoming.on("data", (chunk) => {
      body += chunk;
    });
    incoming.on("end", () => {
      const url = new URL(incoming.url ?? "/", "http://provider.test");
      const [, , host = "", ...rest] = url.pathname.split("/");
      const request: ProviderRequest = {
        method: incoming.method ?? "GET",
        host: decodeURIComponent(host),
        path: `/${rest.join("/")}`,
        query: url.searchParams,
        headers: incoming.headers,
        body,
        form: new URLSearchParams(body),
      };
      requests.push(request);
      const answer = handlers.map((handle) => handle(request)).find(Boolean) ?? byDefault(request);
      setTimeout(() => {
        const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {});
        const type = typeof answer.body === "string" ? "text/html" : "application/json";
        response.writeHead(answer.status ?? 200, { "content-type": type, ...answer.headers }).end(text);
      }, answer.wait ?? 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function byDefault(request: ProviderRequest): ProviderAnswer {
    if (/authorize|\/(o?auth|v2\/auth)$/i.test(request.path) && request.method === "GET") return consentPage(request);
    if (/token|oauth\.v2\.access/.test(request.path) && request.method === "POST") return tokens(request);
    return { body: { id: 7, login: "ada", path: request.path } };
  }

  function consentPage({ query }: ProviderRequest): ProviderAnswer {
    const code = randomUUID();
    const redirectUri = query.get("redirect_uri") ?? "";
    codes.set(code, { challenge: query.get("code_challenge"), redirectUri });
    const state = query.get("state") ?? "";
    const allow = `${redirectUri}?code=${code}&state=${state}`;
    const deny = `${redirectUri}?error=access_denied&error_description=No+thanks&state=${state}`;
    return {
      body: `<!doctype html><html lang="en"><title>Consent</title><main><h1>Consent</h1><a href="${allow}">Allow</a> <a href="${deny}">Deny</a></main></html>`,
    };
  }

  function tokens({ form, body, headers }: ProviderRequest): ProviderAnswer {
    const params = headers["content-type"]?.includes("json")
      ? new URLSearchParams(JSON.parse(body) as Record<string, string>)
      : form;
    const refresh = params.get("refresh_token");
    if (params.get("grant_type") === "refresh_token") {
      if (!refresh || !refreshTokens.delete(refresh)) return { status: 400, body: { error: "invalid_grant" } };
    } else if (params.get("grant_type") === "authorization_code") {
      const code = codes.get(params.get("code") ?? "");
      codes.delete(params.get("code") ?? "");
      const verifier = params.get("code_verifier");
      const challenge = verifier ? createHash("sha256").update(verifier).digest("base64url") : null;
      if (!code || code.redirectUri !== params.get("redirect_uri") || code.challenge !== challenge) {
        return { status: 400, body: { error: "invalid_grant" } };
      }
    }
    const next = `refresh-${randomUUID()}`;
    refreshTokens.add(next);
    return {
      body: {
        access_token: `access-${randomUUID()}`,
        refresh_token: next,
        token_type: "bearer",
        ...(lifetime === undefined ? {} : { expires_in: lifetime }),
      },
    };
  }

  return {
    origin,
    requests,
    /** Maps a real provider URL to this server, query kept. */
    resolve(realUrl: string): string {
      const { host, pathname, search, hash } = new URL(realUrl);
      return `${origin}/_host/${host}${pathname}${search}${hash}`;
    },
    /** Answers in place of the defaults, until the returned function is called. */
    handle(handler: Handler): () => void {
      handlers.unshift(handler);
      return () => handlers.splice(handlers.indexOf(handler), 1);
    },
    /** Seconds that new tokens live; undefined leaves `expires_in` out. */
    setLifetime(seconds: number | undefined) {
      lifetime = seconds;
    },
    /** Forgets every refresh token, as when a person withdrew access. */
    revokeAll() {
      refreshTokens.clear();
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
