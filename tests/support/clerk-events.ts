import { expect } from "vitest";
import { eventually } from "./eventually";
import type { Server } from "./server";

export type ClerkEvents = ReturnType<typeof clerkEventsOf>;

/** What happens at Clerk, by its stand-in's control API, and what follows from it here. */
export function clerkEventsOf(server: Server) {
  async function control(method: string, path: string, body?: object): Promise<void> {
    const answer = await fetch(`${server.clerk.url}/_control/${path}`, {
      method,
      ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
  }
  const join = (organizationId: string, userId: string, role = "member") =>
    control("POST", "memberships", { organizationId, userId, role });
  const remove = (organizationId: string, userId: string) =>
    control("DELETE", `memberships/${organizationId}/${userId}`);

  /** Until all that Clerk told has been taken, and what follows from it is done. */
  async function settle(): Promise<void> {
    await eventually(
      () => server.clerk.webhooks.deliveries().every(({ outcome }) => outcome === "delivered" || outcome === "held"),
      "Clerk's deliveries are taken",
    );
    await server.runJobs();
  }
  /** What waits for its time is due. */
  async function laterOn(): Promise<void> {
    await server.sql`update graphile_worker._private_jobs set run_at = now() where locked_at is null`;
    await server.runJobs();
  }
  return { control, join, remove, settle, laterOn };
}
