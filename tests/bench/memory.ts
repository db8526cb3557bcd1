/** The row about memory: what a process keeps of a hundred thousand deliveries. */
import { readdirSync, readFileSync } from "node:fs";
import type { Started } from "@/tests/support/next-server";
import { databaseOf, deliveries, each, storedIn } from "./deliveries";
import { collectGarbage } from "./inspector";
import { load } from "./load";
import { atMost, connections, type Row } from "./row";
import type { Product } from "./servers";

const first = 1_000;
const all = 100_000;
const batch = 5_000;

/**
 * What is left after a collection of garbage: V8 lets a busy heap grow to several times of what it holds, as the memory of
 * the machine allows, so the plain figure says more of the machine than of the product. It is told beside it.
 *
 * @param app a process that has answered nothing yet, on the product's database; the worker goes on with what it stores
 * @throws when a delivery is not stored
 */
export async function* memory(product: Product, app: Started): AsyncGenerator<Row> {
  const sql = databaseOf(product);
  try {
    const before = await storedIn(sql);
    const send = (amount: number) =>
      load({ origin: app.origin, amount, connections, next: each(deliveries(product, amount)) });
    await send(first);
    const early = await settled(app);
    for (let sent = first; sent < all; sent += batch) await send(Math.min(batch, all - sent));
    const late = await settled(app);
    const { stored } = await storedIn(sql);
    if (stored - before.stored !== all) throw new Error(`Of ${all} deliveries ${stored - before.stored} are stored.`);
    yield atMost(
      "RSS after 100,000 deliveries / after 1,000, garbage collected",
      late.collected / early.collected,
      1.2,
      `${told(late)} against ${told(early)}`,
    );
  } finally {
    await sql.end();
  }
}

type Memory = { plain: number; collected: number };
const told = ({ plain, collected }: Memory) =>
  `${Math.round(collected / 1024)} MB (${Math.round(plain / 1024)} MB with garbage)`;

/** What a process and its children hold, in kilobytes. */
async function settled({ pid, inspectorPort }: Started): Promise<Memory> {
  const resident = () => groupOf(pid).reduce((sum, member) => sum + residentSetOf(member), 0);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const plain = resident();
  await collectGarbage(pid, inspectorPort);
  // What was collected is given back to the system a little later.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  return { plain, collected: resident() };
}

function residentSetOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0);
}

/** The members of a process group. */
function groupOf(leader: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // After the name, which may hold anything: state, parent, group.
        const [, , group] = readFileSync(`/proc/${pid}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ");
        return Number(group) === leader;
      } catch {
        // It ended meanwhile.
        return false;
      }
    });
}
