import { randomUUID } from "node:crypto";
import type { Shape } from "./connectors";
import type { Ledger, Made, Try } from "./ledger";
import type { SignIn } from "./provider";
import type { Random } from "./random";
import type { World } from "./world";

/** What a person does in Nango's frame and on the provider's page. */

export type Hands = { world: World; ledger: Ledger; random: Random };

/** Days until a sign-in that cannot be renewed ends. */
const LIVES = [0.25, 1, 1, 3, 20];

export function newAccount({ random }: Hands, shape: Shape): string {
  // Few enough that several connections hold the same one.
  return `${shape.slug}-${random.between(1, 120)}`;
}

function signInOf({ random }: Hands, shape: Shape, account: string, mayEnd: boolean): SignIn {
  const kinds = shape.kinds.filter((kind) => mayEnd || kind !== "ending");
  const kind = random.pick(kinds);
  return {
    account,
    kind,
    ...(kind === "ending" && { life: Math.round(random.pick(LIVES) * 86_400) }),
    ...(random.chance(0.7) && { scopes: random.pick(["read", "read write", "read,write,admin"]) }),
  };
}

/**
 * Finishes a session at Nango.
 * @param mayEnd whether the sign-in may be one that ends by itself
 * @returns the connection's id, or null when Nango or the provider refused
 */
export async function finish(
  hands: Hands,
  session: { token: string; shape: Shape },
  account: string,
  mayEnd = true,
): Promise<string | null> {
  const { world } = hands;
  const { token, shape } = session;
  if (shape.by !== "consent") {
    const secret = world.provider.newKey(account);
    const [path, body] =
      shape.by === "key" ? ["api-key", { apiKey: secret }] : ["basic", { username: account, password: secret }];
    const answer = await world.nango.ask(`/api-auth/${path}/${shape.slug}?connect_session_token=${token}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const { connectionId } = (await answer.json().catch(() => ({}))) as { connectionId?: string };
    return connectionId ?? null;
  }
  const flow = randomUUID();
  const state = await beginConsent(world, token, shape, flow);
  if (state === null) return null;
  const code = world.provider.codeFor(signInOf(hands, shape, account, mayEnd));
  await world.nango.ask(`/oauth/callback?state=${state}&code=${code}`);
  const outcome = await world.nango.standin.flows.outcome(flow, 0, AbortSignal.timeout(1_000));
  return outcome?.success ? outcome.connectionId : null;
}

/** The provider's page is open; null when Nango did not get that far. */
async function beginConsent(world: World, token: string, shape: Shape, flow = ""): Promise<string | null> {
  const answer = await world.nango.ask(
    `/oauth/connect/${shape.slug}?connect_session_token=${token}&ws_client_id=${flow}`,
  );
  const location = answer.headers.get("location");
  return location ? new URL(location).searchParams.get("state") : null;
}

/** Says no on the provider's page. Nango tells of a failed creation, whatever it was. */
export async function deny(hands: Hands, session: { token: string; shape: Shape }): Promise<void> {
  if (session.shape.by !== "consent") return;
  const state = await beginConsent(hands.world, session.token, session.shape);
  if (state) await hands.world.nango.ask(`/oauth/callback?state=${state}&error=access_denied`);
}

/** Finishes a try, and writes down what became of it at Nango. */
export async function complete(hands: Hands, attempt: Try, account: string, mayEnd = true): Promise<Made | null> {
  const { ledger } = hands;
  const nangoId = await finish(hands, attempt, account, mayEnd);
  if (nangoId === null) return null;
  if (attempt.renews) {
    if (nangoId !== attempt.renews.nangoId)
      ledger.complain(`a reconnect made a new connection ${nangoId}`, attempt.renews);
    attempt.renews.renewals.push(attempt);
    ledger.note(attempt.renews, `signed in again as ${account} by ${attempt.as.userId}, try ${attempt.id}`);
    return attempt.renews;
  }
  const made = ledger.add({ nangoId, key: attempt.shape.slug, shape: attempt.shape, by: attempt });
  attempt.completions.push(made);
  ledger.note(made, `made at Nango as ${account} by ${attempt.as.userId} for ${attempt.as.ownerId}, try ${attempt.id}`);
  return made;
}
