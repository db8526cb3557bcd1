/** What the tests of the API share: the server behind HTTP, its description, and every call checked against it. */
import { expect } from "vitest";
import type { Operation } from "@/lib/api/operation";
import { operations } from "@/lib/api/operations/all";
import { type ErrorCode, errorStatus } from "@/lib/error-codes";
import { checkerOf, type Description } from "@/tests/support/api-description";
import { startApiServer } from "@/tests/support/api-server";
import { journeyOf } from "@/tests/support/journey";
import { linksOf } from "@/tests/support/links";
import type { SignedIn } from "@/tests/support/people";
import { APP_URL, startServer } from "@/tests/support/server";

export type Sent = {
  /** Whose session; a key beside it wins. */
  as?: SignedIn;
  key?: string;
  params?: Record<string, string>;
  query?: Record<string, string>;
  /** Sent as JSON; a text as it is. */
  body?: unknown;
  headers?: Record<string, string>;
};
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests themselves
export type Answered = { status: number; headers: Headers; text: string; json: any };
/** Headers of our own, which callers are told about. */
const ownHeaders = ["x-request-id", "ratelimit", "ratelimit-policy", "retry-after", "idempotent-replayed"];
export type ApiWorld = Awaited<ReturnType<typeof openApiWorld>>;

const operationOf = (id: string): Operation => {
  const found = operations.find((each) => each.id === id);
  if (!found) throw new Error(`there is no call ${id}`);
  return found;
};

export async function openApiWorld() {
  const server = await startServer();
  const http = await startApiServer(APP_URL);
  const description = (await (await fetch(`${http.url}/api/v1/openapi.json`)).json()) as Description;
  const checker = checkerOf(description);
  /** By call: `done`, and the codes it was refused with. */
  const met = new Map<string, Set<string>>();

  /** Makes a call; its answer must be one that is described. */
  async function send(id: string, { as, key, params = {}, query, body, headers }: Sent = {}): Promise<Answered> {
    const { method, path, status = 200 } = operationOf(id);
    const address = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
    const token = key ?? (await as?.token());
    const response = await fetch(`${http.url}${address}${query ? `?${new URLSearchParams(query)}` : ""}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const what = `${method} ${address} was answered ${response.status} ${text}`;
    expect(response.headers.get("content-type"), what).toMatch(/^application\/json/);
    const json = JSON.parse(text);
    expect(checker.answer(method, path, response.status, json), what).toBeNull();
    expect(response.headers.get("x-request-id"), what).toBeTruthy();
    const told = checker.headers(method, path, response.status);
    const sent = ownHeaders.filter((name) => response.headers.has(name));
    expect(told, what).toEqual(expect.arrayContaining(sent));
    if (response.status < 400) {
      expect(response.status, what).toBe(status);
      // The other way round: what the server takes is what the description says.
      if (typeof body === "object") expect(checker.body(method, path, body), what).toBeNull();
    } else {
      // An answer that was kept names the request that it answered first.
      const replayed = response.headers.has("idempotent-replayed");
      if (!replayed) expect(json.error.request_id, what).toBe(response.headers.get("x-request-id"));
      expect(errorStatus[json.error.code as ErrorCode], what).toBe(response.status);
    }
    met.set(id, (met.get(id) ?? new Set()).add(response.status < 400 ? "done" : json.error.code));
    return { status: response.status, headers: response.headers, text, json };
  }

  /** The same, where it must be done. */
  async function done(id: string, sent: Sent = {}): Promise<Answered["json"]> {
    const answer = await send(id, sent);
    expect(answer.status, `${id}: ${answer.text}`).toBeLessThan(400);
    return answer.json;
  }

  /** The same, where it must be refused with this code. */
  async function refused(id: string, code: ErrorCode, sent: Sent = {}): Promise<Answered> {
    const answer = await send(id, sent);
    expect(answer.json.error?.code, `${id}: ${answer.text}`).toBe(code);
    return answer;
  }

  /** Calls of these groups that were not made, and errors of theirs that were not met, here or where it is said. */
  function missing(groups: object[], elsewhere: Partial<Record<ErrorCode, string>>): string[] {
    const calls = groups.flatMap((group) => Object.values(group) as Operation[]);
    return calls.flatMap(({ id, errors }) => {
      const seen = met.get(id) ?? new Set<string>();
      return ["done", ...errors]
        .filter((code) => !seen.has(code) && !(code in elsewhere))
        .map((code) => `${id} ${code}`);
    });
  }

  const ada = await server.signIn("ada@acme.test", "acme");
  return {
    server,
    http,
    description,
    checker,
    missing,
    send,
    done,
    refused,
    go: journeyOf(server),
    links: linksOf(server),
    /** Admin and member of acme, admin of globex, somebody in no organisation. */
    ada,
    grace: await server.signIn("grace@acme.test", "acme"),
    katherine: await server.signIn("katherine@globex.test", "globex"),
    mary: await server.signIn("mary@nowhere.test", null),
    /** A key that a person made. */
    key: async (scopes: string[], as: SignedIn = ada): Promise<string> =>
      (await done("makeApiKey", { as, body: { name: "test", scopes, expires_in_days: 30 } })).key,
    close: async () => {
      await http.close();
      await server.close();
    },
  };
}
