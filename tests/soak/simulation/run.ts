import { AppError } from "@/lib/errors";
import { reconcile } from "@/lib/webhooks/reconcile";
import { type Event, happen, type Simulation, USUAL } from "./events";
import { Ledger } from "./ledger";
import { PostOffice } from "./post";
import { Random } from "./random";
import { Troubles } from "./trouble";
import type { World } from "./world";

/** The course of a simulation: which event comes next, and what is due between two of them. */

/** What is rare comes in turns at the end, so that no run is without it. */
const LAST = 60;
const rare: Event[] = ["reappear", "stranger", "revoke", "forbid", "reappear"];

/** Shifting the clock and working off jobs are what a run waits for: neither comes after each event. */
const JOBS_EVERY = 10;
const PROBE_EVERY = 60;

export function prepare(world: World, seed: number, wanted: number): Simulation {
  const random = new Random(seed);
  const ledger = new Ledger();
  const post = new PostOffice(world, ledger, new Random(seed ^ 0x5bd1e995));
  return { hands: { world, ledger, random }, post, wanted };
}

/** Lets so many events happen. @param progress hears of every thousandth */
export async function run(simulation: Simulation, events: number, progress: (done: number) => void): Promise<void> {
  const { hands, post } = simulation;
  const { ledger, world } = hands;
  const troubles = new Troubles(hands);
  while (ledger.events < events) {
    ledger.events += 1;
    post.tick();
    await troubles.tick();
    const rest = events - ledger.events;
    const event = rest < LAST && !troubles.present ? (rare[rest % rare.length] as Event) : next(simulation, troubles);
    ledger.count(`event: ${event}`);
    await ledger.timed(event, () => happen(simulation, troubles, event));
    if (ledger.events % JOBS_EVERY === 0 && !world.down()) await ledger.timed("jobs", () => work(simulation));
    if (ledger.events % 1_000 === 0) progress(ledger.events);
  }
  await troubles.over();
}

async function work({ hands }: Simulation): Promise<void> {
  const { world, ledger, random } = hands;
  if (ledger.events % PROBE_EVERY === 0) {
    await world.enqueue("tidy_up");
    await world.enqueue("probe");
  }
  if (ledger.events % 500 === 0) {
    await world.enqueue("warn_expiring");
    // Now and then it is killed by its time limit and goes on the next time.
    const limit = random.chance(0.3) ? { milliseconds: 30 } : {};
    const status = await reconcile(limit).then(
      (report) => report.status,
      (error: unknown) => {
        if (error instanceof AppError) return error.code;
        throw error;
      },
    );
    ledger.count(`sweep: ${status}`);
  }
  await world.runJobs();
}

function next({ hands, wanted }: Simulation, troubles: Troubles): Event {
  const { random, world, ledger } = hands;
  if (world.down()) return random.weighted({ bring: 8, liar: 4, forge: 2, start: 0.5, disconnect: 0.5, seconds: 1 });
  const weights = { ...USUAL };
  const live = ledger.made.length === 0 ? 0 : world.nango.store.connections.length;
  if (live < wanted) {
    weights.start *= 2.5;
    weights.finish *= 2.5;
    weights.confirm *= 2;
  } else if (live > wanted * 1.1) {
    weights.disconnect *= 3;
  }
  if (troubles.present) weights.trouble = 0;
  return random.weighted(weights);
}
