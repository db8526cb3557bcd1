/** Load from this machine to this machine, bounded in requests, and figures only as ratios of one run. */
import autocannon from "autocannon";

export type Request = { method: "GET" | "POST"; path: string; headers?: Record<string, string>; body?: string };
export type Load = { requestsPerSecond: number; p95: number };

/**
 * Sends `amount` requests over `connections` keep-alive connections and waits for every answer.
 *
 * @param next makes each request, so that no two need be alike
 * @returns throughput, and the 95th percentile of latency in milliseconds
 * @throws when an answer is another than expected: a fast error is no result
 */
export async function load(options: {
  origin: string;
  amount: number;
  connections: number;
  next: () => Request;
  /** What every request must be answered with; any 2xx if left out. */
  status?: number;
}): Promise<Load> {
  if (!["localhost", "127.0.0.1"].includes(new URL(options.origin).hostname)) {
    throw new Error(`Load goes to loopback only, not to ${options.origin}.`);
  }
  const latencies: number[] = [];
  // autocannon looks at the clock once a second only, so the time is taken from the answers themselves.
  const started = performance.now();
  let last = started;
  let answered = 0;
  const result = await autocannon({
    url: options.origin,
    connections: options.connections,
    amount: options.amount,
    timeout: 30,
    requests: [
      {
        setupRequest: (request) => {
          const { method, path, headers, body } = options.next();
          return { ...request, method, path, headers: { ...headers }, body };
        },
      },
    ],
    setupClient: (client) => {
      client.on("response", (status, _bytes, time) => {
        latencies.push(time);
        last = performance.now();
        if (options.status ? status === options.status : status >= 200 && status < 300) answered++;
      });
    },
  });
  const seconds = (last - started) / 1000;
  if (answered !== options.amount || result.errors || result.timeouts) {
    throw new Error(
      `${options.origin}: of ${options.amount} requests ${answered} were answered ${options.status ?? "2xx"}, ${result.errors} failed.`,
    );
  }
  latencies.sort((a, b) => a - b);
  return { requestsPerSecond: answered / seconds, p95: latencies[Math.floor(latencies.length * 0.95)] ?? 0 };
}

const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

/**
 * Measures two things by turns, so that a noisy neighbour meets both, after one round each that does not count.
 *
 * @returns the medians over all rounds of ours and of the control
 */
export async function interleaved(rounds: number, ours: () => Promise<Load>, control: () => Promise<Load>) {
  return byTurns(rounds, { ours, control });
}

/** The same with any number of things, by name. */
export async function byTurns<Name extends string>(
  rounds: number,
  sides: Record<Name, () => Promise<Load>>,
): Promise<Record<Name, Load>> {
  const names = Object.keys(sides) as Name[];
  const measured = new Map<Name, Load[]>(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    // The order changes too: what runs later finds a warmer machine.
    for (const name of round % 2 ? [...names].reverse() : names) {
      const result = await sides[name]();
      if (round >= 0) measured.get(name)?.push(result);
    }
  }
  const medians = names.map((name) => {
    const loads = measured.get(name) ?? [];
    const p95 = median(loads.map((load) => load.p95));
    return [name, { requestsPerSecond: median(loads.map((load) => load.requestsPerSecond)), p95 }] as const;
  });
  return Object.fromEntries(medians) as Record<Name, Load>;
}
