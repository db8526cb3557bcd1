import { signatureHeaders, stableJson } from "@/emulators/nango/webhooks/signing";
import type { Tenant } from "@/lib/auth/tenant";
import { confirmAttempt } from "@/lib/connect/attempts";
import { shapeOf } from "@/tests/soak/simulation/connectors";
import { Ledger } from "@/tests/soak/simulation/ledger";
import type { Posted } from "@/tests/soak/simulation/nango";
import { Random, seedOfRun } from "@/tests/soak/simulation/random";
import { finish, type Hands } from "@/tests/soak/simulation/sign-in";
import { startWorld } from "@/tests/soak/simulation/world";
import { startSession } from "@/tests/support/start-session";

/** Numbers of the reliability goals: the short one in every run, the full one with SOAK=1. */
export const soaking = process.env.SOAK === "1";
export const times = (short: number, full: number): number => (soaking ? full : short);

/** The product with its database, Nango and the providers, for tests that decide about every webhook themselves. */
export type Bench = Awaited<ReturnType<typeof startBench>>;

export async function startBench() {
  const world = await startWorld();
  const random = new Random(seedOfRun());
  const hands: Hands = { world, ledger: new Ledger(), random };
  /** What left Nango and has not been delivered by itself. */
  const posted: Posted[] = [];
  world.nango.onPost((each) => posted.push(each));
  const ada = world.people[0] as Tenant;

  const sign = (value: unknown): Posted => {
    const body = typeof value === "string" ? value : stableJson(value);
    return { body, signature: signatureHeaders(world.nango.signingKey, body)["x-nango-hmac-sha256"] ?? "" };
  };
  const deliver = async ({ body, signature }: Posted): Promise<{ status: number; outcome: string | null }> => {
    const answer = await world.deliver(body, { "content-type": "application/json", "x-nango-hmac-sha256": signature });
    const { outcome } = (await answer.json()) as { outcome?: string };
    return { status: answer.status, outcome: outcome ?? null };
  };

  return {
    world,
    random,
    hands,
    posted,
    ada,
    sign,
    deliver,
    sql: world.sql,
    /** Finishes a session at Nango without telling us. */
    async complete(connector = "openai", as: Tenant = ada, account = `${connector}-1`) {
      const session = await startSession(as, { connector, visibility: "everyone" });
      const nangoId = await finish(hands, { token: session.sessionToken, shape: shapeOf(connector) }, account, false);
      if (!nangoId) throw new Error("Nango did not take it");
      return { nangoId, attemptId: session.attemptId, token: session.sessionToken };
    },
    /** The same, confirmed by the page. */
    async connect(connector = "openai", as: Tenant = ada, account = `${connector}-1`) {
      const made = await this.complete(connector, as, account);
      const { connection } = await confirmAttempt(as, made.attemptId, made.nangoId);
      if (!connection) throw new Error("not connected");
      return { ...made, id: connection.id };
    },
    rowOf: async (nangoId: string) => {
      const [row] = await world.sql<{ id: string; status: string; reason_code: string | null; owner_id: string }[]>`
        select id, status, reason_code, owner_id from connections where nango_connection_id = ${nangoId}`;
      return row ?? null;
    },
    eventsOf: async (nangoId: string): Promise<string[]> => {
      const found = await world.sql<{ type: string }[]>`
        select e.type from connection_events e join connections c on c.id = e.connection_id
        where c.nango_connection_id = ${nangoId} order by e.id`;
      return found.map(({ type }) => type);
    },
    /** Works off jobs, letting time pass, until none is left that would ever run. */
    async drain(): Promise<void> {
      for (let round = 0; round < 60; round++) {
        await world.enqueue("tidy_up");
        await world.runJobs();
        const left = await world.sql`select 1 from graphile_worker.jobs where attempts < max_attempts limit 1`;
        if (left.length === 0) return;
        await world.pass(120_000);
      }
      throw new Error("jobs never end");
    },
    /** What of our state a webhook could have changed. Times of looking are not state. */
    snapshot: async () => ({
      connections: await world.sql`
        select id, owner_id, visibility, connector, nango_connection_id, status, reason_code, suspect_since, account_id,
          found_account_id, label, is_default, scopes_granted, expires_at, connected_by, signed_in_attempt, disconnected_at
        from connections order by id`,
      attempts:
        await world.sql`select id, owner_id, status, outcome, connection_id from connection_attempts order by id`,
      quarantined: await world.sql`
        select integration_key, nango_connection_id, reason_code from quarantined_connections order by 1, 2`,
      events: (await world.sql`select count(*)::int as count from connection_events`)[0]?.count,
    }),
    close: () => world.close(),
  };
}

/** A webhook about a connection as Nango writes it. */
export function authBody(connectionId: string, extra: object = {}, integration = "openai") {
  return {
    from: "nango",
    type: "auth",
    operation: "creation",
    success: true,
    authMode: "API_KEY",
    connectionId,
    providerConfigKey: integration,
    provider: integration,
    environment: "dev",
    ...extra,
  };
}

export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
