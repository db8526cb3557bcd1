/** The rows about webhooks: fresh deliveries, duplicates, and no database to store them in. */
import type postgres from "postgres";
import type { Server } from "@/tests/support/next-server";
import { databaseOf, deliveries, drained, each, storedIn } from "./deliveries";
import { byTurns, interleaved, load, type Request } from "./load";
import { atLeast, atMost, connections, latency, type Row, rates, rounds, throughput } from "./row";
import type { Product } from "./servers";

const amount = 2_000;

/**
 * Unique signed deliveries, and the same once more, against an empty handler that takes such bodies. The worker stands
 * still during a round: the control shares its two cores with nothing but the load either. After each round it goes on,
 * and the round counts only if every delivery is stored and becomes final. What comes twice has no effect, and costs no
 * more than what comes first.
 */
export async function* webhooks(product: Product, control: Server): AsyncGenerator<Row> {
  const sql = databaseOf(product);
  try {
    let last: Request[] = [];
    const fresh = () => {
      last = deliveries(product, amount);
      return sendFresh(product, sql, last);
    };
    await fresh();
    const measured = await byTurns(rounds, {
      fresh,
      again: () => sendAgain(product, sql, last),
      empty: () =>
        load({ origin: control.origin, amount, connections, next: each(deliveries(product, amount), "/api/empty") }),
    });
    const beside = { ours: measured.fresh, control: measured.empty };
    yield atLeast("webhooks, requests per second / empty handler", throughput(beside), 0.8, beside);
    yield atMost(
      "webhooks, p95 at 10 clients / empty handler",
      beside.ours.p95 / beside.control.p95,
      1.5,
      latency(beside),
    );
    const twice = { ours: measured.again, control: measured.fresh };
    yield atLeast("duplicates, requests per second / fresh deliveries", throughput(twice), 1, twice);
  } finally {
    await sql.end();
  }
}

/** Deliveries that are final already. @throws when one of them is looked into again */
async function sendAgain(product: Product, sql: postgres.Sql, requests: Request[]) {
  const before = await storedIn(sql);
  product.worker.pause();
  const measured = await load({
    origin: product.origin,
    amount: requests.length,
    connections,
    next: each(requests),
  }).finally(product.worker.resume);
  const after = await storedIn(sql);
  if (after.stored !== before.stored || after.seen !== before.seen) {
    throw new Error(`Duplicates had an effect: ${JSON.stringify({ before, after })}`);
  }
  return measured;
}

/** @throws when deliveries are missing, or do not become final */
async function sendFresh(product: Product, sql: postgres.Sql, requests: Request[]) {
  const before = await storedIn(sql);
  product.worker.pause();
  const measured = await load({
    origin: product.origin,
    amount: requests.length,
    connections,
    next: each(requests),
  }).finally(product.worker.resume);
  const { stored } = await storedIn(sql);
  if (stored - before.stored !== requests.length) {
    throw new Error(`Of ${requests.length} deliveries answered 200, ${stored - before.stored} are stored.`);
  }
  await drained(sql);
  return measured;
}

/** What lib/webhooks/receive.ts waits for a database that hangs, in milliseconds. */
const patience = 6_000;
/** As many as Nango may send at once when much fails together. */
const crowd = 200;

/**
 * Deliveries while nothing answers at the database's address. Each waits for the next try to connect, so what counts is
 * how many are answered by one try: a crowd against the same crowd at the empty handler.
 *
 * @param unreachable the product with the address of a closed port for its database
 */
export async function* unreachableDatabase(
  product: Product,
  unreachable: Server,
  control: Server,
): AsyncGenerator<Row> {
  const requests = 1_000;
  const measured = await interleaved(
    rounds,
    () =>
      load({
        origin: unreachable.origin,
        amount: requests,
        connections: crowd,
        next: each(deliveries(product, requests)),
        status: 503,
      }),
    () =>
      load({
        origin: control.origin,
        amount: requests,
        connections: crowd,
        next: each(deliveries(product, requests), "/api/empty"),
      }),
  );
  yield atLeast(
    `database unreachable, 503s per second at ${crowd} clients / empty handler`,
    throughput(measured),
    0.25,
    measured,
  );
  yield {
    name: `database unreachable, p95 at ${crowd} clients`,
    value: `${Math.round(measured.ours.p95)} ms`,
    goal: `<= ${patience} ms`,
    held: measured.ours.p95 <= patience,
    detail: rates(measured),
  };
}
