/**
 * What hosted Supabase has before the first migration: its roles, their default grants and schema auth.
 *
 * Attributes and grants are those of a hosted project, least friendly ones included: whatever a migration makes in
 * public is open to anon and authenticated until it says otherwise.
 */
import postgres from "postgres";

const roles = (password: string) => `
  create role anon nologin noinherit;
  create role authenticated nologin noinherit;
  create role service_role nologin noinherit bypassrls;
  create role authenticator login noinherit password '${password}';
  grant anon, authenticated, service_role to authenticator;
  create role postgres login createdb createrole replication bypassrls password '${password}';
  grant anon, authenticated, service_role to postgres with admin option;
  grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
`;

const database = `
  grant all on schema public to postgres, anon, authenticated, service_role;
  alter default privileges for role postgres in schema public
    grant all on tables to postgres, anon, authenticated, service_role;
  alter default privileges for role postgres in schema public
    grant all on sequences to postgres, anon, authenticated, service_role;
  alter default privileges for role postgres in schema public
    grant all on functions to postgres, anon, authenticated, service_role;

  create schema auth authorization supabase_admin;
  grant usage on schema auth to postgres, anon, authenticated, service_role;
  create function auth.jwt() returns jsonb language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claim', true), ''),
      nullif(current_setting('request.jwt.claims', true), ''))::jsonb $$;
  create function auth.uid() returns uuid language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
  create function auth.role() returns text language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')::text $$;
`;

/** Makes roles and schema where they are missing. @param url as the superuser, into the database to prepare */
export async function bootstrap(url: string, password: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('patchbay.bootstrap'))`;
      const [found] = await tx`select
        exists (select 1 from pg_roles where rolname = 'authenticator') as roles,
        exists (select 1 from pg_namespace where nspname = 'auth') as auth,
        current_database() as name`;
      if (!found?.roles) await tx.unsafe(roles(password));
      if (!found?.auth) {
        await tx.unsafe(`alter database "${found?.name}" owner to postgres`);
        await tx.unsafe(database);
      }
    });
  } finally {
    await sql.end();
  }
}
