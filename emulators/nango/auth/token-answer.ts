import type { CatalogueProvider } from "../catalogue";
import type { Credentials } from "../model";
import { at } from "./interpolate";

/** A token endpoint said no, or something that holds no token. */
export class TokenRefused extends Error {}

/** Reads a token endpoint's answer. Some providers answer errors with 200, some answer forms instead of JSON. */
export async function readTokenAnswer(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(text) as Record<string, unknown>;
  } catch {
    answer = Object.fromEntries(new URLSearchParams(text));
  }
  if (!response.ok || typeof answer !== "object" || answer === null) {
    throw new TokenRefused(`The token endpoint answered ${response.status}: ${text.slice(0, 300)}`);
  }
  return answer;
}

/**
 * OAuth 2 credentials out of a token endpoint's answer.
 * @param previous what a refresh renews: its refresh token stays when the provider sends no new one
 */
export function oauth2Credentials(
  provider: CatalogueProvider,
  answer: Record<string, unknown>,
  previous?: Credentials,
): Credentials {
  const path = provider.alternate_access_token_response_path;
  const nested = path ? at(answer, path) : undefined;
  const source =
    typeof answer.access_token === "string" || typeof nested !== "object" || nested === null
      ? answer
      : (nested as Record<string, unknown>);
  if (typeof source.access_token !== "string" || source.access_token === "") {
    throw new TokenRefused(
      `The token endpoint's answer holds no access token: ${JSON.stringify(answer).slice(0, 300)}`,
    );
  }
  const refreshToken = source.refresh_token ?? previous?.refresh_token;
  const expiresAt = expiry(provider, source);
  return {
    type: "OAUTH2",
    access_token: source.access_token,
    ...(refreshToken ? { refresh_token: refreshToken } : {}),
    ...(expiresAt ? { expires_at: expiresAt } : {}),
    raw: answer,
  };
}

/** When a token ends, as ISO time; undefined when the provider does not say. */
export function expiry(provider: CatalogueProvider, answer: Record<string, unknown>): string | undefined {
  if (answer.expires_at !== undefined) return toIso(answer.expires_at);
  const lifetime = Number(answer.expires_in);
  if (!Number.isFinite(lifetime) || lifetime <= 0) return undefined;
  const milliseconds = provider.expires_in_unit === "milliseconds" ? lifetime : lifetime * 1000;
  return new Date(Date.now() + milliseconds).toISOString();
}

/** A point in time given as ISO text, as seconds or as milliseconds since 1970. */
export function toIso(value: unknown): string | undefined {
  const number = Number(value);
  const date = Number.isFinite(number)
    ? new Date(number < 100_000_000_000 ? number * 1000 : number)
    : new Date(String(value));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Values of a token answer (or callback query) that the provider's entry wants kept in the connection's config. */
export function keptValues(source: unknown, names: string[] | undefined): Record<string, unknown> {
  const found = (names ?? []).map((name) => [name, at(source, name)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null));
}
