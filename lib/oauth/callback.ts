import "server-only";
import { createHash } from "node:crypto";
import * as oauth from "oauth4webapi";
import { manifests } from "@/lib/catalogue/manifests";
import { completeDirect, failDirectAttempt, spendState, type UsedState } from "@/lib/db/oauth";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { browserCookie, browserCookies, type Cookie } from "./browser-cookie";
import { type Direct, directOf } from "./clients";
import { unseal } from "./keyring";
import { directWay, namesBeforeTokens } from "./providers";
import { sealTokens } from "./seal-tokens";
import { pickValues, type Values } from "./templates";
import type { Tokens } from "./token-call";
import { exchangeCode } from "./token-endpoint";

/**
 * Threat: the address is public, and everything in it can be made up: another's state, a stolen code, another provider's
 * answer (mix-up), an answer that was used before, or that was meant for somebody else's browser.
 * Invariant: nothing happens without a state of ours, which is used up by the look at it; only the browser that began may
 * go on; the answer must name this provider where it names one; the code goes to the token endpoint of the attempt's own
 * connector, with the redirect URI and the verifier of that very sign-in. What the address says is never shown or logged;
 * of where an account is, only what the manifest names and describes is taken (lib/oauth/templates.ts).
 * Guarded by tests/integration/direct-callback.test.ts.
 */

/** How a sign-in ended, for the page that says so. unknown: there is no sign-in that this could belong to. */
export type Ending = "connected" | "denied" | "failed" | "unavailable" | "over" | "unknown";
export type Finished = { ending: Ending; connector: string | null; returnTo: string | null; spent: Cookie[] };

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

/** What LinkedIn and others say instead of access_denied. */
const refusals = new Set([
  ...["access_denied", "user_denied", "user_cancelled_login", "user_cancelled_authorize", "consent_required"],
]);
const troubles = new Set(["temporarily_unavailable", "server_error"]);

type Answer = { ok: true; parameters: URLSearchParams } | { ok: false; ending: "denied" | "failed" | "unavailable" };

/** The answer with the code under the protocol's own name, whatever the provider calls it. */
function inOurWords(parameters: URLSearchParams, codeName: string): URLSearchParams {
  if (codeName === "code") return parameters;
  const others = [...parameters].filter(([name]) => name !== "code");
  return new URLSearchParams(others.map(([name, value]) => [name === codeName ? "code" : name, value]));
}

/**
 * What is known of the account: what was asked, and what the browser brings of where tokens are asked for. Null where that
 * is nothing that the provider would say: a guess of ours in its place would be another's.
 */
function knownBeforeTokens(used: UsedState, parameters: URLSearchParams): Values | null {
  const manifest = manifests.get(used.connector);
  const way = manifest && directWay(manifest);
  const names = way ? namesBeforeTokens(way) : [];
  const brought = names.filter((name) => parameters.has(name));
  const given = brought.flatMap((name) => {
    const [value = "", ...more] = parameters.getAll(name);
    return more.length === 0 ? [[name, value] as const] : [];
  });
  const patterns = Object.fromEntries(names.map((name) => [name, way?.direct.from_answer[name] ?? "^$"]));
  const picked = pickValues(Object.fromEntries(given), patterns);
  return brought.every((name) => Object.hasOwn(picked, name)) ? { ...used.connectionConfig, ...picked } : null;
}

/** Whether a call could be made with what is known now. Where the account is, some providers say with the tokens alone. */
function isComplete(connector: string, known: Values): boolean {
  try {
    return directOf(connector, known).provider.apiBaseUrl !== "";
  } catch {
    return false;
  }
}

/** Reads the provider's answer: is it one, of this provider, and for this state? */
function readAnswer({ provider, client }: Direct, parameters: URLSearchParams, state: string): Answer {
  // A provider that names itself must be this one. Some have an issuer for each of their customers, under one host.
  const named = parameters.get("iss");
  const same = named !== null && URL.canParse(named) && new URL(named).origin === provider.issuer;
  const server = { issuer: same ? named : provider.issuer };
  try {
    const answer = inOurWords(parameters, provider.settings.code_name);
    const checked = oauth.validateAuthResponse(server, { client_id: client.clientId }, answer, state);
    return checked.getAll("code").length === 1 ? { ok: true, parameters: checked } : { ok: false, ending: "failed" };
  } catch (error) {
    if (!(error instanceof oauth.AuthorizationResponseError)) return { ok: false, ending: "failed" };
    if (refusals.has(error.error)) return { ok: false, ending: "denied" };
    return { ok: false, ending: troubles.has(error.error) ? "unavailable" : "failed" };
  }
}

const outcomes = { denied: "denied", failed: "failed", unavailable: "direct_unavailable" } as const;

async function fail(used: UsedState, ending: keyof typeof outcomes): Promise<Ending> {
  await failDirectAttempt(used.attemptId, outcomes[ending]);
  return ending;
}

async function keep(used: UsedState, direct: Direct, before: Values, tokens: Tokens): Promise<Ending> {
  const manifest = manifests.get(used.connector);
  const known = { ...before, ...tokens.extra };
  if (!isComplete(used.connector, known)) {
    log().warn({ attempt_id: used.attemptId }, "a provider gave tokens, but not where the account is");
    return fail(used, "failed");
  }
  // A reconnect's tokens belong to the connection that it is for; both have the id of their first attempt.
  const { verdict, reason } = await completeDirect(used.attemptId, sealTokens(used.credentialId, tokens), {
    scopesRequested: direct.provider.scopes,
    scopesGranted: tokens.scopes,
    signInEnds: tokens.refresh === null ? tokens.expiresAt : null,
    signInDays: manifest?.sign_in_life?.days,
    connectionConfig: known,
  });
  if (verdict === "applied") return "connected";
  // It has ended the attempt, where nothing else had.
  // The tokens are forgotten, not taken back: for many providers that would end the person's other sign-ins as well.
  log().info({ attempt_id: used.attemptId, verdict, reason }, "a direct sign-in was not taken");
  return "over";
}

/**
 * A state is spent once, so nobody can bring this sign-in to another end: whatever goes wrong, it has failed, and the page
 * that waits for it is told. Where not even that can be written, patchbay.get_attempt says it a minute later.
 */
async function orFail(used: UsedState, goingOn: Promise<Ending>): Promise<Ending> {
  try {
    return await goingOn;
  } catch (error) {
    await failDirectAttempt(used.attemptId, "failed").catch((cause: unknown) =>
      log().error({ err: cause, attempt_id: used.attemptId }, "a direct sign-in that failed could not be ended"),
    );
    throw error;
  }
}

async function goOn(used: UsedState, parameters: URLSearchParams, state: string): Promise<Ending> {
  if (!used.sameBrowser) return fail(used, "failed");
  if (!["open", "abandoned", "failed"].includes(used.attemptStatus)) return "over";
  const known = knownBeforeTokens(used, parameters);
  if (known === null) return fail(used, "failed");
  let direct: Direct;
  try {
    direct = directOf(used.connector, known);
  } catch (error) {
    // Taken out of the settings since the sign-in began.
    log().warn({ err: error, attempt_id: used.attemptId }, "a direct sign-in cannot go on");
    await failDirectAttempt(used.attemptId, "not_configured");
    return "failed";
  }
  const answer = readAnswer(direct, parameters, state);
  if (!answer.ok) return fail(used, answer.ending);
  try {
    const verifier = used.verifier && unseal(used.verifier, { id: used.attemptId, field: "verifier" });
    const exchanged = await exchangeCode(direct, answer.parameters, used.redirectUri, verifier);
    if (!exchanged.ok) {
      log().info({ attempt_id: used.attemptId, error: exchanged.error }, "a code came to no tokens");
      return await fail(used, "failed");
    }
    return await keep(used, direct, known, exchanged.tokens);
  } catch (error) {
    log().warn({ err: error, attempt_id: used.attemptId }, "a direct sign-in came to nothing");
    if (!(error instanceof AppError)) throw error;
    if (error.code === "direct_unreachable") return fail(used, "unavailable");
    if (error.code !== "connector_not_configured" && error.code !== "misconfigured") throw error;
    await failDirectAttempt(used.attemptId, "not_configured");
    return "failed";
  }
}

/**
 * Takes a browser that comes back from a provider, and brings its attempt to an end. The attempt is where the outcome is
 * found; what is returned is for the page alone.
 * @throws AppError database_unavailable
 */
export async function finishDirect(request: Request): Promise<Finished> {
  const parameters = new URL(request.url).searchParams;
  const states = parameters.getAll("state");
  const [state = ""] = states;
  const cookies = browserCookies(request.headers.get("cookie"));
  const wellFormed = states.length === 1 && /^[A-Za-z0-9_-]{43}$/.test(state);
  const used = wellFormed
    ? await spendState(
        sha256(state),
        cookies.map(({ value }) => sha256(value)),
      )
    : null;
  if (!used) return { ending: "unknown", connector: null, returnTo: null, spent: [] };
  const ending = await orFail(used, goOn(used, parameters, state));
  // Whoever has not begun it learns nothing of it.
  if (!used.sameBrowser) return { ending: "unknown", connector: null, returnTo: null, spent: [] };
  const spent = [{ ...browserCookie(used.attemptId, ""), maxAge: 0 }];
  return { ending, connector: used.connector, returnTo: used.returnTo, spent };
}
