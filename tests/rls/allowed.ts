/**
 * Who may do what: written by hand, compared with what happens. The list of cells comes from the database's catalogue, so
 * a table, view or function without a line here fails the suite.
 *
 *   row     answered, with the row        none    answered, without it        denied  refused
 *   yes/no  the answer of a function that says so
 */
import type { Actor, Target } from "./actors";

export type Operation = "select" | "insert" | "update" | "delete" | "call";
export type Outcome = "row" | "none" | "denied" | "yes" | "no";

const lines = `
relation                         operation                    target             anon   mary   grace  ada    joan   katherine dorothy v1     expired forged foreign no_role root   service
connectors                       select                       own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
connectors                       select                       private,other      denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
people                           select                       own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
people                           select                       private,other      denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
connections                      select                       own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
connections                      select                       private,other      denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
connection_events                select                       own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
connection_events                select                       private,other      denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
connection_attempts              select                       own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
connection_attempts              select                       private,other      denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
notices                          select                       own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
notices                          select                       private,other      denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
connector_policies               select                       own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
connector_policies               select                       other              denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
connector_policies               select                       private            denied row    none   none   none   none      none    none   denied  denied denied  denied  denied denied
quarantined_connections          select                       own,private,other  denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
connect_links                    select                       own,private,other  denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
oauth_credentials                select                       own,private,other  denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
oauth_states                     select                       own,private,other  denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
action_usage                     select                       own,private,other  denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
webhook_deliveries               select                       own,private,other  denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
api_keys                         select                       own,private,other  denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
departures                       select                       own,private,other  denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
clerk_deliveries                 select                       own,private,other  denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
connectors                       insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
people                           insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
connections                      insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
connection_events                insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
connection_attempts              insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
notices                          insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
connector_policies               insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
quarantined_connections          insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
api_keys                         insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
departures                       insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
clerk_deliveries                 insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
connect_links                    insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
oauth_credentials                insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
oauth_states                     insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
action_usage                     insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
webhook_deliveries               insert,update,delete         own,other          denied denied denied denied denied denied    denied  denied denied  denied denied  denied  denied denied
requesting_owner_id()            call                         own,private,other  denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
requesting_user_id()             call                         own,private,other  denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
list_connections()               call                         own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
list_connections()               call                         private,other      denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
connection_counts()              call                         own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
connection_counts()              call                         other              denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
connection_counts()              call                         private            denied none   row    row    row    row       row     row    denied  denied denied  denied  denied denied
list_connection_events()         call                         own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
list_connection_events()         call                         private,other      denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
list_notices()                   call                         own                denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
list_notices()                   call                         private,other      denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
may_connect()                    call                         own,private        denied no     no     no     no     no        no      no     denied  denied denied  denied  denied denied
may_connect()                    call                         other              denied yes    yes    yes    yes    yes       yes     yes    denied  denied denied  denied  denied denied
blocked_connectors()             call                         own,private        denied row    row    row    row    row       row     row    denied  denied denied  denied  denied denied
blocked_connectors()             call                         other              denied none   none   none   none   none      none    none   denied  denied denied  denied  denied denied
patchbay.*                       select,insert,update,delete,call own,private,other denied denied denied denied denied denied denied  denied denied  denied denied  denied  denied denied
graphile_worker.*                select,insert,update,delete,call own,private,other denied denied denied denied denied denied denied  denied denied  denied denied  denied  denied denied
supabase_migrations.*            select,insert,update,delete,call own,private,other denied denied denied denied denied denied denied  denied denied  denied denied  denied  denied denied
`;

const table = new Map<string, Outcome>();
const [header = "", ...rules] = lines.trim().split("\n");
const columns = header.split(/\s+/).slice(3) as Actor[];
for (const line of rules) {
  const [relation = "", operations = "", where = "", ...outcomes] = line.split(/\s+/);
  for (const operation of operations.split(",")) {
    for (const target of where.split(",")) {
      for (const [index, actor] of columns.entries()) {
        const cell = `${relation} ${operation} ${target} ${actor}`;
        if (table.has(cell)) throw new Error(`two lines in tests/rls/allowed.ts for ${cell}`);
        table.set(cell, outcomes[index] as Outcome);
      }
    }
  }
}

/** What the table says of a cell; undefined when it has no line. */
export function allowed(relation: string, operation: Operation, target: Target, actor: Actor): Outcome | undefined {
  const schema = /^(\w+)\./.exec(relation)?.[1];
  return table.get(`${schema ? `${schema}.*` : relation} ${operation} ${target} ${actor}`);
}

/** Lines that name something which no longer exists. */
export function unusedLines(relations: readonly string[]): string[] {
  const known = new Set(relations.flatMap((name) => [name, name.replace(/\..*/, ".*")]));
  return [...new Set([...table.keys()].map((cell) => cell.split(" ")[0] as string))].filter((name) => !known.has(name));
}

/** Columns that the role authenticated may read. Every other column must be refused. */
export const readableColumns: Record<string, string[]> = {
  connectors: ["slug", "name", "category", "status", "listed", "version", "auth_mode"],
  people: ["user_id", "name", "image_url"],
  connections: [
    ...["id", "owner_id", "visibility", "connector", "auth_method", "status", "reason_code", "suspect_since"],
    ...["account_id", "account_name", "label", "is_default", "number", "scopes_requested", "scopes_granted"],
    ...["connected_by", "connected_at", "disconnected_at", "disconnected_by", "last_used_at", "last_synced_at"],
    ...["expires_at", "remote_delete_after", "remote_delete_started_at", "remote_deleted_at", "remote_result"],
    ...["upstream_result", "created_at", "updated_at", "signed_in_at", "checked_at", "looking_since"],
    ...["credentials_readable", "found_account_id", "found_account_name", "error_count"],
    ...["contact_id", "person_left_at", "sign_in_left"],
  ],
  connection_events: [
    "id",
    "owner_id",
    "connection_id",
    "type",
    "reason_code",
    "actor_kind",
    "actor_id",
    "data",
    "created_at",
  ],
  connection_attempts: [
    ...[
      "id",
      "owner_id",
      "started_by",
      "connector",
      "visibility",
      "connection_id",
      "is_reconnect",
      "status",
      "outcome",
    ],
    ...["session_expires_at", "ended_at", "created_at", "updated_at", "auth_method"],
  ],
  notices: [
    ...["id", "owner_id", "user_id", "kind", "connection_id", "connector", "account", "reason_code", "days"],
    ...["created_at", "seen_at", "departure_id", "person", "count"],
  ],
  connector_policies: ["id", "owner_id", "subject_kind", "subject", "effect", "created_by", "created_at"],
  quarantined_connections: [],
  api_keys: [],
  departures: [],
  clerk_deliveries: [],
  connect_links: [],
  oauth_credentials: [],
  oauth_states: [],
  action_usage: [],
  webhook_deliveries: [],
};
