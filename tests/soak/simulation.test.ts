import { afterAll, beforeAll, expect, it } from "vitest";
import { compare, type Difference, setTrap } from "./simulation/compare";
import { occurrences } from "./simulation/coverage";
import { seedOfRun } from "./simulation/random";
import { prepare, run } from "./simulation/run";
import { settle } from "./simulation/settle";
import type { Hands } from "./simulation/sign-in";
import { startWorld, type World } from "./simulation/world";

const full = process.env.SOAK === "1";
const events = Number(process.env.SIM_EVENTS) || (full ? 100_000 : 5_000);
const wanted = Number(process.env.SIM_CONNECTIONS) || 300;
const seed = seedOfRun();

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await setTrap(world);
});
afterAll(() => world?.close());

it(`after ${events} events of every kind and one sweep, our state is Nango's, field by field (SIM_SEED=${seed})`, {
  timeout: full ? 4 * 3_600_000 : 1_800_000,
}, async () => {
  console.log(`simulation: seed ${seed}, ${events} events, ${wanted} connections`);
  const simulation = prepare(world, seed, wanted);
  const { ledger } = simulation.hands;
  const began = performance.now();
  const took = () => `${((performance.now() - began) / 1_000).toFixed(1)} s`;
  const told = (done: number) => {
    if (full || process.env.SIM_VERBOSE)
      console.log(`simulation: ${done} events, ${ledger.made.length} connections made, ${took()}`);
  };
  await run(simulation, events, told);
  // What is rare may not have come up by chance: then the run goes on, for as long again at most.
  for (let more = 500; more <= events && (await missing(simulation.hands)).length > 0; more += 500) {
    await run(simulation, events + more, told);
  }
  await settle(simulation);
  const differences = await compare(simulation.hands);
  const codes = await occurrences(simulation.hands);
  console.log(
    `simulation: done after ${took()}; webhooks ${JSON.stringify(simulation.post.struck)}; codes ${JSON.stringify(Object.fromEntries(codes))}`,
  );
  if (process.env.SIM_VERBOSE) console.log(summary(simulation.hands));
  if (differences.length > 0) expect.fail(report(differences));
  expect(await missing(simulation.hands), `seed ${seed}: these never occurred`).toEqual([]);
});

/** What has not occurred. */
const missing = async (hands: Hands): Promise<string[]> =>
  [...(await occurrences(hands))].filter(([, count]) => count === 0).map(([code]) => code);

/** All differences in a line each, and the last events of the first one's connection. */
function report(differences: Difference[]): string {
  const [first] = differences;
  const history = first?.made ? `\n${first.made.nangoId}, ${first.made.key}\n  ${first.made.history.join("\n  ")}` : "";
  const all = differences.slice(0, 40).map(({ made, what }) => `${made?.nangoId ?? ""} ${made?.key ?? ""}: ${what}`);
  return `seed ${seed}: ${differences.length} differences\n${all.join("\n")}\nFirst: ${first?.what}${history}`;
}

/** What happened how often, and what took how long. */
function summary({ ledger }: Hands): string {
  const counts = [...ledger.counts].sort().map(([what, count]) => `${count} ${what}`);
  const slow = [...ledger.milliseconds].sort(([, a], [, b]) => b - a);
  return [...counts, ...slow.map(([what, ms]) => `${(ms / 1_000).toFixed(2)} s ${what}`)].join("\n");
}
