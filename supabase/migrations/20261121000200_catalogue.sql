-- Connectors (registered from the manifests) and people (filled at sign-in).
--
-- Promises:
--   * Registering the same manifests twice changes nothing; a connector whose manifest is gone is unlisted, never deleted.
--   * A client reads listed connectors only, and of people only their own row and the names behind connections that it sees.

create table public.connectors (
  slug text primary key check (slug ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  name text not null,
  category text not null,
  status text not null check (status in ('stable', 'beta', 'unavailable')),
  listed boolean not null default true,
  version text not null,
  auth_mode text,
  provider_key text,
  integration_key text,
  manifest jsonb not null,
  manifest_hash text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.connectors enable row level security;
alter table public.connectors force row level security;
revoke all on table public.connectors from public, anon, authenticated, service_role;
grant select (slug, name, category, status, listed, version, auth_mode) on table public.connectors to authenticated;
create policy connectors_listed on public.connectors for select to authenticated using (listed);

create table public.people (
  user_id text primary key check (user_id <> ''),
  name text,
  email text,
  image_url text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.people enable row level security;
alter table public.people force row level security;
revoke all on table public.people from public, anon, authenticated, service_role;
-- E-mail addresses stay on the server.
grant select (user_id, name, image_url) on table public.people to authenticated;

-- Input: an array of {slug, name, category, status, listed, version, auth_mode, provider_key, integration_key, manifest}.
-- Returns how many connectors were added, changed or unlisted.
create function patchbay.register_connectors(p_connectors jsonb) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_changed integer;
  v_unlisted integer;
begin
  if jsonb_typeof(p_connectors) is distinct from 'array' or jsonb_array_length(p_connectors) = 0 then
    raise exception using errcode = 'PB400', message = 'invalid_request';
  end if;
  -- Two deployments that start together register one after the other.
  perform pg_advisory_xact_lock(hashtextextended('patchbay.register_connectors', 0));
  with given as (
    select item ->> 'slug' as slug, item ->> 'name' as name, item ->> 'category' as category,
      item ->> 'status' as status, coalesce((item ->> 'listed')::boolean, true) as listed, item ->> 'version' as version,
      item ->> 'auth_mode' as auth_mode, item ->> 'provider_key' as provider_key,
      item ->> 'integration_key' as integration_key, item -> 'manifest' as manifest, md5(item::text) as manifest_hash
    from jsonb_array_elements(p_connectors) as item
  ), written as (
    insert into public.connectors as c
      (slug, name, category, status, listed, version, auth_mode, provider_key, integration_key, manifest, manifest_hash)
    select slug, name, category, status, listed, version, auth_mode, provider_key, integration_key, manifest, manifest_hash
    from given
    on conflict (slug) do update set
      name = excluded.name, category = excluded.category, status = excluded.status, listed = excluded.listed,
      version = excluded.version, auth_mode = excluded.auth_mode, provider_key = excluded.provider_key,
      integration_key = excluded.integration_key, manifest = excluded.manifest,
      manifest_hash = excluded.manifest_hash, updated_at = now()
    where c.manifest_hash <> excluded.manifest_hash or c.listed <> excluded.listed
    returning 1
  )
  select count(*) into v_changed from written;
  update public.connectors set listed = false, updated_at = now()
  where listed and slug not in (select item ->> 'slug' from jsonb_array_elements(p_connectors) as item);
  get diagnostics v_unlisted = row_count;
  return v_changed + v_unlisted;
end;
$$;

-- Called at sign-in. An unchanged person costs no write.
create function patchbay.upsert_person(p_user text, p_name text, p_email text, p_image_url text) returns void
  language sql
  set search_path = ''
as $$
  insert into public.people as p (user_id, name, email, image_url)
  values (p_user, nullif(p_name, ''), nullif(p_email, ''), nullif(p_image_url, ''))
  on conflict (user_id) do update set
    name = excluded.name, email = excluded.email, image_url = excluded.image_url, updated_at = now()
  where (p.name, p.email, p.image_url) is distinct from (excluded.name, excluded.email, excluded.image_url);
$$;

revoke all on function patchbay.register_connectors(jsonb) from public;
revoke all on function patchbay.upsert_person(text, text, text, text) from public;
