/** The rows of the bench: each compares ours with a control, in the same minutes on the same machine. */

import type { Server, Started } from "@/tests/support/next-server";
import { calls } from "./calls";
import { lists } from "./lists";
import { interleaved, type Load, load } from "./load";
import { memory } from "./memory";
import { weigh } from "./pages";
import { atLeast, atMost, connections, type Row, throughput } from "./row";
import type { Product } from "./servers";
import { sessionCookie } from "./session";
import { unreachableDatabase, webhooks } from "./webhooks";

/** Pages take many short turns: what else the machine does changes within seconds, and so meets both sides. */
const pages = { rounds: 25, requests: 800 };

/** @returns each row as soon as it is measured */
export async function* measure(servers: {
  product: Product;
  control: Server;
  again: Server;
  bare: Server;
  /** Has answered nothing yet. */
  young: Started;
  unreachable: Server;
}): AsyncGenerator<Row> {
  const { product, control, again, bare, young, unreachable } = servers;

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

  yield* calls(product, ada);
  yield* lists();
  // Last, because they fill the database.
  yield* webhooks(product, control);
  yield* unreachableDatabase(product, unreachable, control);
  yield* memory(product, young);
}

const get = (server: Server, path: string, amount: number): Promise<Load> =>
  load({ origin: server.origin, amount, connections, next: () => ({ method: "GET", path }) });

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
const weights = (ours: number, control: number) => `${kilobytes(ours)} against ${kilobytes(control)}`;
