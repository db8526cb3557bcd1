import { randomUUID } from "node:crypto";
import { signatureHeaders, stableJson } from "@/emulators/nango/webhooks/signing";
import { shapes } from "./connectors";
import type { Made } from "./ledger";
import type { PostOffice } from "./post";
import type { Hands } from "./sign-in";
import { INSTANCE } from "./world";

/**
 * What people send to our webhook address who are not Nango, and what strangers get Nango to sign for them: it forwards
 * bodies that anybody may post to its public address.
 */

function sign({ world }: Hands, value: unknown) {
  const body = typeof value === "string" ? value : stableJson(value);
  return { body, signature: signatureHeaders(world.nango.signingKey, body)["x-nango-hmac-sha256"] ?? "" };
}

/** A body about a connection, as Nango would write it, with a lie in it. */
function lie(hands: Hands, connectionId: string, key: string): unknown {
  const { random } = hands;
  const base = {
    from: "nango",
    type: "auth",
    connectionId,
    providerConfigKey: key,
    environment: "dev",
    // So that each is a delivery of its own.
    nonce: random.between(0, 1_000_000_000),
  };
  const stolen = { organization_id: "org_mallory", end_user_id: "user_mallory", instance: INSTANCE };
  return random.pick([
    { ...base, operation: "deletion", success: true },
    { ...base, operation: "refresh", success: false, error: { type: "x", description: "y" } },
    { ...base, operation: "refresh", success: true },
    { ...base, operation: "override", success: true, tags: { ...stolen, attempt_id: randomUUID() } },
    { ...base, operation: "creation", success: true, tags: stolen, endUser: { endUserId: "user_mallory" } },
    { ...base, operation: "creation", success: false, error: { type: "denied", description: "z" } },
  ]);
}

/** Signed by Nango, written by a stranger, about a connection that exists, is foreign, is gone or never was. */
export async function liar(hands: Hands, post: PostOffice): Promise<void> {
  const { ledger, random } = hands;
  const about: Made | null = ledger.made.length > 0 && random.chance(0.75) ? random.pick(ledger.made) : null;
  const key = about?.key ?? random.pick(shapes).slug;
  // An id under another integration's key is somebody else's, too.
  const wrongKey = random.chance(0.1) ? random.pick(shapes).slug : key;
  const body = lie(hands, about?.nangoId ?? randomUUID(), wrongKey);
  ledger.note(about, `a stranger's signed webhook: ${JSON.stringify(body)}`);
  await post.post(sign(hands, body));
}

/** Everything else that arrives signed: other types, providers' own JSON, and what is no JSON at all. */
export async function odd(hands: Hands, post: PostOffice): Promise<void> {
  const { ledger, random } = hands;
  const about = ledger.made.length > 0 ? random.pick(ledger.made) : null;
  const ids = { connectionId: about?.nangoId ?? randomUUID(), providerConfigKey: about?.key ?? "github" };
  const nonce = random.between(0, 1_000_000_000);
  const value = random.pick<unknown>([
    { from: "github", type: "forward", ...ids, payload: { nonce } },
    { from: "nango", type: "sync", ...ids, syncName: "issues", model: "Issue", success: true, nonce },
    { from: "nango", type: "sync", ...ids, syncName: "issues", model: "Issue", success: false, error: {}, nonce },
    { from: "nango", type: "async_action", ...ids, payload: { nonce } },
    { from: "nango", type: "something_new", ...ids, nonce },
    { object: "event", id: `evt_${nonce}`, data: { connectionId: ids.connectionId } },
    { from: "nango", type: "auth", operation: "creation", success: true, nonce },
    { ...ids, from: "nango", type: "auth", connectionId: "../../integrations", operation: "creation", nonce },
    `not JSON at all ${nonce}`,
    "[]",
  ]);
  await post.post(sign(hands, value));
}

/** A body that was captured earlier, signature and all: it verifies for ever. */
export async function replay({ random }: Hands, post: PostOffice): Promise<void> {
  if (post.captured.length > 0) await post.post(random.pick(post.captured));
}

/** Not signed by Nango's key. */
export async function forge(hands: Hands, post: PostOffice): Promise<void> {
  const { ledger, random, world } = hands;
  if (ledger.made.length === 0) return;
  const about = random.pick(ledger.made);
  const { body, signature } = sign(hands, lie(hands, about.nangoId, about.key));
  const key = random.pick(["", "guess", world.nango.apiKey]);
  const forged = random.pick([
    "",
    signature.slice(0, 63),
    "0".repeat(64),
    signatureHeaders(key, body)["x-nango-hmac-sha256"] ?? "",
    signatureHeaders(key, body)["x-nango-signature"] ?? "",
  ]);
  await post.post({ body, signature: forged }, false);
}
