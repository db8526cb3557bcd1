/** Signs a person in as a browser would, over HTTP, for calls that need a session. */

/**
 * @param clerkUrl the Clerk stand-in
 * @param appOrigin the app that the session token is for
 * @returns a Cookie header with a session token, good for a minute
 */
export async function sessionCookie(
  clerkUrl: string,
  appOrigin: string,
  person: { email: string; password: string },
): Promise<string> {
  const response = await fetch(`${clerkUrl}/v1/client/sign_ins`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", origin: appOrigin },
    body: new URLSearchParams({ identifier: person.email, password: person.password }),
  });
  const answer = (await response.json()) as {
    client?: { sessions: { last_active_token: { jwt: string } }[] };
  };
  const token = answer.client?.sessions[0]?.last_active_token.jwt;
  if (!token) throw new Error(`${person.email} could not sign in (${response.status}).`);
  return `__session=${token}; __client_uat=${Math.floor(Date.now() / 1000) - 5}`;
}
