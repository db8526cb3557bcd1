-- Direct OAuth: sign-ins that go from us to the provider, for connectors without Nango and where Nango is not used.
--
-- Promises:
--   * Tokens, refresh tokens and PKCE verifiers are here as AES-256-GCM ciphertext alone, with the id of their key. No
--     client role may read or write them.
--   * A state is bound to the attempt, to the browser that began it and to one redirect URI, lives ten minutes, and is
--     used up by the statement that looks it up.
--   * What completes is applied as Nango's word is (patchbay.apply_facts): the same verdicts, events and jobs. Tokens are
--     kept only where the verdict is applied, in the same transaction.
--   * One refresh of a connection at a time: whoever asks the provider holds the row's lock. Tokens are locked before their
--     connection, never after it: a renewal that lost a deadlock would lose a refresh token that works once.
--   * A sign-in that came back ends its attempt, whatever became of it.
--   * Nothing that asks Nango about its connections takes a direct one, and no direct row comes from Nango's word.

-- The integration key says which way it is: Nango's own hold no slash.
alter table public.connection_attempts
  add column auth_method text not null
    generated always as (case when starts_with(integration_key, 'direct/') then 'direct' else 'nango' end) stored;
grant select (auth_method) on table public.connection_attempts to authenticated;

-- As before, but a connector that the catalogue does not show can be connected directly: it is registered without being
-- one of those that Nango serves. Refuses unknown_connector, connector_unavailable, connector_blocked.
create or replace function patchbay.start_attempt(
  p_owner text, p_user text, p_connector text, p_integration_key text, p_visibility text, p_instance text
) returns setof public.connection_attempts
  language plpgsql
  set search_path = ''
as $$
declare
  v_status text;
begin
  select status into v_status from public.connectors
  where slug = p_connector and (listed or starts_with(p_integration_key, 'direct/'));
  if v_status is null then
    perform patchbay.refuse('unknown_connector');
  elsif v_status = 'unavailable' then
    perform patchbay.refuse('connector_unavailable');
  elsif not public.may_connect(p_owner, p_connector) then
    perform patchbay.refuse('connector_blocked');
  end if;
  -- Somebody who calls the API before any page was drawn has no row yet.
  insert into public.people (user_id) values (p_user) on conflict do nothing;
  return query
    insert into public.connection_attempts (owner_id, started_by, connector, integration_key, visibility, instance)
    values (p_owner, p_user, p_connector, p_integration_key, p_visibility, p_instance)
    returning *;
end;
$$;

-- A direct connection has the id of the attempt that made it, also in place of Nango's: so it is known before the row is,
-- and its tokens can be encrypted for this connection and no other.
create function patchbay.mark_direct() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.id := new.nango_connection_id::uuid;
  new.auth_method := 'direct';
  return new;
end;
$$;
create trigger connections_mark_direct before insert on public.connections
  for each row when (starts_with(new.integration_key, 'direct/')) execute function patchbay.mark_direct();
alter table public.connections add constraint connections_direct_key
  check ((auth_method = 'direct') = starts_with(integration_key, 'direct/'));

create table public.oauth_credentials (
  connection_id uuid primary key references public.connections (id) on delete cascade,
  owner_id text not null check (owner_id <> ''),
  key_id text not null check (key_id <> ''),
  access_token bytea not null,
  refresh_token bytea,
  -- Of the access token; null: the provider names no end.
  expires_at timestamptz,
  -- Counts the tokens, not the keys that they are encrypted with.
  version integer not null default 1,
  -- The provider refused the refresh token for good: it is not sent again but by a look.
  refresh_refused_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- For the rotation of keys.
create index oauth_credentials_key on public.oauth_credentials (key_id, connection_id);

create table public.oauth_states (
  state_hash bytea primary key check (octet_length(state_hash) = 32),
  attempt_id uuid not null unique references public.connection_attempts (id) on delete cascade,
  owner_id text not null check (owner_id <> ''),
  user_id text not null check (user_id <> ''),
  browser_hash bytea not null check (octet_length(browser_hash) = 32),
  key_id text,
  -- PKCE's; null where the provider does without.
  verifier bytea,
  redirect_uri text not null,
  -- Where the person was, for a sign-in in the same window.
  return_to text,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  check ((verifier is null) = (key_id is null))
);
create index oauth_states_over on public.oauth_states (expires_at);

alter table public.oauth_credentials enable row level security;
alter table public.oauth_credentials force row level security;
alter table public.oauth_states enable row level security;
alter table public.oauth_states force row level security;
revoke all on table public.oauth_credentials, public.oauth_states from public, anon, authenticated, service_role;

-- The state of an open direct attempt of the caller's own. Returns its end; null when the attempt is over, is not the
-- caller's, or has a state already.
create function patchbay.start_direct(
  p_owner text, p_user text, p_attempt uuid, p_state_hash bytea, p_browser_hash bytea, p_key_id text, p_verifier bytea,
  p_redirect_uri text, p_return_to text
) returns timestamptz
  language plpgsql
  set search_path = ''
as $$
declare
  v_expires_at timestamptz := now() + interval '10 minutes';
begin
  update public.connection_attempts set session_expires_at = v_expires_at, updated_at = now()
  where id = p_attempt and owner_id = p_owner and started_by = p_user and status = 'open' and auth_method = 'direct'
    and not exists (select 1 from public.oauth_states s where s.attempt_id = p_attempt);
  if not found then
    return null;
  end if;
  insert into public.oauth_states (state_hash, attempt_id, owner_id, user_id, browser_hash, key_id, verifier,
    redirect_uri, return_to, expires_at)
  values (p_state_hash, p_attempt, p_owner, p_user, p_browser_hash, p_key_id, p_verifier, p_redirect_uri, p_return_to,
    v_expires_at);
  return v_expires_at;
end;
$$;

-- Uses a state up, whoever comes with it: one that was seen by another browser is not worth a second try. p_browsers:
-- hashes of what that browser brought. Nothing is returned for a state that is unknown, used, or too old.
create function patchbay.use_state(p_state_hash bytea, p_browsers bytea[])
  returns table (
    attempt_id uuid, same_browser boolean, key_id text, verifier bytea, redirect_uri text, return_to text,
    connector text, status text, is_reconnect boolean, connection_id uuid)
  language sql
  set search_path = ''
as $$
  update public.oauth_states s set used_at = now()
  from public.connection_attempts a
  where s.state_hash = p_state_hash and s.used_at is null and s.expires_at > now() and a.id = s.attempt_id
  returning s.attempt_id, s.browser_hash = any (p_browsers), s.key_id, s.verifier, s.redirect_uri, s.return_to,
    a.connector, a.status, a.is_reconnect, a.connection_id;
$$;

-- The sign-in came to nothing. p_outcome: denied, failed, not_configured or direct_unavailable. One that is over stays as
-- it is.
create function patchbay.fail_direct(p_attempt uuid, p_outcome text) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  update public.connection_attempts set status = 'failed', outcome = p_outcome, ended_at = now(), updated_at = now()
  where id = p_attempt and auth_method = 'direct' and status in ('open', 'abandoned', 'failed');
  return found;
end;
$$;

-- The caller's own attempt, as before: one whose time is over is made expired on the way. One that came back a minute ago
-- and is open still has failed: whoever was to say so could not.
create or replace function patchbay.get_attempt(p_owner text, p_user text, p_id uuid)
  returns setof public.connection_attempts
  language plpgsql
  set search_path = ''
as $$
begin
  update public.connection_attempts a
  set status = case when patchbay.claimable_until(a) < now() then 'expired' else 'failed' end,
    outcome = case when patchbay.claimable_until(a) < now() then 'expired' else 'failed' end,
    session_token = null, ended_at = now(), updated_at = now()
  where a.id = p_id and a.owner_id = p_owner and a.started_by = p_user and a.status in ('open', 'abandoned')
    and (patchbay.claimable_until(a) < now() or exists (
      select 1 from public.oauth_states s where s.attempt_id = p_id and s.used_at < now() - interval '1 minute'));
  return query select * from public.connection_attempts
    where id = p_id and owner_id = p_owner and started_by = p_user;
end;
$$;

-- The sign-in came to tokens. p_facts: {instance, scopes_requested, scopes_granted, expires_at (the end of the sign-in,
-- or null), sign_in_days}. Returns {verdict, reason, connection_id}: applied, and the tokens are kept; anything else, and
-- they are not, and the attempt has failed. refused(attempt_cancelled | attempt_used | attempt_expired),
-- ignored(tombstone).
create function patchbay.complete_direct(
  p_attempt uuid, p_facts jsonb, p_key_id text, p_access bytea, p_refresh bytea, p_access_expires_at timestamptz
) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_attempt public.connection_attempts;
  v_id uuid;
  v_reason text;
  v_result jsonb;
begin
  select * into v_attempt from public.connection_attempts where id = p_attempt and auth_method = 'direct';
  v_id := case when v_attempt.is_reconnect then v_attempt.connection_id else v_attempt.id end;
  if v_id is null then
    return jsonb_build_object('verdict', 'refused', 'reason', 'unknown_attempt', 'connection_id', null);
  end if;
  perform patchbay.lock_nango_connection(v_attempt.integration_key, v_id::text);
  perform 1 from patchbay.credentials_of(v_id, true);
  select * into v_attempt from public.connection_attempts where id = p_attempt for update;
  v_reason := case
    when v_attempt.status = 'cancelled' then 'attempt_cancelled'
    when v_attempt.status = 'confirmed' then 'attempt_used'
    when v_attempt.status = 'expired' or patchbay.claimable_until(v_attempt) < now() then 'attempt_expired' end;
  if v_reason is not null then
    return jsonb_build_object('verdict', 'refused', 'reason', v_reason, 'connection_id', null);
  end if;
  v_result := patchbay.apply_facts(
    jsonb_build_object('expires_at', null) || p_facts || jsonb_build_object(
      'integration_key', v_attempt.integration_key, 'connection_id', v_id, 'auth_error', false, 'pending', false,
      'credentials_readable', true,
      'tags', jsonb_strip_nulls(jsonb_build_object(
        'organization_id', case when v_attempt.owner_id <> v_attempt.started_by then v_attempt.owner_id end,
        'end_user_id', v_attempt.started_by, 'connector', v_attempt.connector, 'attempt_id', v_attempt.id,
        'instance', v_attempt.instance))),
    'page', v_attempt.id);
  if v_result ->> 'verdict' = 'applied' then
    insert into public.oauth_credentials as k
      (connection_id, owner_id, key_id, access_token, refresh_token, expires_at)
    values (v_id, v_attempt.owner_id, p_key_id, p_access, p_refresh, p_access_expires_at)
    on conflict (connection_id) do update set key_id = excluded.key_id, access_token = excluded.access_token,
      refresh_token = excluded.refresh_token, expires_at = excluded.expires_at, version = k.version + 1,
      refresh_refused_at = null, updated_at = now();
  else
    perform patchbay.fail_direct(p_attempt, 'failed');
  end if;
  return v_result;
end;
$$;

-- The tokens of a connection, encrypted. p_lock: held until the transaction ends, so that one caller at a time asks the
-- provider; whoever waits for more than ten seconds gives up and comes again.
create function patchbay.credentials_of(p_connection uuid, p_lock boolean default false)
  returns setof public.oauth_credentials
  language plpgsql
  set search_path = ''
  set lock_timeout = '10s'
as $$
begin
  if p_lock then
    return query select * from public.oauth_credentials where connection_id = p_connection for update;
  else
    return query select * from public.oauth_credentials where connection_id = p_connection;
  end if;
end;
$$;

-- A refresh succeeded. p_refresh: the new refresh token, or the old one again where the provider gave none. p_scopes: what
-- may be done with the new token, where the provider says so; null: the same as before.
create function patchbay.keep_refreshed(
  p_connection uuid, p_version integer, p_key_id text, p_access bytea, p_refresh bytea, p_expires_at timestamptz,
  p_scopes text[]
) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  update public.oauth_credentials set key_id = p_key_id, access_token = p_access, refresh_token = p_refresh,
    expires_at = p_expires_at, version = version + 1, refresh_refused_at = null, updated_at = now()
  where connection_id = p_connection and version = p_version;
  if not found then
    return false;
  end if;
  if p_scopes is not null then
    update public.connections set scopes_granted = p_scopes, updated_at = now()
    where id = p_connection and scopes_granted is distinct from p_scopes;
  end if;
  return true;
end;
$$;

-- The provider said that the refresh token is no good.
create function patchbay.refuse_refresh(p_connection uuid, p_version integer) returns void
  language sql
  set search_path = ''
as $$
  update public.oauth_credentials set refresh_refused_at = coalesce(refresh_refused_at, now()), updated_at = now()
  where connection_id = p_connection and version = p_version;
$$;

-- A call found out that the tokens cannot be renewed: looked into before it counts, as any suspicion is.
create function patchbay.doubt(p_connection uuid) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
begin
  update public.connections set suspect_since = now(), looking_since = now(), updated_at = now()
  where id = p_connection and status = 'connected' and suspect_since is null returning * into v_row;
  if v_row.id is not null then
    perform patchbay.add_event(v_row, 'suspected', null, 'system');
    perform patchbay.enqueue_look(v_row.id);
  end if;
end;
$$;

-- Two accounts that cannot be one. Within a connector ids tell them apart; between connectors, which name accounts each in
-- its own way, only two e-mail addresses do.
create function patchbay.are_other_accounts(p_one public.connections, p_other public.connections) returns boolean
  language sql immutable
  set search_path = ''
as $$
  select coalesce(p_one.connector = p_other.connector
      and coalesce(p_one.found_account_id, p_one.account_id) <> coalesce(p_other.found_account_id, p_other.account_id), false)
    or coalesce(p_one.account_name like '%_@_%' and p_other.account_name like '%_@_%'
      and p_one.found_account_id is null and p_other.found_account_id is null
      and lower(p_one.account_name) <> lower(p_other.account_name), false);
$$;

-- Whether taking back a connection's access at its provider could end another one's. p_keys: the integration keys of what
-- signs in with the same application and is taken back at the same place, where a provider forgets all that a person
-- let the application do. Nango may have been given that application as well, which nobody here can know.
create function patchbay.may_share_access(p_connection uuid, p_keys text[]) returns boolean
  language sql stable
  set search_path = ''
as $$
  select exists (
    select 1 from public.connections o, public.connections c
    where c.id = p_connection and o.id <> c.id and 'direct/' || o.connector = any (p_keys)
      and o.remote_deleted_at is null and o.remote_delete_started_at is null
      and not patchbay.are_other_accounts(o, c));
$$;

-- The last step of a disconnect. False when they were gone already. Never of a connection that is in use.
create function patchbay.delete_credentials(p_connection uuid) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  delete from public.oauth_credentials k where k.connection_id = p_connection
    and exists (select 1 from public.connections c where c.id = p_connection and c.status = 'disconnected'
      and c.remote_delete_started_at is not null);
  return found;
end;
$$;

-- Rotation of keys: the next rows that are not encrypted with the active key, locked. One that somebody is refreshing is
-- passed over: it will be encrypted with the active key by that.
create function patchbay.credentials_to_rotate(p_active text, p_after uuid, p_limit integer)
  returns setof public.oauth_credentials
  language sql
  set search_path = ''
as $$
  select * from public.oauth_credentials
  where key_id <> p_active and connection_id > p_after order by connection_id limit p_limit for update skip locked;
$$;

create function patchbay.rotate_credentials(p_active text, p_ids uuid[], p_access bytea[], p_refresh bytea[])
  returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.oauth_credentials k set key_id = p_active, access_token = n.access, refresh_token = n.refresh,
    updated_at = now()
  from unnest(p_ids, p_access, p_refresh) as n (id, access, refresh)
  where k.connection_id = n.id;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

-- How many rows each key still has.
create function patchbay.credential_keys() returns table (key_id text, count bigint)
  language sql stable
  set search_path = ''
as $$ select k.key_id, count(*) from public.oauth_credentials k group by 1 order by 1 $$;

-- Probes of direct connections: as those at Nango (patchbay.claim_probes), but they cost nothing of Nango's budget. What
-- is over its owner's budget is postponed by an hour.
create index connections_direct_probe_due on public.connections (next_probe_at)
  where status in ('connected', 'needs_attention') and auth_method = 'direct';
create function patchbay.claim_direct_probes(
  p_limit integer, p_per_owner_per_hour integer, p_every_hours double precision
) returns table (claimed integer, postponed integer)
  language plpgsql
  set search_path = ''
as $$
declare
  v_within uuid[];
  v_over uuid[];
begin
  if not pg_try_advisory_xact_lock(hashtextextended('patchbay.claim_probes', 0)) then
    return query select 0, 0;
    return;
  end if;
  with due as materialized (
    select c.id, c.owner_id, c.next_probe_at, c.last_probed_at from public.connections c
    where c.status in ('connected', 'needs_attention') and c.auth_method = 'direct' and c.next_probe_at <= now()
      and not (c.status = 'connected' and coalesce(c.suspect_since > now() - interval '2 minutes', false))
    order by c.next_probe_at limit 2000 for update skip locked
  ), owners as materialized (
    select d.owner_id, greatest(0, p_per_owner_per_hour - (select count(*) from public.connections o
        where o.owner_id = d.owner_id and o.last_probed_at > now() - interval '1 hour')) as budget
    from (select distinct due.owner_id from due) d
  ), ranked as (
    select due.id, due.next_probe_at, owners.budget, row_number() over (
      partition by due.owner_id order by due.last_probed_at nulls first, due.next_probe_at, due.id) as place
    from due join owners on owners.owner_id = due.owner_id
  )
  select array_agg(r.id order by r.place, r.next_probe_at) filter (where r.place <= r.budget),
    array_agg(r.id) filter (where r.place > r.budget)
  into v_within, v_over from ranked r;

  update public.connections c set next_probe_at = now() + interval '1 hour' * (1 + random()) where c.id = any (v_over);
  get diagnostics postponed = row_count;
  update public.connections c set last_probed_at = now(),
    next_probe_at = now() + make_interval(secs => p_every_hours * 3600 * (0.75 + random() * 0.5))
  where c.id = any (v_within[1:p_limit]);
  get diagnostics claimed = row_count;
  perform patchbay.enqueue_look(probe.id) from unnest(v_within[1:p_limit]) as probe (id);
  return next;
end;
$$;

-- A direct connection that was deleted moves nothing in Nango's list.
create or replace function patchbay.reconcile_outlook(p_started_at timestamptz)
  returns table (live integer, missing integer, shifted boolean)
  language sql stable
  set search_path = ''
as $$
  select count(*)::integer,
    (count(*) filter (where reconciled_at is null or reconciled_at < p_started_at))::integer,
    exists (select 1 from public.connections d where d.remote_deleted_at >= p_started_at and d.remote_result = 'deleted'
        and d.auth_method = 'nango')
      or exists (select 1 from public.quarantined_connections q where q.remote_deleted_at >= p_started_at)
  from public.connections where status <> 'disconnected' and auth_method = 'nango' and created_at < p_started_at;
$$;

-- States that are over, whatever the retention of other things: nothing refers to them.
create function patchbay.forget_states(p_days integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from public.oauth_states where state_hash in (
    select s.state_hash from public.oauth_states s
    where s.expires_at < now() - make_interval(days => least(p_days, 1))
    order by s.expires_at limit p_limit for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

revoke all on all functions in schema patchbay from public;
