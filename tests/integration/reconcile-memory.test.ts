import { afterAll, beforeAll, expect, it } from "vitest";
import { openWorld, type World } from "./reconcile-world";

/** SOAK=1 takes the full number. */
const COUNT = process.env.SOAK === "1" ? 10_000 : 1_000;
const MEGABYTE = 1024 * 1024;
const HEALED = Math.floor(COUNT / 50);

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

/** Connections that Nango and we agree on, but for every fiftieth, whose tags were wiped. */
async function fill(): Promise<void> {
  await world.control("/settings", { webhookUrl: null }, "PATCH");
  await world.sql`insert into people (user_id) values ('user_many') on conflict do nothing`;
  const made = await world.sql<{ id: string; attempt: string; nango: string }[]>`
    with c as (
      insert into connections (owner_id, connector, integration_key, nango_connection_id, status, number, connected_by,
        connected_at, signed_in_attempt, created_at)
      select 'org_many', 'openai', 'openai', gen_random_uuid()::text, 'connected', n, 'user_many', now(),
        gen_random_uuid(), now() - interval '1 day'
      from generate_series(1, ${COUNT}) n returning *
    ), a as (
      insert into connection_attempts (id, owner_id, started_by, connector, integration_key, visibility, instance,
        connection_id, status, outcome, ended_at)
      select signed_in_attempt, owner_id, connected_by, connector, integration_key, visibility, 'localhost:3999', id,
        'confirmed', 'connected', now() from c
    )
    select id, signed_in_attempt as attempt, nango_connection_id as nango from c`;
  for (let from = 0; from < made.length; from += 20) {
    await Promise.all(
      made.slice(from, from + 20).map(({ attempt, nango }, index) => {
        const tags = {
          organization_id: "org_many",
          end_user_id: "user_many",
          connector: "openai",
          attempt_id: attempt,
          instance: "localhost:3999",
        };
        return world.import((from + index) % 50 === 0 ? {} : tags, nango);
      }),
    );
  }
}

it(`a sweep of ${COUNT.toLocaleString("en")} connections heals them and stays within 200 MB`, async () => {
  await fill();
  const { code, output, errors } = await world.script("reconcile", "--json").ended;
  expect(code, errors).toBe(0);
  const report = JSON.parse(output);
  expect(report).toMatchObject({
    status: "done",
    seen: COUNT,
    checked: HEALED,
    failed: 0,
    healed: { retagged: HEALED, gone: 0, quarantined: 0 },
    // A page each, the last one to know that it was the last; and two calls for each that is healed.
    calls: Math.floor(COUNT / 100) + 1 + 2 * HEALED,
  });
  expect(report.max_rss_bytes).toBeLessThan(200 * MEGABYTE);
  const again = JSON.parse((await world.script("reconcile", "--json").ended).output);
  expect(again).toMatchObject({ status: "done", seen: COUNT, checked: 0 });
  if (process.env.SOAK === "1")
    process.stdout.write(`sweep of ${COUNT}: ${Math.round(report.max_rss_bytes / MEGABYTE)} MB at most\n`);
}, 300_000);
