import { createHash, randomBytes } from "node:crypto";
import type { RunningClerk } from "@/emulators/clerk/start";
import { cookiesOf } from "./people";

/** An MCP client as far as the Clerk stand-in is concerned: a person agrees to it, and it takes its tokens. */

export const REDIRECT_URI = "http://127.0.0.1:8976/callback";

export type Consent = {
  email: string;
  clientId: string;
  scope: string;
  /** What is chosen on the consent page. */
  organizationId?: string;
  /** The address that the token is for. */
  resource?: string;
};

/** The browser's part: signs in and agrees. @returns where Clerk sends the browser */
async function consent(clerk: RunningClerk, asked: Consent, challenge: string): Promise<URL> {
  const person = clerk.people.find(({ email }) => email === asked.email);
  if (!person) throw new Error(`nobody is called ${asked.email}`);
  const signedIn = await fetch(`${clerk.url}/v1/client/sign_ins`, {
    method: "POST",
    body: new URLSearchParams({ identifier: person.email, password: person.password }),
  });
  const answer = await fetch(`${clerk.url}/v1/me/oauth/consent/${asked.clientId}`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: cookiesOf(signedIn) },
    body: new URLSearchParams({
      consented: "true",
      response_type: "code",
      redirect_uri: REDIRECT_URI,
      scope: asked.scope,
      code_challenge: challenge,
      code_challenge_method: "S256",
      ...(asked.organizationId && { organization_id: asked.organizationId }),
      ...(asked.resource && { resource: asked.resource }),
    }),
  });
  const target = answer.headers.get("location");
  if (!target) throw new Error(`no consent: ${answer.status} ${await answer.text()}`);
  return new URL(target);
}

type Tokens = { access_token: string; refresh_token: string };

async function tokenRequest(clerk: RunningClerk, fields: Record<string, string>): Promise<Tokens> {
  const answer = await fetch(`${clerk.url}/oauth/token`, { method: "POST", body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(`no token: ${await answer.text()}`);
  return (await answer.json()) as Tokens;
}

/** @throws when the person may not choose that organisation, or the client may not ask for the scopes */
export async function agree(clerk: RunningClerk, asked: Consent): Promise<Tokens> {
  const verifier = randomBytes(32).toString("base64url");
  const target = await consent(clerk, asked, createHash("sha256").update(verifier).digest("base64url"));
  const code = target.searchParams.get("code");
  if (!code) throw new Error(`no code: ${target.search}`);
  return tokenRequest(clerk, {
    grant_type: "authorization_code",
    client_id: asked.clientId,
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT_URI,
  });
}

export const refresh = (clerk: RunningClerk, clientId: string, refreshToken: string): Promise<Tokens> =>
  tokenRequest(clerk, { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken });
