import { randomUUID } from "node:crypto";
import type { Connection } from "@/emulators/nango/model";
import { shapes } from "./connectors";
import type { Made } from "./ledger";
import type { Consent } from "./provider";
import { finish, type Hands, newAccount } from "./sign-in";
import { INSTANCE } from "./world";

/** What happens at Nango and at the providers without anybody asking us. */

export function atNango({ world }: Hands, made: Made): Connection | undefined {
  return world.nango.store.connection(made.key, made.nangoId);
}

export function secretOf(connection: Connection): string {
  const { access_token, apiKey, password } = connection.heldCredentials ?? connection.credentials;
  return String(access_token ?? apiKey ?? password ?? "");
}

export function consentOf(hands: Hands, made: Made): Consent | undefined {
  const connection = atNango(hands, made);
  return connection && hands.world.provider.grant(secretOf(connection))?.consent;
}

const control = async ({ world }: Hands, made: Made, deed: string) => {
  await world.nango.control(`/connections/${made.nangoId}/${deed}`, {});
};

/** Nango marks it broken and says so, though it is not. It does so only to what it renews or tests. */
export async function mistake(hands: Hands, made: Made): Promise<void> {
  const credentials = atNango(hands, made)?.credentials;
  if (!credentials || (credentials.type === "OAUTH2" && !credentials.refresh_token)) return;
  await control(hands, made, "break");
  hands.ledger.note(made, "Nango says that its refresh failed, although it works");
}

/** The person or an admin at the provider takes access back. Nango does not notice. */
export function revoke(hands: Hands, made: Made): void {
  const consent = consentOf(hands, made);
  if (!consent) return;
  consent.standing = "revoked";
  hands.ledger.note(made, "access was taken back at the provider");
}

export function forbid(hands: Hands, made: Made): void {
  const consent = consentOf(hands, made);
  if (consent?.standing !== "good") return;
  consent.standing = "forbidden";
  hands.ledger.note(made, "permission was lost at the provider");
}

export function allow(hands: Hands, made: Made): void {
  const consent = consentOf(hands, made);
  if (consent?.standing !== "forbidden") return;
  consent.standing = "good";
  hands.ledger.note(made, "permission came back at the provider");
}

/** Its access token ends now. */
export async function endToken(hands: Hands, made: Made): Promise<void> {
  const connection = atNango(hands, made);
  if (!connection?.credentials.refresh_token) return;
  const grant = hands.world.provider.grant(secretOf(connection));
  if (grant) grant.expiresAt = Date.now() - 1_000;
  await control(hands, made, "expire");
  hands.ledger.note(made, "its access token ended");
}

/** Deleted in Nango's dashboard. @param tells whether this server is one that sends a webhook about it */
export async function vanish(hands: Hands, made: Made, tells: boolean): Promise<void> {
  const { world, ledger } = hands;
  if (!atNango(hands, made)) return;
  await control(hands, made, "vanish");
  made.vanished = true;
  ledger.note(made, `deleted in Nango's dashboard${tells ? ", which says so" : ""}`);
  if (!tells) return;
  await world.nango.control("/webhooks/send", {
    body: {
      from: "nango",
      type: "auth",
      operation: "deletion",
      connectionId: made.nangoId,
      providerConfigKey: made.key,
      success: true,
    },
  });
}

/** An operator renews it in Nango's dashboard: the session has no tags, and so has the connection then. */
export async function renewWithoutTags(hands: Hands, made: Made, account: string): Promise<void> {
  const { world } = hands;
  const answer = await world.nango.ask("/connect/sessions/reconnect", {
    method: "POST",
    headers: { authorization: `Bearer ${world.nango.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ connection_id: made.nangoId, integration_id: made.key }),
  });
  const { data } = (await answer.json().catch(() => ({}))) as { data?: { token: string } };
  if (!data) return;
  const done = await finish(hands, { token: data.token, shape: made.shape }, account, false);
  if (done) hands.ledger.note(made, `renewed in Nango's dashboard as ${account}, its tags wiped`);
  world.nango.store.removeSession(data.token);
}

export async function approve(hands: Hands, made: Made): Promise<void> {
  if (!atNango(hands, made)?.connectionConfig.pending) return;
  await control(hands, made, "approve");
  hands.ledger.note(made, "approved at the provider");
}

/** Connections that other programs make in the same Nango environment. */
export async function stranger(hands: Hands): Promise<void> {
  const { world, ledger, random } = hands;
  const shape = random.pick(shapes);
  const victim = ledger.tries.length > 0 ? random.pick(ledger.tries) : null;
  // In turns, so that each kind is sure to come.
  const kinds = ["missing_tags", "foreign_instance", "unknown_attempt", "tags_mismatch"] as const;
  const strange = kinds[(ledger.counts.get("event: stranger") ?? 0) % kinds.length] ?? "missing_tags";
  if (strange === "tags_mismatch" && !victim) return;
  const ours = { end_user_id: "user_ada", organization_id: "org_acme", connector: shape.slug };
  const tags: Record<string, string> = {
    missing_tags: ours,
    foreign_instance: { ...ours, attempt_id: randomUUID(), instance: "staging" },
    unknown_attempt: { ...ours, attempt_id: randomUUID(), instance: INSTANCE },
    // Somebody with the operator's key copies another's try and puts their own name on it.
    tags_mismatch: { ...ours, end_user_id: "user_mallory", attempt_id: victim?.id ?? "", instance: INSTANCE },
  }[strange] as Record<string, string>;
  const answer = await world.nango.ask("/connect/sessions", {
    method: "POST",
    headers: { authorization: `Bearer ${world.nango.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ tags, allowed_integrations: [shape.slug] }),
  });
  const { data } = (await answer.json().catch(() => ({}))) as { data?: { token: string } };
  const nangoId = data ? await finish(hands, { token: data.token, shape }, newAccount(hands, shape)) : null;
  if (nangoId === null || !data) return;
  world.nango.store.removeSession(data.token);
  const made = ledger.add({ nangoId, key: shape.slug, shape, by: null, strange });
  ledger.note(made, `made at Nango by a stranger: ${strange}`);
}

/** Something puts a connection back under the id of one that the product has called gone. */
export async function reappear(hands: Hands, made: Made): Promise<void> {
  const { world, ledger } = hands;
  if (atNango(hands, made)) return;
  const secret = world.provider.newKey(newAccount(hands, made.shape));
  const credentials =
    made.shape.by === "key"
      ? { type: "API_KEY", apiKey: secret }
      : made.shape.by === "password"
        ? { type: "BASIC", username: "x", password: secret }
        : { type: "OAUTH2", access_token: secret };
  const answer = await world.nango.ask("/connections", {
    method: "POST",
    headers: { authorization: `Bearer ${world.nango.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ provider_config_key: made.key, connection_id: made.nangoId, credentials }),
  });
  if (answer.status !== 201) return;
  made.reappeared = true;
  // An earlier decision was about what was there before.
  made.discarded = false;
  ledger.note(made, "imported again under its old id");
}
