import type { Simulation } from "./events";
import { sweepAll } from "./sweep";

/** The end of a simulation: no faults any more, time passes, one sweep, and everything that it causes gets done. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Works off jobs until none is left that would ever be due. */
async function drain({ hands }: Simulation): Promise<void> {
  const { world } = hands;
  for (let round = 0; round < 60; round++) {
    await world.enqueue("tidy_up");
    await world.runJobs();
    const [left] = await world.sql<{ count: number }[]>`
      select count(*)::int as count from graphile_worker.jobs j
      where j.attempts < j.max_attempts and j.task_identifier not in ('retain')`;
    if (left?.count === 0) return;
    await world.pass(2 * MINUTE);
  }
}

export async function settle(simulation: Simulation): Promise<void> {
  const { hands, post } = simulation;
  const { world, ledger } = hands;
  post.lose();
  await drain(simulation);
  // Claims, sessions and undo times are over, and whatever is due for a probe gets one.
  await world.pass(2 * HOUR);
  await drain(simulation);
  // The first probe comes within a day and a half, the next ones within thirty hours.
  await world.pass(38 * HOUR);
  for (let round = 0; round < 4; round++) {
    await world.enqueue("probe");
    await drain(simulation);
  }
  await sweepAll(world);
  await drain(simulation);
  ledger.count("settled");
}
