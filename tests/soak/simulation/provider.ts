import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * The providers behind every connector of the simulation, as one small server. What a credential is worth is known here
 * and nowhere else: the model asks it, the product can only call it through Nango.
 */

/** good: accepted. revoked: 401. forbidden: 403, whatever is asked. */
type Standing = "good" | "revoked" | "forbidden";

/** What somebody agreed to. Every token that comes of it stands and falls with it. */
export type Consent = { account: string; standing: Standing };

export type Grant = {
  consent: Consent;
  /** Epoch milliseconds; null: for ever. */
  expiresAt: number | null;
  scopes: string | null;
};

/** What a sign-in leads to; travels in the authorisation code. */
export type SignIn = {
  account: string;
  /** lasting: no end. renewable: an hour, with a refresh token. ending: `life` seconds and no refresh token. */
  kind: "lasting" | "renewable" | "ending";
  life?: number;
  scopes?: string;
};

/** Where a connector's test reads the account, for those of the simulation. */
function profile(account: string): Record<string, unknown> {
  return {
    ok: true,
    id: account,
    login: account,
    sid: account,
    friendly_name: account,
    team_id: account,
    team: account,
    portalId: account,
    email: account,
    bot: { workspace_name: account },
    revoked: true,
  };
}

function secretOf(request: IncomingMessage): string {
  const authorization = request.headers.authorization ?? String(request.headers["x-api-key"] ?? "");
  const basic = /^Basic (.+)$/i.exec(authorization)?.[1];
  if (basic) return Buffer.from(basic, "base64").toString().split(":").slice(1).join(":");
  return authorization.replace(/^(Bearer|token)\s+/i, "");
}

export async function startProvider() {
  const grants = new Map<string, Grant>();
  const refreshes = new Map<string, { signIn: SignIn; consent: Consent }>();
  const state = { tokenEndpointDown: false, count: 0 };

  function issue(signIn: SignIn, renewing?: { token: string; consent: Consent }): Record<string, unknown> {
    state.count += 1;
    const secret = `tok-${state.count}`;
    const life = signIn.kind === "renewable" ? 3600 : signIn.kind === "ending" ? (signIn.life ?? 3600) : null;
    const expiresAt = life === null ? null : Date.now() + life * 1000;
    const consent = renewing?.consent ?? { account: signIn.account, standing: "good" };
    grants.set(secret, { consent, expiresAt, scopes: signIn.scopes ?? null });
    const refresh = signIn.kind === "renewable" ? (renewing?.token ?? `ref-${state.count}`) : null;
    if (refresh) refreshes.set(refresh, { signIn, consent });
    return {
      ok: true,
      access_token: secret,
      token_type: "bearer",
      ...(life !== null && { expires_in: life }),
      ...(refresh && { refresh_token: refresh }),
      ...(signIn.scopes && { scope: signIn.scopes }),
    };
  }

  function token(form: URLSearchParams): [number, unknown] {
    if (state.tokenEndpointDown) return [503, { error: "temporarily_unavailable" }];
    const code = form.get("code");
    if (code) return [200, issue(JSON.parse(Buffer.from(code, "base64url").toString()) as SignIn)];
    const refresh = form.get("refresh_token") ?? "";
    const known = refreshes.get(refresh);
    if (!known || known.consent.standing === "revoked") return [400, { error: "invalid_grant" }];
    return [200, issue(known.signIn, { token: refresh, consent: known.consent })];
  }

  function answer(secret: string, path: string): [number, unknown] {
    const grant = grants.get(secret);
    if (!grant || grant.consent.standing === "revoked") return [401, { message: "Bad credentials" }];
    if (grant.expiresAt !== null && grant.expiresAt <= Date.now()) return [401, { message: "Token expired" }];
    if (grant.consent.standing === "forbidden") return [403, { message: "Forbidden" }];
    if (path.includes("auth.revoke")) grant.consent.standing = "revoked";
    return [200, profile(grant.consent.account)];
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? "/";
    const text = Buffer.concat(chunks).toString();
    const isToken = request.method === "POST" && /(code|refresh_token)["=]/.test(text) && /grant_type/.test(text);
    const form = text.startsWith("{") ? new URLSearchParams(JSON.parse(text)) : new URLSearchParams(text);
    const [status, body] = isToken ? token(form) : answer(secretOf(request), path);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    /** What a person types in for an account that takes keys. */
    newKey(account: string): string {
      state.count += 1;
      const secret = `key-${state.count}`;
      grants.set(secret, { consent: { account, standing: "good" }, expiresAt: null, scopes: null });
      return secret;
    },
    codeFor: (signIn: SignIn) => Buffer.from(JSON.stringify(signIn)).toString("base64url"),
    grant: (secret: string) => grants.get(secret),
    state,
    /** Time passes: what ends, ends sooner. */
    shift(milliseconds: number) {
      for (const grant of grants.values()) if (grant.expiresAt !== null) grant.expiresAt -= milliseconds;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
