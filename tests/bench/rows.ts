/** The rows of the bench: each compares ours with a control, in the same minutes on the same machine. */
import { createHmac, randomUUID } from "node:crypto";
import postgres from "postgres";
import { interleaved, type Load, load, type Request } from "./load";
import { weigh } from "./pages";
import type { Product, Server } from "./servers";
import { sessionCookie } from "./session";

export type Row = { name: string; value: string; goal: string; held: boolean; detail: string };

const rounds = 7;
/** Pages take many short turns: what else the machine does changes within seconds, and so meets both sides. */
const pages = { rounds: 25, requests: 800 };
const connections = 10;

/** @returns each row as soon as it is measured */
export async function* measure(servers: {
  product: Product;
  control: Server;
  again: Server;
  bare: Server;
}): AsyncGenerator<Row> {
  const { product, control, again, bare } = servers;

  const catalogue = await interleaved(
    pages.rounds,
    () => get(product, "/integrations", pages.requests),
    () => get(control, "/hello", pages.requests),
  );
  yield atLeast("public catalogue, requests per second / hello page", throughput(catalogue), 0.75, catalogue);

  const page = await weigh(`${product.origin}/integrations`);
  yield {
    name: "public catalogue HTML, gzip",
    value: kilobytes(page.html),
    goal: "<= 15 KB",
    held: page.html <= 15 * 1024,
    detail: "",
  };
  const hello = await weigh(`${control.origin}/hello`);
  yield atMost("public page JS, gzip / hello", page.script / hello.script, 1.15, weights(page.script, hello.script));

  const ada = product.description.people[0];
  if (!ada || !product.description.clerk) throw new Error("The product has no seeded person to sign in.");
  const cookie = await sessionCookie(product.description.clerk.url, product.origin, ada);
  const signedIn = await weigh(`${product.origin}/connectors`, cookie);
  const helloSignedIn = await weigh(`${control.origin}/signed-in`);
  yield atMost(
    "signed-in page JS, gzip / hello + Clerk + React Query",
    signedIn.script / helloSignedIn.script,
    1.2,
    weights(signedIn.script, helloSignedIn.script),
  );

  const free = await interleaved(
    pages.rounds,
    () => get(again, "/integrations", pages.requests),
    () => get(bare, "/integrations", pages.requests),
  );
  yield atLeast("a path that needs no auth, with middleware / without", throughput(free), 0.95, free);

  // Last, because it fills the database.
  const webhooks = await measureWebhooks(product, control);
  yield atLeast("webhooks, requests per second / empty handler", throughput(webhooks), 0.8, webhooks);
  yield atMost(
    "webhooks, p95 at 10 clients / empty handler",
    webhooks.ours.p95 / webhooks.control.p95,
    1.5,
    latency(webhooks),
  );
}

/**
 * Unique signed deliveries against an empty handler that takes the same bodies. The worker stands still during a round:
 * the control shares its two cores with nothing but the load either. After each round it goes on, and the round counts
 * only if every delivery is stored and becomes final.
 */
async function measureWebhooks(product: Product, control: Server) {
  const nango = product.description.nango;
  const database = product.description.supabase;
  if (!nango || !database) throw new Error("The bench runs on the embedded stack only.");
  const amount = 2_000;
  let sent = 0;
  const batch = (): (() => Request) => {
    const ready = Array.from({ length: amount }, (): Request => {
      const body = JSON.stringify({
        authMode: "OAUTH2",
        connectionId: randomUUID(),
        environment: "bench",
        from: "nango",
        operation: "creation",
        provider: "github",
        providerConfigKey: "github",
        success: true,
        type: "auth",
      });
      const signature = createHmac("sha256", nango.webhookSigningKey).update(body).digest("hex");
      return {
        method: "POST",
        path: "/api/webhooks/nango",
        headers: { "content-type": "application/json", "x-nango-hmac-sha256": signature },
        body,
      };
    });
    return () => ready.pop() as Request;
  };
  const sql = postgres(database.databaseUrl, { max: 1 });
  try {
    const result = await interleaved(
      rounds,
      async () => {
        const next = batch();
        sent += amount;
        product.worker.pause();
        const measured = await load({ origin: product.origin, amount, connections, next }).finally(
          product.worker.resume,
        );
        await drained(sql, sent);
        return measured;
      },
      () => {
        const next = batch();
        return load({
          origin: control.origin,
          amount,
          connections,
          next: () => ({ ...next(), path: "/api/empty" }),
        });
      },
    );
    return result;
  } finally {
    await sql.end();
  }
}

/** @throws when deliveries are missing, or not all of them become final within two minutes */
async function drained(sql: postgres.Sql, sent: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const [count] = await sql<{ stored: number; open: number }[]>`
      select count(*)::int as stored, (count(*) filter (where verdict is null))::int as open from public.webhook_deliveries`;
    if (count?.stored !== sent) throw new Error(`Of ${sent} deliveries answered 200, ${count?.stored} are stored.`);
    if (count.open === 0) return;
    if (Date.now() > deadline) throw new Error(`${count.open} deliveries did not become final.`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const get = (server: Server, path: string, amount: number): Promise<Load> =>
  load({ origin: server.origin, amount, connections, next: () => ({ method: "GET", path }) });

type Sides = { ours: Load; control: Load };
const throughput = ({ ours, control }: Sides) => ours.requestsPerSecond / control.requestsPerSecond;
const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
const weights = (ours: number, control: number) => `${kilobytes(ours)} against ${kilobytes(control)}`;
const latency = ({ ours, control }: Sides) => `${ours.p95.toFixed(1)} ms against ${control.p95.toFixed(1)} ms`;
const rates = ({ ours, control }: Sides) =>
  `${Math.round(ours.requestsPerSecond)}/s against ${Math.round(control.requestsPerSecond)}/s`;

const atLeast = (name: string, ratio: number, goal: number, sides: Sides): Row => ({
  name,
  value: ratio.toFixed(2),
  goal: `>= ${goal}`,
  held: ratio >= goal,
  detail: rates(sides),
});
const atMost = (name: string, ratio: number, goal: number, detail: string): Row => ({
  name,
  value: ratio.toFixed(2),
  goal: `<= ${goal}`,
  held: ratio <= goal,
  detail,
});
