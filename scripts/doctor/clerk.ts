import type { Environment } from "@/lib/env";
import { call, type Finding, fine, wrong } from "./finding";

const keysPage = "copy it again from Clerk's dashboard, Configure, API keys";

/** The Clerk keys, and whether organisations are switched on. */
export async function checkClerk(env: Environment): Promise<Finding[]> {
  const findings: Finding[] = [];
  const host = Buffer.from(env.clerk.publishableKey.split("_")[2] ?? "", "base64").toString();
  findings.push(
    host.endsWith("$")
      ? fine(`Clerk: publishable key, for ${host.slice(0, -1)}`)
      : wrong("Clerk: the publishable key names no host", keysPage),
  );
  const api = env.clerk.apiUrl ?? "https://api.clerk.com";
  const headers = { authorization: `Bearer ${env.clerk.secretKey}` };
  const jwks = await call(`${api}/v1/jwks`, { headers });
  if (jwks.status !== 200) {
    findings.push(
      jwks.status === 0
        ? wrong(`Clerk: ${api} did not answer (${jwks.text})`, "check the network, and CLERK_API_URL if you set it")
        : wrong(`Clerk: the secret key was refused (${jwks.status})`, keysPage),
    );
    return findings;
  }
  findings.push(fine("Clerk: secret key"));
  const organizations = await call(`${api}/v1/organizations?limit=1`, { headers });
  findings.push(
    organizations.status === 200
      ? fine("Clerk: organisations are switched on")
      : wrong(
          `Clerk: organisations cannot be listed (${organizations.status})`,
          "switch them on in Clerk's dashboard, Configure, Organizations",
        ),
  );
  findings.push(
    env.clerk.webhookSigningSecret === undefined
      ? wrong(
          "Clerk: CLERK_WEBHOOK_SIGNING_SECRET is not set, so nothing happens here when people leave",
          `add the endpoint ${env.appUrl}/api/webhooks/clerk in Clerk's dashboard, Configure, Webhooks, with the events of user, organization and organizationMembership, and copy its signing secret`,
        )
      : fine("Clerk: signing secret of the webhooks"),
  );
  return findings;
}

/** @returns a fresh token of somebody's open session, to see whether Supabase believes it; null when nobody is signed in */
export async function anySessionToken(env: Environment): Promise<string | null> {
  const api = env.clerk.apiUrl ?? "https://api.clerk.com";
  const headers = { authorization: `Bearer ${env.clerk.secretKey}`, "content-type": "application/json" };
  const users = (await call(`${api}/v1/users?limit=10&order_by=-last_sign_in_at`, { headers })).json();
  if (!Array.isArray(users)) return null;
  for (const user of users as { id: string }[]) {
    const sessions = (await call(`${api}/v1/sessions?user_id=${user.id}&status=active&limit=1`, { headers })).json();
    const list = (Array.isArray(sessions) ? sessions : ((sessions as { data?: unknown })?.data ?? [])) as {
      id: string;
    }[];
    const session = list[0];
    if (!session) continue;
    const token = (
      await call(`${api}/v1/sessions/${session.id}/tokens`, { method: "POST", headers, body: "{}" })
    ).json() as { jwt?: string } | null;
    if (token?.jwt) return token.jwt;
  }
  return null;
}
