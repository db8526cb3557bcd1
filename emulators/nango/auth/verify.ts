import { provider as findProvider } from "../catalogue";
import type { Connection, Integration } from "../model";
import type { Standin } from "../standin";
import { buildCall, CallNotPossible } from "./request";

/**
 * Tries credentials against the provider, where the catalogue knows a call for it (`proxy.verification`).
 * @returns null when they work or can't be tested, otherwise what to tell the person
 */
export async function verifyCredentials(
  nango: Standin,
  integration: Integration,
  held: Pick<Connection, "credentials" | "connectionConfig">,
): Promise<string | null> {
  const verification = findProvider(integration.provider)?.proxy?.verification;
  if (!verification) return null;
  let problem = "";
  for (const endpoint of verification.endpoints) {
    const status = await probe(nango, integration, held, verification, endpoint);
    if (typeof status === "number" && status < 400) return null;
    problem = typeof status === "number" ? ` and received a ${status} on a test API call` : ` (${status})`;
  }
  return `The given credentials were found to be invalid${problem}. Please check the credentials and try again.`;
}

async function probe(
  nango: Standin,
  integration: Integration,
  held: Pick<Connection, "credentials" | "connectionConfig">,
  verification: NonNullable<NonNullable<ReturnType<typeof findProvider>>["proxy"]>["verification"] & object,
  endpoint: string,
): Promise<number | string> {
  try {
    const call = buildCall(integration, held, {
      method: verification.method,
      endpoint,
      headers: verification.headers ?? {},
      baseUrlOverride: verification.base_url_override,
      body: verification.data === undefined ? undefined : JSON.stringify(verification.data),
    });
    const response = await fetch(nango.upstream(call.url), {
      method: call.method,
      headers: call.headers,
      ...(call.body === undefined ? {} : { body: call.body as BodyInit }),
      signal: AbortSignal.timeout(nango.timing.proxyTimeout),
    });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    return error instanceof CallNotPossible ? error.message : "the service could not be reached";
  }
}
