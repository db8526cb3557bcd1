import "server-only";
import { createHash } from "node:crypto";
import { recordDeliveries } from "@/lib/db/deliveries";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { summarise } from "@/lib/webhooks/parse";

/**
 * Stores deliveries, several at a time: while SQL calls are under way, those that arrive wait for the next, which takes
 * them all. One delivery alone is stored at once; a thousand a second cost a few dozen calls.
 *
 * Promise: a delivery is answered only after the transaction that holds it and its job has committed.
 */

export type Intake = Awaited<ReturnType<typeof recordDeliveries>>[number];
type Item = Parameters<typeof recordDeliveries>[0][number];
type Waiting = { item: Item; resolve: (stored: Intake) => void; reject: (error: unknown) => void };

/** Two, so that one batch is gathered and parsed while the database works on the other. */
const MAX_UNDER_WAY = 2;
const MAX_BATCH = 200;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** More than this waiting means that the database does not keep up; Nango tries again later. */
const MAX_WAITING = 5_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

let waiting: Waiting[] = [];
let waitingBytes = 0;
let underWay = 0;

function takeBatch(): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const { item } of waiting) {
    bytes += item.body.byteLength;
    if (count > 0 && (count >= MAX_BATCH || bytes > MAX_BATCH_BYTES)) break;
    count++;
  }
  const batch = waiting.slice(0, count);
  waiting = waiting.slice(count);
  for (const { item } of batch) waitingBytes -= item.body.byteLength;
  return batch;
}

async function store(batch: Waiting[]): Promise<void> {
  try {
    const stored = await recordDeliveries(batch.map(({ item }) => item));
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = stored[index];
      if (outcome) resolve(outcome);
      else reject(new AppError("internal"));
    }
  } catch (error) {
    const down = error instanceof AppError && error.code === "database_unavailable";
    if (down || batch.length === 1) {
      for (const { reject } of batch) reject(error);
      return;
    }
    // One delivery that cannot be stored must not take the others with it.
    log().warn({ err: error, count: batch.length }, "a batch of deliveries was refused; storing them one by one");
    for (const single of batch) await store([single]);
  }
}

async function work(): Promise<void> {
  underWay++;
  try {
    // Whatever else this turn of the event loop brings goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) await store(takeBatch());
  } finally {
    underWay--;
  }
}

/**
 * Stores one verified delivery together with the job that looks into it.
 * @param bytes the body as it arrived; its hash is the delivery's identity
 * @param text the same body, decoded
 * @throws AppError database_unavailable when it is not stored
 */
export function storeDelivery(bytes: Uint8Array, text: string): Promise<Intake> {
  if (waiting.length >= MAX_WAITING || waitingBytes >= MAX_WAITING_BYTES) {
    return Promise.reject(new AppError("database_unavailable", { retryAfter: 3 }));
  }
  const item: Item = { sha256: createHash("sha256").update(bytes).digest("hex"), body: bytes, ...summarise(text) };
  return new Promise((resolve, reject) => {
    waiting.push({ item, resolve, reject });
    waitingBytes += bytes.byteLength;
    if (underWay < MAX_UNDER_WAY) void work();
  });
}
