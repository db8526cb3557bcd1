import type { RunningClerk } from "@/emulators/clerk/start";

/** Signed-in people for tests that call handlers: real sessions of the Clerk stand-in, tokens minted when needed. */
export type SignedIn = {
  userId: string;
  orgId: string | null;
  ownerId: string;
  /** A fresh session token for the organisation this person acts for. */
  token(): Promise<string>;
};

/** As a browser keeps them: of two cookies with one name the later counts. */
export function cookiesOf(response: Response): string {
  const pairs = response.headers.getSetCookie().map((cookie) => (cookie.split(";")[0] ?? "").split("="));
  return [...new Map(pairs.map(([name = "", ...value]) => [name, value.join("=")]))]
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
}

/**
 * Signs a person in with their password.
 * @param slug the organisation to act for; null for none
 */
export async function signIn(
  clerk: RunningClerk,
  appOrigin: string,
  email: string,
  slug: string | null,
): Promise<SignedIn> {
  const person = clerk.people.find((candidate) => candidate.email === email);
  if (!person) throw new Error(`nobody is called ${email}`);
  const organization = slug === null ? null : person.organizations.find((candidate) => candidate.slug === slug);
  if (organization === undefined) throw new Error(`${email} is not in ${slug}`);
  return signInAs(clerk, appOrigin, person, organization?.id ?? null);
}

/** The same for somebody whom the seed does not know. @param orgId the organisation to act for; null for none */
export async function signInAs(
  clerk: Pick<RunningClerk, "url">,
  appOrigin: string,
  person: { email: string; password: string; userId: string },
  orgId: string | null,
): Promise<SignedIn> {
  const { email } = person;
  const headers = { "content-type": "application/x-www-form-urlencoded", origin: appOrigin };
  const post = (path: string, fields: Record<string, string>, cookie?: string) =>
    fetch(`${clerk.url}/v1/client/${path}`, {
      method: "POST",
      headers: cookie ? { ...headers, cookie } : headers,
      body: new URLSearchParams(fields),
    });
  const answer = await post("sign_ins", { identifier: email, password: person.password });
  if (!answer.ok) throw new Error(`sign-in of ${email} failed: ${await answer.text()}`);
  const cookie = cookiesOf(answer);
  const { response } = (await answer.json()) as { response: { created_session_id: string } };
  return {
    userId: person.userId,
    orgId,
    ownerId: orgId ?? person.userId,
    token: async () => {
      const minted = await post(
        `sessions/${response.created_session_id}/tokens`,
        { organization_id: orgId ?? "" },
        cookie,
      );
      if (!minted.ok) throw new Error(`no token for ${email}: ${await minted.text()}`);
      return ((await minted.json()) as { jwt: string }).jwt;
    },
  };
}
