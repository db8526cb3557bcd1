/** Which services are real and which are stood in for, read from the keys that a developer has set. */
import { nangoSettings } from "@/lib/env/nango";
import { StartError } from "./start-error";

export type Mix = {
  standIns: { clerk: boolean; supabase: boolean; nango: boolean; panora: boolean };
  clerkAuth?: { issuer: string; jwksUrl: string };
};

const isSet = (value: string | undefined) => Boolean(value) && !value?.includes("standin");

/**
 * @param env the variables of `.env.local`
 * @throws StartError for a mix that cannot work, with the reason
 */
export function readMix(env: Record<string, string | undefined>): Mix {
  const real = {
    clerk: isSet(env.NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY) && isSet(env.CLERK_SECRET_KEY),
    supabase: isSet(env.SUPABASE_URL) && isSet(env.SUPABASE_SECRET_KEY),
    nango: isSet(nangoSettings(env).values.NANGO_SECRET_KEY),
    panora: isSet(env.PANORA_API_KEY),
  };
  if (real.supabase && !real.clerk) {
    throw new StartError(
      "Real Supabase needs real Clerk: it cannot read the stand-in's signing keys. Set the Clerk keys too, or remove SUPABASE_URL.",
    );
  }
  const standIns = {
    clerk: !real.clerk,
    supabase: !real.supabase,
    nango: !real.nango,
    // Beside a real Nango made-up contacts would only be in the way.
    panora: !real.panora && !real.nango,
  };
  if (!real.clerk) return { standIns };
  const issuer = `https://${clerkHost(env.NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY as string)}`;
  return { standIns, clerkAuth: { issuer, jwksUrl: `${issuer}/.well-known/jwks.json` } };
}

/** A publishable key is `pk_<kind>_` and the base64 of Clerk's host with a `$` behind it. */
function clerkHost(publishableKey: string): string {
  const host = Buffer.from(publishableKey.split("_")[2] ?? "", "base64").toString();
  if (!host.endsWith("$")) {
    throw new StartError(
      "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY is not a Clerk key: copy it again from Clerk's API keys page.",
    );
  }
  return host.slice(0, -1);
}
