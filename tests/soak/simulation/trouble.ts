import type { JobHelpers, Task } from "graphile-worker";
import { tasks } from "@/lib/jobs/tasks";
import type { Hands } from "./sign-in";

/** Outages of Nango, of the providers and of our database, and processes that die in the middle of their work. */

export class Troubles {
  /** Events until what is wrong ends; 0 while all is well. */
  private left = 0;
  private end: () => void | Promise<void> = () => {};

  constructor(private readonly hands: Hands) {}

  get present(): boolean {
    return this.left > 0;
  }
  async tick(): Promise<void> {
    if (this.left === 0) return;
    this.left -= 1;
    if (this.left === 0) await this.over();
  }
  async over(): Promise<void> {
    this.left = 0;
    await this.end();
    this.end = () => {};
  }

  begin(): void {
    if (this.present) return;
    const { random, ledger } = this.hands;
    const kind = random.weighted({
      "500": 4,
      "429": 3,
      garbage: 3,
      hangup: 2,
      slow: 0.25,
      crossed: 5,
      "token endpoint": 5,
      database: 3,
    });
    ledger.count(`outage: ${kind}`);
    this.left = kind === "database" ? random.between(4, 14) : random.between(10, 50);
    if (kind === "database") this.database();
    else if (kind === "token endpoint") this.tokenEndpoint();
    else this.nango(kind);
  }

  private nango(kind: "500" | "429" | "garbage" | "hangup" | "slow" | "crossed"): void {
    const { nango } = this.hands.world;
    if (kind === "crossed") nango.cross(10);
    else if (kind === "slow")
      nango.faults.add({ on: "api", effect: "slow", ms: 4_500, times: 1, path: "/connections" });
    else if (kind === "garbage") nango.faults.add({ on: "api", effect: "garbage" });
    // Only where we call: people's browsers do not come over a socket here.
    else if (kind === "hangup") nango.faults.add({ on: "api", effect: "hangup", path: "/connections" });
    else nango.faults.add({ on: "api", effect: "status", status: Number(kind) });
    this.end = () => {
      nango.faults.clear();
      nango.uncross();
    };
  }
  private tokenEndpoint(): void {
    const { provider } = this.hands.world;
    provider.state.tokenEndpointDown = true;
    this.end = () => {
      provider.state.tokenEndpointDown = false;
    };
  }
  private database(): void {
    const { world } = this.hands;
    world.cutDatabase();
    this.end = () => world.mendDatabase();
  }
}

/** Those that need nothing of the worker that runs them. */
const mortal = ["apply_delivery", "identify_connection", "remote_delete", "delete_session", "notify"];

/**
 * A worker takes a job and dies: before it did anything, in the middle, or when all was done but not yet ticked off. The
 * job stays locked until somebody notices.
 */
export async function die({ world, ledger, random }: Hands): Promise<void> {
  const [job] = await world.sql<{ id: string; task: string; payload: unknown }[]>`
    update graphile_worker._private_jobs j set locked_at = now(), locked_by = 'dead worker', attempts = attempts + 1
    from graphile_worker._private_tasks t
    where t.id = j.task_id and j.id = (
      select d.id from graphile_worker._private_jobs d join graphile_worker._private_tasks k on k.id = d.task_id
      where d.locked_at is null and d.run_at <= now() and d.attempts < d.max_attempts and k.identifier = any (${mortal})
      order by d.id limit 1)
    returning j.id::text, t.identifier as task, j.payload`;
  if (!job) return;
  const when = random.pick(["before", "after", "in the middle"] as const);
  ledger.count(`killed: ${job.task}, ${when}`);
  if (when === "before" || world.down()) return;
  const work = Promise.resolve((tasks[job.task] as Task)(job.payload, {} as JobHelpers)).catch(() => {});
  if (when === "in the middle") {
    await new Promise((resolve) => setTimeout(resolve, random.between(0, 8)));
    world.cutDatabase();
    await work;
    await world.mendDatabase();
  }
  await work;
}
