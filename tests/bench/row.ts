/** A row of the bench: a ratio of one run, and whether its goal held. */
import type { Load } from "./load";

export type Row = { name: string; value: string; goal: string; held: boolean; detail: string };
export type Sides = { ours: Load; control: Load };

export const rounds = 7;
export const connections = 10;

export const throughput = ({ ours, control }: Sides) => ours.requestsPerSecond / control.requestsPerSecond;
export const latency = ({ ours, control }: Sides) => `${ours.p95.toFixed(1)} ms against ${control.p95.toFixed(1)} ms`;
export const rates = ({ ours, control }: Sides) =>
  `${Math.round(ours.requestsPerSecond)}/s against ${Math.round(control.requestsPerSecond)}/s`;

export const atLeast = (name: string, ratio: number, goal: number, sides: Sides): Row => ({
  name,
  value: ratio.toFixed(2),
  goal: `>= ${goal}`,
  held: ratio >= goal,
  detail: rates(sides),
});

export const atMost = (name: string, ratio: number, goal: number, detail: string): Row => ({
  name,
  value: ratio.toFixed(2),
  goal: `<= ${goal}`,
  held: ratio <= goal,
  detail,
});
