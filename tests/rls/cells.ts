/** The cells of the matrix, from the catalogue of the database, and what happens in each through the REST API. */
import type { Sql } from "postgres";
import { type Actor, type ApiClient, actors, homes, rowOf, type Target, targets } from "./actors";
import type { Operation, Outcome } from "./allowed";

export type Relation = { name: string; schema: string; kind: "relation" | "function"; arguments: string[] };
export type Cell = { relation: Relation; operation: Operation; target: Target; actor: Actor };

/** Every table, view and function outside the system's own schemas. Functions end in (); those of public have no schema. */
export async function relationsOf(sql: Sql): Promise<Relation[]> {
  const found = await sql<
    { schema: string; name: string; kind: "relation" | "function"; arguments: string[] | null }[]
  >`
    select n.nspname as schema, c.relname as name, 'relation' as kind, null::text[] as arguments
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm', 'p', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'auth')
    union all
    select n.nspname, p.proname, 'function', p.proargnames[1:p.pronargs]
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prorettype <> 'trigger'::regtype and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'auth')
    order by 1, 2`;
  return found.map((row) => ({
    ...row,
    arguments: row.arguments ?? [],
    name: `${row.schema === "public" ? "" : `${row.schema}.`}${row.name}${row.kind === "function" ? "()" : ""}`,
  }));
}

export function cellsOf(relations: readonly Relation[]): Cell[] {
  return relations.flatMap((relation) => {
    const operations: Operation[] = relation.kind === "function" ? ["call"] : ["select", "insert", "update", "delete"];
    // Outside public it is the schema that is closed: one operation, one target and three actors tell.
    if (relation.schema !== "public") {
      const operation = operations[0] as Operation;
      return (["anon", "ada", "service"] as const).map((actor) => ({
        relation,
        operation,
        target: "own" as const,
        actor,
      }));
    }
    return operations.flatMap((operation) =>
      // Writing a colleague's row is no other question than writing one's own.
      targets
        .filter((target) => target !== "private" || operation === "select" || operation === "call")
        .flatMap((target) => actors.map((actor) => ({ relation, operation, target, actor }))),
    );
  });
}

type Answer = { data: unknown; error: { code?: string } | null; status: number };

/** Does it, as the actor, and says how it ended. */
export async function outcomeOf(cell: Cell, client: ApiClient): Promise<Outcome | `error ${string}`> {
  const answer = (await attempt(cell, client)) as Answer;
  if (answer.error) {
    const { code } = answer.error;
    // 42501: no right to it. 401: no identity. PGRST106, 125, 202 and 205: a schema, table or function that is not exposed.
    const refused =
      answer.status === 401 || ["42501", "PGRST106", "PGRST125", "PGRST202", "PGRST205"].includes(code ?? "");
    return refused ? "denied" : `error ${answer.status} ${code}`;
  }
  if (typeof answer.data === "boolean") return answer.data ? "yes" : "no";
  if (Array.isArray(answer.data)) return answer.data.length ? "row" : "none";
  return answer.data === null ? "none" : "row";
}

function attempt({ relation, operation, target, actor }: Cell, client: ApiClient): PromiseLike<unknown> {
  const name = relation.name.replace(/^\w+\./, "").replace("()", "");
  const api = relation.schema === "public" ? client : client.schema(relation.schema as "public");
  if (operation === "call") return api.rpc(name, argumentsOf(relation, target, actor));
  const table = api.from(name);
  if (relation.schema !== "public") return table.select("*").limit(1);
  const [column, value] = rowOf(relation.name, actor, target);
  switch (operation) {
    case "select":
      return table.select(column).eq(column, value);
    case "insert":
      return table.insert(newRow(relation.name, actor, target));
    case "update":
      return table.update(generated[relation.name] ?? { [column]: value }).eq(column, value);
    default:
      return table.delete().eq(column, value);
  }
}

/** What to change where the key is the database's to give: it would say so before it looks at rights. */
const generated: Record<string, Record<string, unknown>> = {
  webhook_deliveries: { type: "x" },
  notices: { seen_at: "2026-01-01T00:00:00Z" },
};

/** A row that nothing but the missing right keeps out. */
function newRow(relation: string, actor: Actor, target: Target): Record<string, unknown> {
  const { user } = homes[actor];
  const owner = target === "other" ? "org_stolen" : homes[actor].owner;
  const unique = `${actor}-${target}`;
  const rows: Record<string, Record<string, unknown>> = {
    connectors: {
      slug: `x-${unique}`.replace("_", "-"),
      name: "X",
      category: "ai",
      status: "stable",
      version: "1",
      manifest: {},
      manifest_hash: "x",
    },
    people: { user_id: `x-${unique}`, name: "X" },
    connections: {
      owner_id: owner,
      connector: "github",
      integration_key: "github",
      nango_connection_id: unique,
      status: "connected",
      number: 99,
      connected_by: user,
    },
    connection_events: { owner_id: owner, type: "connected", actor_kind: "person", actor_id: user },
    connection_attempts: {
      owner_id: owner,
      started_by: user,
      connector: "github",
      integration_key: "github",
      visibility: "everyone",
      instance: "test",
    },
    connector_policies: {
      owner_id: owner,
      subject_kind: "category",
      subject: unique,
      effect: "allow",
      created_by: user,
    },
    quarantined_connections: {
      owner_id: owner,
      integration_key: "github",
      nango_connection_id: unique,
      reason_code: "attempt_used",
    },
    notices: { owner_id: owner, user_id: user, event_id: 99, kind: "recovered", connector: "github" },
    connect_links: {
      owner_id: owner,
      created_by: user,
      connector: "github",
      email: "a@b.test",
      token_hash: "\\x00",
    },
    oauth_credentials: {
      connection_id: rowOf("connections", actor, "private")[1],
      owner_id: owner,
      key_id: "k1",
      access_token: "\\x00",
    },
    oauth_states: {
      state_hash: `\\x${"00".repeat(32)}`,
      attempt_id: rowOf("connection_attempts", actor, "own")[1],
      owner_id: owner,
      user_id: user,
      browser_hash: `\\x${"00".repeat(32)}`,
      redirect_uri: "http://localhost",
      expires_at: "2030-01-01T00:00:00Z",
    },
    action_usage: {
      connection_id: rowOf("connections", actor, "private")[1],
      action: "x",
      day: "2026-01-01",
      owner_id: owner,
    },
    webhook_deliveries: { body_sha256: "\\x00", body: "\\x00" },
    api_keys: { owner_id: owner, created_by: user, name: "X", prefix: "x", key_hash: `\\x${"00".repeat(32)}` },
    departures: { owner_id: owner, user_id: user, why: "left" },
    clerk_deliveries: { svix_id: unique, type: "x" },
  };
  const row = rows[relation];
  if (!row) throw new Error(`tests/rls/cells.ts has no row to insert into ${relation}`);
  return row;
}

/** own: what the server would pass for the actor. private: a colleague's row. other: another owner, named outright. */
function argumentsOf(relation: Relation, target: Target, actor: Actor): Record<string, unknown> {
  const { owner, user } = homes[actor];
  const globex = owner === "org_globex";
  const [, connection] = rowOf("connections", actor, target);
  const values: Record<string, unknown> = {
    p_owner: target === "other" ? (globex ? "org_acme" : "org_globex") : owner,
    p_user:
      target === "other"
        ? globex
          ? "user_grace"
          : "user_katherine"
        : target === "private"
          ? globex
            ? "user_edith"
            : "user_vera"
          : user,
    p_id: connection,
    p_connection: connection,
    p_connector: "github",
  };
  const optional = new Set(["list_connections()"]);
  return Object.fromEntries(
    relation.arguments
      .filter((name) => values[name] !== undefined && !(optional.has(relation.name) && name === "p_connector"))
      .map((name) => [name, values[name]]),
  );
}
