/** globalSetup of the test runner: one Postgres for the run, stopped when it ends. See ./database.ts. */
import type { TestProject } from "vitest/node";
import { startTestServer } from "./database-server";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { port, password, close } = await startTestServer();
  project.provide("testPostgres", { port, password });
  return close;
}
