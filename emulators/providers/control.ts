import { z } from "zod";
import type { Calls } from "./calls";
import { FAULT_KINDS, type Faults } from "./faults";
import type { Records } from "./own/records";
import type { Registry } from "./registry";
import { SERVICES } from "./types";
import { json, readSent } from "./wire";

/**
 * The control API, under {control}: what a test or a demo can do to the providers.
 *
 *   POST   /revoke    {token} an access token, refresh token or API key; or {service, account?} every such consent
 *   POST   /expire    {token} or {service, account?}: access tokens end now
 *   POST   /age       {token, seconds}: an access token is that much older, and ends that much sooner
 *   POST   /lifetime  {service, seconds}: life of access tokens issued from now on; null is the provider's own
 *   POST   /tokens    {providerKey, seconds?, refresh?, answer?}: what one provider of the generic service issues from
 *                     now on: tokens that live so long (null: for ever), with a refresh token or without; answer: fields
 *                     laid over what its token endpoint says. DELETE forgets it
 *   POST   /faults    {service, kind, times?, path?, host?, token?, ms?}: met by the next matching calls, kind being
 *                     401, 403, 429, 500, slow, garbage, redirect or large (6 MiB); token: only calls that carry this
 *                     credential. DELETE forgets
 *   GET    /calls     ?service=&path=&host=&account=&limit=; DELETE forgets them
 *   GET    /grants    ?service=&account=: consents with their tokens
 *   GET    /records   ?service=hubspot&kind=contacts&account=: what was created at the services of our own (own/); DELETE
 *                     forgets it
 *   POST   /clients   {clientId, clientSecret, providerKey}
 *   POST   /reset     forgets consents, calls, faults, records and what was asked of tokens
 *
 * Accounts: a consent page offers Ada, Grace and Acme Support, and nothing is remembered between two sign-ins, so a
 * reconnect may choose another. An API key, user name or client id always stands for the same account, another one for
 * another; what follows a "+" does not count, so `acme+new` is the account of `acme`. With a user name, the password
 * does not count. At a two-step sign-in every value does.
 *
 * It has no key and hands out tokens, so it answers only programs on this machine that call it by its own name: never a
 * page (anything with an Origin or Sec-Fetch-Site header, or another host name).
 */
const service = z.enum(SERVICES);
const target = z.union([
  z.strictObject({ token: z.string().min(1) }),
  z.strictObject({ service, account: z.string().optional() }),
]);
const lifetime = z.strictObject({ service, seconds: z.number().int().min(0).nullable() });
const tokens = z.strictObject({
  providerKey: z.string().min(1),
  seconds: z.number().int().min(1).nullable().optional(),
  refresh: z.boolean().optional(),
  answer: z.record(z.string(), z.unknown()).optional(),
});
const age = z.strictObject({ token: z.string().min(1), seconds: z.number().int().min(1) });
const fault = z.strictObject({
  service,
  kind: z.enum(FAULT_KINDS),
  times: z.number().int().min(1).default(1),
  path: z.string().optional(),
  host: z.string().optional(),
  token: z.string().min(1).optional(),
  ms: z.number().int().min(0).optional(),
});
const client = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  providerKey: z.string().nullable(),
});

export function control(registry: Registry, calls: Calls, faults: Faults, records: Records) {
  return async (request: Request, path: string): Promise<Response> => {
    if (isFromPage(request)) return json({ error: "Not for browsers." }, 403);
    const { params, body } = await readSent(request);
    try {
      switch (`${request.method} ${path}`) {
        case "POST /revoke":
          return json({ revoked: revoke(registry, target.parse(body)) });
        case "POST /expire":
          return json({ expired: expire(registry, target.parse(body)) });
        case "POST /age": {
          const { token, seconds } = age.parse(body);
          return json({ aged: registry.age(token, seconds) ? 1 : 0 });
        }
        case "POST /lifetime": {
          const wanted = lifetime.parse(body);
          registry.setLifetime(wanted.service, wanted.seconds);
          return json({ ok: true });
        }
        case "POST /tokens": {
          const { providerKey, ...wanted } = tokens.parse(body);
          registry.setTokenRules(providerKey, wanted);
          return json({ ok: true });
        }
        case "DELETE /tokens":
          registry.forgetTokenRules();
          return json({ ok: true });
        case "POST /faults":
          faults.add(fault.parse(body));
          return json({ ok: true });
        case "DELETE /faults":
          faults.clear();
          return json({ ok: true });
        case "GET /calls":
          return json({ calls: calls.list({ ...params, limit: params.limit ? Number(params.limit) : undefined }) });
        case "DELETE /calls":
          calls.clear();
          return json({ ok: true });
        case "GET /grants":
          return json({
            grants: registry
              .list(params)
              .map(({ access, refresh, ...grant }) => ({ ...grant, accessTokens: access, refreshTokens: refresh })),
          });
        case "GET /records":
          return json({ shelves: records.all(params) });
        case "DELETE /records":
          records.clear();
          return json({ ok: true });
        case "POST /clients":
          registry.clients.add(client.parse(body));
          return json({ ok: true });
        case "POST /reset":
          registry.forget();
          calls.clear();
          faults.clear();
          records.clear();
          return json({ ok: true });
      }
    } catch (error) {
      if (error instanceof z.ZodError) return json({ error: z.prettifyError(error) }, 400);
      throw error;
    }
    return json({ error: "not_found" }, 404);
  };
}

function isFromPage(request: Request): boolean {
  const { hostname } = new URL(request.url);
  const local = hostname === "127.0.0.1" || hostname === "localhost";
  return !local || ["origin", "sec-fetch-site"].some((header) => request.headers.has(header));
}

type Target = z.infer<typeof target>;

/** @returns how many consents or keys it was */
function revoke(registry: Registry, what: Target): number {
  if ("token" in what) {
    if (!registry.revokeToken(what.token)) registry.refuseKey(what.token);
    return 1;
  }
  const living = registry.list(what).filter((grant) => !grant.revoked);
  for (const { id } of living) registry.revokeGrantById(id);
  return living.length;
}

/** @returns how many access tokens it was */
function expire(registry: Registry, what: Target): number {
  if ("token" in what) return registry.expire(what.token) ? 1 : 0;
  return registry
    .list(what)
    .flatMap(({ access }) => access)
    .filter(({ token }) => registry.expire(token)).length;
}
