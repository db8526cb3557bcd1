-- Keys of the API, how often a caller may ask, and requests that run once.
--
-- Promises:
--   * A key is found by its digest; what is revoked or past its end is not found. Nothing here gives a key back.
--   * A key sees and changes what is everyone's in its organisation, never its maker's only-me connections there; what it
--     changes is in the history as its maker's deed, with the key's name beside it.
--   * Members see and revoke their own keys, administrators all of the owner; to anybody else a key's id is unknown.
--   * Requests are counted per key, person and owner over all processes. One that is refused is counted nowhere, so that a
--     key beyond its own limit does not use up its owner's.
--   * Of requests with the same name one runs. What is kept of its answer cannot be read here.
--   * No client role reads or writes any of it.

-- Keys.

create function patchbay.make_api_key(
  p_owner text, p_user text, p_name text, p_prefix text, p_key_hash bytea, p_scopes text[], p_expires_at timestamptz
) returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_id uuid;
begin
  insert into public.people (user_id) values (p_user) on conflict do nothing;
  if (select count(*) from public.api_keys k
      where k.owner_id = p_owner and k.created_by = p_user and k.revoked_at is null
        and (k.expires_at is null or k.expires_at > now())) >= 50 then
    perform patchbay.refuse('too_many_keys');
  end if;
  insert into public.api_keys (owner_id, created_by, name, prefix, key_hash, scopes, expires_at)
  values (p_owner, p_user, p_name, p_prefix, p_key_hash, p_scopes, p_expires_at)
  returning id into v_id;
  return v_id;
end;
$$;

-- Newest first, revoked ones among them. p_id picks one. p_before_at and p_before_id continue after the last row of the page
-- before.
create function patchbay.list_api_keys(
  p_owner text, p_user text, p_is_admin boolean, p_id uuid default null,
  p_before_at timestamptz default null, p_before_id uuid default null, p_limit integer default 50
) returns table (
  id uuid, name text, prefix text, scopes text[], created_by text, person_name text, created_at timestamptz,
  expires_at timestamptz, last_used_at timestamptz, revoked_at timestamptz, revoked_by text, revoked_why text,
  total_count bigint
)
  language sql stable
  set search_path = ''
as $$
  select k.id, k.name, k.prefix, k.scopes, k.created_by, p.name, k.created_at, k.expires_at, k.last_used_at, k.revoked_at,
    k.revoked_by, k.revoked_why,
    (select count(*) from public.api_keys t
      where t.owner_id = p_owner and (t.created_by = p_user or p_is_admin) and (p_id is null or t.id = p_id))
  from public.api_keys k
  left join public.people p on p.user_id = k.created_by
  where k.owner_id = p_owner and (k.created_by = p_user or p_is_admin) and (p_id is null or k.id = p_id)
    and (p_before_at is null or (k.created_at, k.id) < (p_before_at, p_before_id))
  order by k.created_at desc, k.id desc
  limit p_limit;
$$;

-- Revoking twice is no error. Refuses not_found.
create function patchbay.revoke_api_key(p_owner text, p_user text, p_is_admin boolean, p_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update public.api_keys k set revoked_at = coalesce(k.revoked_at, now()),
    revoked_by = case when k.revoked_at is null then p_user else k.revoked_by end,
    revoked_why = coalesce(k.revoked_why, 'by_person')
  where k.id = p_id and k.owner_id = p_owner and (k.created_by = p_user or p_is_admin);
  if not found then
    perform patchbay.refuse('not_found');
  end if;
end;
$$;

-- Limits. Not logged: after a crash counting begins anew, and no request waits for a disk.

create unlogged table patchbay.request_counts (
  bucket text primary key,
  -- Of the minute that is counted.
  started_at timestamptz not null default now(),
  count integer not null default 1
) with (fillfactor = 50);
create index request_counts_started on patchbay.request_counts (started_at);
alter table patchbay.request_counts enable row level security;
alter table patchbay.request_counts force row level security;

-- Counts a request of a person for an owner, by a key if p_key names one. Always in this order: two requests that wait for
-- each other's rows would wait for ever.
create function patchbay.count_request(
  p_owner text, p_user text, p_person_quota integer, p_owner_quota integer, p_key uuid default null,
  p_key_quota integer default null
) returns table (name text, quota integer, remaining integer, reset_in integer, refused boolean)
  language plpgsql
  set search_path = ''
as $$
declare
  v_names text[] := array['key', 'person', 'owner'];
  v_buckets text[] := array['key:' || p_key::text, 'person:' || p_user, 'owner:' || p_owner];
  v_quotas integer[] := array[p_key_quota, p_person_quota, p_owner_quota];
  v_count integer;
  v_started timestamptz;
  v_refused boolean := false;
begin
  for n in 1..3 loop
    continue when v_buckets[n] is null;
    insert into patchbay.request_counts as c (bucket) values (v_buckets[n])
    on conflict (bucket) do update set
      count = case when c.started_at > now() - interval '1 minute' then c.count + 1 else 1 end,
      started_at = case when c.started_at > now() - interval '1 minute' then c.started_at else now() end
    returning c.count, c.started_at into v_count, v_started;
    name := v_names[n];
    quota := v_quotas[n];
    remaining := greatest(quota - v_count, 0);
    reset_in := greatest(ceil(extract(epoch from v_started + interval '1 minute' - now())), 1);
    refused := v_count > quota;
    v_refused := v_refused or refused;
    return next;
  end loop;
  if v_refused then
    update patchbay.request_counts c set count = c.count - 1 where c.bucket = any (v_buckets);
  end if;
end;
$$;

-- The key of a digest, if it may be used now, and the request counted. Without quotas nothing is counted.
create function patchbay.admit_key(
  p_key_hash bytea, p_key_quota integer, p_person_quota integer, p_owner_quota integer
) returns table (id uuid, prefix text, owner_id text, created_by text, scopes text[], counts jsonb)
  language plpgsql
  set search_path = ''
as $$
declare
  v_key public.api_keys;
  v_counts jsonb;
begin
  select * into v_key from public.api_keys k
  where k.key_hash = p_key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
  if not found then
    return;
  end if;
  if v_key.last_used_at is null or v_key.last_used_at < now() - interval '1 minute' then
    -- Whoever revokes it or writes the same at this moment need not be waited for.
    update public.api_keys k set last_used_at = now()
    where k.id = (select o.id from public.api_keys o where o.id = v_key.id for update skip locked);
  end if;
  if p_key_quota is not null then
    select jsonb_agg(to_jsonb(c)) into v_counts
    from patchbay.count_request(v_key.owner_id, v_key.created_by, p_person_quota, p_owner_quota, v_key.id, p_key_quota) c;
  end if;
  return query select v_key.id, v_key.prefix, v_key.owner_id, v_key.created_by, v_key.scopes, v_counts;
end;
$$;

-- Requests that run once.

create table patchbay.idempotent_requests (
  owner_id text not null check (owner_id <> ''),
  -- The person or the key that asked.
  caller text not null check (caller <> ''),
  -- Of method, path and Idempotency-Key.
  key_hash bytea not null check (octet_length(key_hash) = 32),
  -- Of what else makes it the same request.
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  run_id uuid not null default gen_random_uuid(),
  started_at timestamptz not null default now(),
  -- Of its answer; null while it runs.
  status integer,
  -- Encrypted under the Idempotency-Key; null with a status: not kept.
  answer bytea,
  primary key (owner_id, caller, key_hash)
);
create index idempotent_requests_started on patchbay.idempotent_requests (started_at);
alter table patchbay.idempotent_requests enable row level security;
alter table patchbay.idempotent_requests force row level security;

-- started: it is the caller's to run, as run_id. One that is a day old is forgotten; one that has run for two minutes died
-- with its process, and runs again: no request takes longer than one.
create function patchbay.begin_request(p_owner text, p_caller text, p_key_hash bytea, p_fingerprint bytea)
  returns table (state text, run_id uuid, status integer, answer bytea)
  language plpgsql
  set search_path = ''
as $$
declare
  v_run uuid;
  v_row patchbay.idempotent_requests;
begin
  insert into patchbay.idempotent_requests as r (owner_id, caller, key_hash, fingerprint)
  values (p_owner, p_caller, p_key_hash, p_fingerprint)
  on conflict (owner_id, caller, key_hash) do update set
    fingerprint = excluded.fingerprint, run_id = excluded.run_id, started_at = now(), status = null, answer = null
  where r.started_at < now() - interval '24 hours'
    or (r.status is null and r.fingerprint = excluded.fingerprint and r.started_at < now() - interval '2 minutes')
  returning r.run_id into v_run;
  if v_run is not null then
    return query select 'started', v_run, null::integer, null::bytea;
    return;
  end if;
  select * into v_row from patchbay.idempotent_requests r
  where r.owner_id = p_owner and r.caller = p_caller and r.key_hash = p_key_hash;
  return query select
    case when v_row.fingerprint <> p_fingerprint then 'mismatch'
      when v_row.status is null then 'running'
      when v_row.answer is null then 'spent'
      else 'kept' end,
    null::uuid, v_row.status, case when v_row.fingerprint = p_fingerprint then v_row.answer end;
end;
$$;

-- p_status null: as if it had never begun.
create function patchbay.end_request(
  p_owner text, p_caller text, p_key_hash bytea, p_run uuid, p_status integer, p_answer bytea
) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  if p_status is null then
    delete from patchbay.idempotent_requests r
    where r.owner_id = p_owner and r.caller = p_caller and r.key_hash = p_key_hash and r.run_id = p_run;
  else
    update patchbay.idempotent_requests r set status = p_status, answer = p_answer
    where r.owner_id = p_owner and r.caller = p_caller and r.key_hash = p_key_hash and r.run_id = p_run;
  end if;
end;
$$;

-- Retention: counts of an hour ago, and requests that are a day old. p_days is what other things are kept for.
create function patchbay.forget_counts(p_days integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from patchbay.request_counts where bucket in (
    select c.bucket from patchbay.request_counts c
    where c.started_at < now() - least(make_interval(days => p_days), interval '1 hour')
    order by c.started_at limit p_limit for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

create function patchbay.forget_requests(p_days integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from patchbay.idempotent_requests where run_id in (
    select r.run_id from patchbay.idempotent_requests r
    where r.started_at < now() - least(make_interval(days => p_days), interval '24 hours')
    order by r.started_at limit p_limit for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
create index idempotent_requests_run on patchbay.idempotent_requests (run_id);

revoke all on table patchbay.request_counts, patchbay.idempotent_requests from public, anon, authenticated, service_role;

-- What a key does.

-- The prefix of the key that this transaction runs for; null for a person's own.
create function patchbay.via_key() returns text
  language sql stable
  set search_path = ''
as $$
  select nullif(current_setting('patchbay.via_key', true), '');
$$;

-- As before, and what is only somebody's own inside an organisation is unknown to a key.
create or replace function patchbay.lock_managed(p_owner text, p_user text, p_is_admin boolean, p_id uuid)
  returns public.connections
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
begin
  -- Whose it is counts once nobody can change it any more: it may become somebody's alone while the lock is waited for.
  perform patchbay.lock_owner_connector(p_owner, (select connector from public.connections where id = p_id));
  select * into v_row from public.connections c
  where c.id = p_id and patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user)
  for update;
  if not found
    or (v_row.visibility <> 'everyone' and v_row.owner_id <> p_user and patchbay.via_key() is not null) then
    perform patchbay.refuse('not_found');
  elsif v_row.connected_by <> p_user and v_row.owner_id <> p_user and not coalesce(p_is_admin, false) then
    perform patchbay.refuse('forbidden');
  end if;
  return v_row;
end;
$$;

create function patchbay.name_key() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.data := coalesce(new.data, '{}') || jsonb_build_object('via', 'key', 'key', patchbay.via_key());
  return new;
end;
$$;
create trigger connection_events_name_key before insert on public.connection_events
  for each row when (new.actor_kind = 'person' and current_setting('patchbay.via_key', true) <> '')
  execute function patchbay.name_key();

revoke execute on all functions in schema patchbay from public;
