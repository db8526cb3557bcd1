/** The rows about calls that are passed on: what Patchbay adds to what Nango takes by itself. */
import { Agent, request } from "node:http";
import { byTurns, type Load } from "./load";
import type { Row } from "./row";
import type { Product } from "./servers";
import { sessionCookie } from "./session";

type Person = { email: string; password: string };
type Call = { url: string; method: "GET" | "POST"; headers: Record<string, string>; body?: string };

const turns = { rounds: 15, calls: 60 };
const agent = new Agent({ keepAlive: true });

/**
 * An action through our API beside the same call at Nango's proxy, and the start of a connection beside Nango's session
 * by itself. One after the other: what is measured is what a caller waits for.
 */
export async function* calls(product: Product, person: Person): AsyncGenerator<Row> {
  const { clerk, nango, providers } = product.description;
  if (!clerk || !nango) throw new Error("The product runs without its stand-ins.");
  // A session's token lasts a minute; every round begins with a fresh one.
  const asPerson = async () => ({
    cookie: await sessionCookie(clerk.url, product.origin, person),
    origin: product.origin,
    "sec-fetch-site": "same-origin",
    "content-type": "application/json",
  });
  const asApp = { authorization: `Bearer ${nango.apiKey}`, "content-type": "application/json" };
  const { key, nangoId } = await prepare(product, nango.host, await asPerson());

  const action = await byTurns(turns.rounds, {
    ours: () =>
      sequence(() => ({
        url: `${product.origin}/api/v1/connectors/openai/list_models`,
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: "{}",
      })),
    nango: () =>
      sequence(() => ({
        url: `${nango.host}/proxy/v1/models`,
        method: "GET",
        headers: { ...asApp, "provider-config-key": "openai", "connection-id": nangoId },
      })),
    provider: () =>
      sequence(() => ({
        url: `${providers.generic}/_host/api.openai.com/v1/models`,
        method: "GET",
        headers: { authorization: "Bearer sk-bench" },
      })),
  });
  yield added("proxied action, p95 minus the direct call's at Nango's proxy", action.ours, action.nango, 8, [
    `${action.provider.p95.toFixed(1)} ms at the provider itself`,
  ]);

  let upstream = 0;
  let minted = 0;
  const mint = await byTurns(turns.rounds, {
    ours: async () => {
      const headers = await asPerson();
      // What the worker asks of Nango meanwhile is not the page's.
      product.worker.pause();
      const before = await callsAtNango(product, Number.MAX_SAFE_INTEGER);
      const measured = await sequence(() => ({
        ...{ url: `${product.origin}/api/nango/session`, method: "POST", headers },
        body: JSON.stringify({ connector: "github" }),
      })).finally(product.worker.resume);
      const { calls: made } = await callsAtNango(product, before.count);
      upstream += made.length;
      minted += made.filter(({ method, path }) => method === "POST" && path === "/connect/sessions").length;
      return measured;
    },
    nango: () =>
      sequence(() => ({
        ...{ url: `${nango.host}/connect/sessions`, method: "POST", headers: asApp },
        body: JSON.stringify({ tags: { end_user_id: "bench" }, allowed_integrations: ["github"] }),
      })),
  });
  const rounds = turns.rounds + 1; // And the one that does not count.
  const one = minted === rounds * turns.calls && upstream === minted;
  const row = added("minting a connect session, p95 minus Nango's own", mint.ours, mint.nango, 10, [
    `${(upstream / (rounds * turns.calls)).toFixed(2)} calls to Nango each`,
  ]);
  yield { ...row, goal: `${row.goal}, one call to Nango`, held: row.held && one };
}

function added(name: string, ours: Load, direct: Load, goal: number, more: string[]): Row {
  const milliseconds = ours.p95 - direct.p95;
  return {
    name,
    value: `${milliseconds.toFixed(1)} ms`,
    goal: `<= ${goal} ms`,
    held: milliseconds <= goal,
    detail: [`${ours.p95.toFixed(1)} ms against ${direct.p95.toFixed(1)} ms`, ...more].join("; "),
  };
}

type Seen = { count: number; calls: { method: string; path: string }[] };

/** How many calls reached Nango, and those after a number. */
const callsAtNango = async (product: Product, after: number): Promise<Seen> =>
  (await (await fetch(`${product.nangoControl}/calls?after=${after}`)).json()) as Seen;

/** @throws when an answer is no success: a fast refusal is no result */
async function sequence(next: () => Call): Promise<Load> {
  const latencies: number[] = [];
  for (let call = 0; call < turns.calls; call++) latencies.push(await timed(next()));
  latencies.sort((a, b) => a - b);
  const total = latencies.reduce((sum, each) => sum + each, 0);
  return {
    requestsPerSecond: (1000 * latencies.length) / total,
    p95: latencies[Math.floor(latencies.length * 0.95)] as number,
  };
}

/** Milliseconds until the whole answer is there. */
function timed({ url, method, headers, body }: Call): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const sent = request(url, {
      method,
      agent,
      headers: { ...headers, ...(body && { "content-length": body.length }) },
    });
    sent.on("response", (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) resolve(performance.now() - started);
        else reject(new Error(`${method} ${url} was answered ${statusCode}: ${text.slice(0, 300)}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** A connected account, and a key that may use it. */
async function prepare(product: Product, nangoHost: string, headers: Record<string, string>) {
  const post = async (url: string, body: object, with_ = headers) => {
    const response = await fetch(url, { method: "POST", headers: with_, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${url} was answered ${response.status}: ${await response.text()}`);
    // biome-ignore lint/suspicious/noExplicitAny: whatever it is, it is looked into below
    return (await response.json()) as any;
  };
  const { sessionToken, attemptId } = await post(`${product.origin}/api/nango/session`, { connector: "openai" });
  const finish = `${nangoHost}/api-auth/api-key/openai?connect_session_token=${sessionToken}`;
  const { connectionId } = await post(finish, { apiKey: "sk-bench" }, { "content-type": "application/json" });
  await post(`${product.origin}/api/nango/attempts/${attemptId}/confirm`, { connectionId });
  const scopes = ["actions:read:openai"];
  const { key } = await post(`${product.origin}/api/v1/api-keys`, { name: "bench", scopes, expires_in_days: 1 });
  return { key: key as string, nangoId: connectionId as string };
}
