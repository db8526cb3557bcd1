/** How programs have people connect accounts, by the handlers: asking, following, coming back, redeeming. */
import { expect } from "vitest";
import { POST as leaveRoute } from "@/app/api/connect/[token]/leave/route";
import { GET as statusRoute } from "@/app/api/v1/connect-sessions/[id]/route";
import { POST as sessionRoute } from "@/app/api/v1/connect-sessions/route";
import { POST as authorizeRoute } from "@/app/api/v1/connectors/[slug]/authorize/route";
import { GET as callbackRoute } from "@/app/api/v1/connectors/[slug]/callback/route";
import { linksOf } from "./links";
import type { SignedIn } from "./people";
import type { CallOptions, Server } from "./server";

/** Allowed in the tests' settings. */
export const BACK = "https://app.example.com/connected";

/** A person in a session, or a key. */
export type By = SignedIn | string;

export const by = (who: By): CallOptions =>
  typeof who === "string" ? { headers: { authorization: `Bearer ${who}` } } : { as: who };

export function authorizingOf(server: Server) {
  const links = linksOf(server);
  const tokenIn = (url: string) => String(new URL(url).pathname.split("/").at(-1));

  const ask = (who: By, body: unknown = { redirect_uri: BACK }, slug = "openai") =>
    server.call(authorizeRoute, `/api/v1/connectors/${slug}/authorize`, { ...by(who), params: { slug }, body });
  const askForLink = (who: By, body: unknown) =>
    server.call(sessionRoute, "/api/v1/connect-sessions", { ...by(who), body });
  const statusOf = (who: By, id: string) =>
    server.call(statusRoute, `/api/v1/connect-sessions/${id}`, { ...by(who), params: { id } });
  const leave = (as: SignedIn | undefined, token: string) =>
    server.call(leaveRoute, `/api/connect/${token}/leave`, { ...(as && { as }), params: { token }, body: {} });
  const redeem = (who: By, given: Record<string, string>, slug = "openai") =>
    server.call(callbackRoute, `/api/v1/connectors/${slug}/callback?${new URLSearchParams(given)}`, {
      ...by(who),
      params: { slug },
    });

  async function begin(who: By, body?: unknown, slug?: string): Promise<{ token: string; state: string; url: string }> {
    const answer = await ask(who, body, slug);
    expect(answer.status, answer.text).toBe(200);
    const { authorization_url: url, state } = answer.json;
    return { token: tokenIn(url), state, url };
  }

  /** Where the person's browser is sent. */
  async function comeBack(as: SignedIn, token: string): Promise<URL> {
    const answer = await leave(as, token);
    expect(answer.status, answer.text).toBe(200);
    return new URL(answer.json.redirect_to);
  }

  /** From the asking to the way back with a code. */
  async function connected(who: By, person: SignedIn): Promise<{ token: string; state: string; code: string }> {
    const { token, state } = await begin(who);
    await links.follow(person, token);
    return { token, state, code: String((await comeBack(person, token)).searchParams.get("code")) };
  }
  return { tokenIn, ask, askForLink, statusOf, leave, redeem, begin, comeBack, connected };
}
