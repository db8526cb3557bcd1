/** What the tests of the sweep do at Nango behind the app's back, and what they look at afterwards. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { resetEnv } from "@/lib/env";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

type Tags = Record<string, string>;

export async function openWorld(overrides: Record<string, string | undefined> = {}) {
  const server = await startServer({ NANGO_BACKGROUND_CALLS_PER_MINUTE: "10000", ...overrides });
  return worldOf(server);
}

function worldOf(server: Server) {
  const go = journeyOf(server);
  const { sql } = server;

  async function nango(method: string, path: string, body?: object) {
    const answer = await fetch(`${server.nango.host}${path}`, {
      method,
      headers: { authorization: `Bearer ${server.nango.apiKey}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: await answer.json() };
  }
  const control = (path: string, body: object = {}, method = "POST") =>
    fetch(`${server.nango.control}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const deed = async (id: string, name: "vanish" | "break" | "recover" | "kill") => {
    const answer = await control(`/connections/${id}/${name}`);
    if (!answer.ok) throw new Error(`${name} ${id}: ${answer.status}`);
  };

  return {
    server,
    go,
    sql,
    nango,
    control,
    deed,
    close: () => server.close(),
    ada: () => server.signIn("ada@acme.test", "acme"),
    /** A session is completed, and nobody tells us. */
    completeInSilence: async (as: SignedIn, connector = "openai", extra: object = {}) => {
      const session = await go.start(as, connector, extra);
      return { ...session, nangoId: await server.complete(session, connector, { apiKey: "sk-good" }) };
    },
    /** A connection made at Nango without us. */
    import: async (tags: Tags = {}, id?: string, key = "openai"): Promise<string> => {
      const { json } = await nango("POST", "/connections", {
        provider_config_key: key,
        credentials: { type: "API_KEY", apiKey: "sk-good" },
        tags,
        ...(id && { connection_id: id }),
      });
      return json.connection_id;
    },
    writeTags: (id: string, tags: Tags, key = "openai") =>
      nango("PATCH", `/connections/${id}?provider_config_key=${key}`, { tags }),
    tagsAt: async (id: string): Promise<Tags | null> =>
      (await nango("GET", `/connections?connectionId=${id}`)).json.connections[0]?.tags ?? null,
    existsAt: async (id: string): Promise<boolean> =>
      (await nango("GET", `/connections?connectionId=${id}`)).json.connections.length > 0,
    row: async (nangoId: string) => {
      const [row] = await sql`select * from connections where nango_connection_id = ${nangoId}`;
      return row;
    },
    quarantined: async (nangoId: string) => {
      const [row] = await sql`select * from quarantined_connections where nango_connection_id = ${nangoId}`;
      return row;
    },
    events: async (id: string, type: string) =>
      sql`select * from connection_events where connection_id = ${id} and type = ${type} order by id`,
    /** Every waiting job becomes due, and is done. */
    workOff: async () => {
      await sql`update graphile_worker._private_jobs set run_at = now() where run_at > now()`;
      await server.runJobs();
    },
    /** Forgets all that was at work. */
    forgetRuns: async () => {
      await sql`delete from patchbay.reconcile_runs`;
      await sql`delete from patchbay.leases`;
      await sql`delete from patchbay.nango_budget`;
    },
    /** The pause of a run is over. */
    later: () => sql`update patchbay.reconcile_runs set resume_at = null`,
    nextMinute: () => sql`update patchbay.nango_budget set minute = minute - interval '1 minute'`,
    live: async (): Promise<number> => {
      const [row] = await sql`select count(*)::int as n from connections where status <> 'disconnected'`;
      return row?.n;
    },
    /** With so many background calls a minute, and a good part of the minute left. */
    withBudget: async <T>(calls: number, work: () => Promise<T>): Promise<T> => {
      const left = 60_000 - (Date.now() % 60_000);
      if (left < 5_000) await new Promise((resolve) => setTimeout(resolve, left + 50));
      process.env.NANGO_BACKGROUND_CALLS_PER_MINUTE = String(calls);
      resetEnv();
      try {
        return await work();
      } finally {
        process.env.NANGO_BACKGROUND_CALLS_PER_MINUTE = "10000";
        resetEnv();
      }
    },
    script: (name: string, ...args: string[]) => runScript(name, args),
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** A script in a process of its own, with the settings of this one. */
function runScript(name: string, args: string[]) {
  const root = join(import.meta.dirname, "../..");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions=react-server", join(root, `scripts/${name}.ts`), ...args],
    { cwd: root, env: { ...process.env, NODE_OPTIONS: "" } },
  );
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; output: string; errors: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, output, errors }));
  });
  return { child, ended };
}
