import { randomBytes, sign } from "node:crypto";
import { ISSUER, type SigningKeys } from "./keys";
import type { Membership, Organization, Session } from "./store";

/** Seconds that a session token lives: as with Clerk, a signed-out person's token dies by itself. */
const TOKEN_LIFETIME_S = 60;

/**
 * Mints a session token, version 2. `role: authenticated` is there for Supabase, which reads it as the database role.
 * @param azp origin of the app that asked
 * @param active the organisation that the session is in, with the person's membership of it
 */
export function mintSessionToken(
  keys: SigningKeys,
  session: Session,
  azp: string,
  active: { organization: Organization; membership: Membership } | null,
): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    azp,
    exp: now + TOKEN_LIFETIME_S,
    // Minutes since the first factor was given; -1 says that there is no second one.
    fva: [Math.floor((Date.now() - session.createdAt) / 60_000), -1],
    iat: now,
    iss: ISSUER,
    jti: randomBytes(10).toString("hex"),
    nbf: now - 10,
    ...(active && {
      o: {
        id: active.organization.id,
        rol: active.membership.role.replace(/^org:/, ""),
        slg: active.organization.slug,
      },
    }),
    role: "authenticated",
    sid: session.id,
    sts: "active",
    sub: session.userId,
    v: 2,
  };
  return signJwt(keys, "JWT", claims);
}

export function signJwt(keys: SigningKeys, typ: "JWT" | "at+jwt", claims: object): string {
  const body = `${encode({ alg: "RS256", kid: keys.kid, typ })}.${encode(claims)}`;
  return `${body}.${sign("sha256", Buffer.from(body), keys.privateKey).toString("base64url")}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
