/** The product's database, for the few things that only time or an operator would bring about. */
import postgres from "postgres";
import { description } from "./product";

async function withDatabase<T>(work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const { databaseUrl } = description().supabase;
  const { hostname } = new URL(databaseUrl);
  if (hostname !== "127.0.0.1" && hostname !== "localhost") {
    throw new Error("The tests touch only a database on this machine.");
  }
  const sql = postgres(databaseUrl, { max: 1, prepare: false });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** Lets the half minute in which a disconnect can be undone be over now: the worker does the rest by itself. */
export const letUndoTimePass = (connectionId: string) =>
  withDatabase(async (sql) => {
    await sql`update public.connections set remote_delete_after = now() where id = ${connectionId}`;
    await sql`update graphile_worker._private_jobs set run_at = now() where key = ${`remote_delete:${connectionId}`}`;
  });

/** Lets so much time pass that a sign-in ends in so many days. */
export const letSignInEndIn = (connectionId: string, days: number) =>
  withDatabase(async (sql) => {
    await sql`update public.connections set expires_at = now() + make_interval(secs => ${days * 86_400})
      where id = ${connectionId}`;
  });

/** Lets so much time pass since the last look at a connection that another one can be asked for. */
export const letLastLookBeOld = (connectionId: string) =>
  withDatabase(async (sql) => {
    await sql.begin(async (sql) => {
      // History is append-only otherwise.
      await sql`alter table public.connection_events disable trigger user`;
      await sql`
        update public.connection_events set created_at = created_at - interval '1 minute'
        where connection_id = ${connectionId} and type = 'check_requested'`;
      await sql`alter table public.connection_events enable trigger user`;
      await sql`update public.connections set checked_at = checked_at - interval '1 minute' where id = ${connectionId}`;
    });
  });

/** When a connection was last looked at, once a look has ended. */
export const lastLookAt = (connectionId: string) =>
  withDatabase(async (sql) => {
    const [row] = await sql`select checked_at::text from public.connections where id = ${connectionId}`;
    return (row?.checked_at ?? null) as string | null;
  });

/** Lets the full hour come at which warnings are given of sign-ins that end. */
export const letWarningsBeGiven = () =>
  withDatabase(async (sql) => {
    await sql`select graphile_worker.add_job('warn_expiring', '{}', job_key => 'warn_expiring')`;
  });

/** Of how many days ahead the last warning of a sign-in's end was; null when none was given. */
export const lastWarningOf = (connectionId: string) =>
  withDatabase(async (sql) => {
    const [row] = await sql`select expiry_warned from public.connections where id = ${connectionId}`;
    return (row?.expiry_warned ?? null) as number | null;
  });

/** How often the tokens of a direct sign-in have been renewed; null where nothing of it is kept. */
export const renewalsOf = (connectionId: string) =>
  withDatabase(async (sql) => {
    const [row] = await sql`select version from public.oauth_credentials where connection_id = ${connectionId}`;
    return row ? (row.version as number) - 1 : null;
  });

/** What is kept of a direct sign-in beside its tokens: what was answered, and what the provider said. */
export const connectionConfigOf = (connectionId: string) =>
  withDatabase(async (sql) => {
    const [row] = await sql`
      select connection_config from public.oauth_credentials where connection_id = ${connectionId}`;
    return (row?.connection_config ?? null) as Record<string, string> | null;
  });

/** What the receipt of a disconnect says of Nango's part; null while it is not done. */
export const receiptOf = (connectionId: string) =>
  withDatabase(async (sql) => {
    const [row] = await sql`select remote_result from public.connections where id = ${connectionId}`;
    return (row?.remote_result ?? null) as string | null;
  });

/** How many tries to connect an organisation has begun. */
export const attemptsOf = (ownerId: string) =>
  withDatabase(async (sql) => {
    const [row] = await sql`select count(*)::int as tries from public.connection_attempts where owner_id = ${ownerId}`;
    return row?.tries as number;
  });

/** Blocks a connector for an organisation, as one of its admins would. */
export const blockConnector = (ownerId: string, connector: string, by: string) =>
  withDatabase(async (sql) => {
    await sql`insert into public.connector_policies (owner_id, subject_kind, subject, effect, created_by)
      values (${ownerId}, 'connector', ${connector}, 'block', ${by})`;
  });

/** Lets the seven days of a connect link go by. */
export const letLinkRunOut = (email: string) =>
  withDatabase(async (sql) => {
    await sql`update public.connect_links set expires_at = now() - interval '1 minute' where email = ${email}`;
  });
