-- Attempts: one try to connect or reconnect, from the click to its outcome.
--
-- Promises:
--   * Only an attempt that was started here can claim a connection, and only one.
--   * open -> abandoned -> failed may still be claimed until the session's expiry plus ten minutes, so that a popup that
--     is finished late counts. confirmed, cancelled and expired are final.
--   * The session token is readable by no client role and is erased once the session is over.

create table public.connection_attempts (
  id uuid primary key default gen_random_uuid(),
  owner_id text not null check (owner_id <> ''),
  started_by text not null references public.people (user_id),
  connector text not null references public.connectors (slug),
  integration_key text not null check (integration_key <> ''),
  visibility text not null check (visibility in ('everyone', 'only_me')),
  instance text not null,
  -- Set from the start for a reconnect; otherwise once the connection exists.
  connection_id uuid references public.connections (id),
  is_reconnect boolean not null default false,
  status text not null default 'open'
    check (status in ('open', 'abandoned', 'confirmed', 'failed', 'cancelled', 'expired')),
  outcome text check (outcome in (
    'connected', 'reconnected', 'closed', 'denied', 'failed', 'cancelled', 'expired', 'not_configured',
    'nango_unavailable')),
  session_token text,
  session_expires_at timestamptz not null default now() + interval '30 minutes',
  looked_at timestamptz,
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((status = 'open') = (outcome is null)),
  check (status <> 'confirmed' or connection_id is not null)
);
create index connection_attempts_owner on public.connection_attempts (owner_id, started_by, created_at desc);
create index connection_attempts_claimable on public.connection_attempts (session_expires_at)
  where status in ('open', 'abandoned', 'failed');
create index connection_attempts_connection on public.connection_attempts (connection_id)
  where connection_id is not null;
create index connection_attempts_person on public.connection_attempts (started_by);
create index connection_attempts_token on public.connection_attempts (session_expires_at)
  where session_token is not null;

alter table public.connection_attempts enable row level security;
alter table public.connection_attempts force row level security;
revoke all on table public.connection_attempts from public, anon, authenticated, service_role;
-- Not among them: session_token, integration_key, instance, looked_at.
grant select (id, owner_id, started_by, connector, visibility, connection_id, is_reconnect, status, outcome,
  session_expires_at, ended_at, created_at, updated_at) on table public.connection_attempts to authenticated;
create policy connection_attempts_own on public.connection_attempts for select to authenticated
  using (owner_id = (select public.requesting_owner_id()) and started_by = (select public.requesting_user_id()));

create function patchbay.claimable_until(p_attempt public.connection_attempts) returns timestamptz
  language sql immutable
  set search_path = ''
as $$ select p_attempt.session_expires_at + interval '10 minutes' $$;

-- Refuses unknown_connector, connector_unavailable, connector_blocked.
create function patchbay.start_attempt(
  p_owner text, p_user text, p_connector text, p_integration_key text, p_visibility text, p_instance text
) returns setof public.connection_attempts
  language plpgsql
  set search_path = ''
as $$
declare
  v_status text;
begin
  select status into v_status from public.connectors where slug = p_connector and listed;
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

-- Keeps the session of an open attempt. False when the attempt ended meanwhile.
create function patchbay.attempt_minted(p_owner text, p_user text, p_id uuid, p_token text, p_expires_at timestamptz)
  returns boolean
  language sql
  set search_path = ''
as $$
  with kept as (
    update public.connection_attempts
    set session_token = p_token, session_expires_at = p_expires_at, updated_at = now()
    where id = p_id and owner_id = p_owner and started_by = p_user and status = 'open'
    returning 1)
  select exists (select 1 from kept);
$$;

-- Ends an attempt whose session could not be minted: nothing can complete it.
create function patchbay.fail_attempt(p_owner text, p_user text, p_id uuid, p_outcome text)
  returns setof public.connection_attempts
  language sql
  set search_path = ''
as $$
  update public.connection_attempts
  set status = 'failed', outcome = p_outcome, session_token = null, session_expires_at = now() - interval '10 minutes',
    ended_at = now(), updated_at = now()
  where id = p_id and owner_id = p_owner and started_by = p_user and status = 'open'
  returning *;
$$;

-- p_reason: closed (the frame was closed), denied (consent refused), failed (the provider or Nango said no) or cancelled.
-- An attempt that is final stays as it is and is returned. Refuses not_found.
create function patchbay.close_attempt(p_owner text, p_user text, p_id uuid, p_reason text)
  returns setof public.connection_attempts
  language plpgsql
  set search_path = ''
as $$
declare
  v_attempt public.connection_attempts;
begin
  select * into v_attempt from public.connection_attempts
  where id = p_id and owner_id = p_owner and started_by = p_user for update;
  if not found then
    perform patchbay.refuse('not_found');
  end if;
  if v_attempt.status in ('open', 'abandoned', 'failed')
    -- "Closed" says less than what is already known of a failed one.
    and not (v_attempt.status = 'failed' and p_reason = 'closed') then
    update public.connection_attempts
    set status = case p_reason when 'closed' then 'abandoned' when 'cancelled' then 'cancelled' else 'failed' end,
      outcome = p_reason, ended_at = now(), updated_at = now()
    where id = p_id returning * into v_attempt;
    if p_reason = 'cancelled' and v_attempt.session_token is not null then
      perform patchbay.add_job('delete_session', jsonb_build_object('attempt_id', p_id));
    end if;
  end if;
  return next v_attempt;
end;
$$;

-- The caller's own attempt. One whose time is over is made expired on the way.
create function patchbay.get_attempt(p_owner text, p_user text, p_id uuid) returns setof public.connection_attempts
  language plpgsql
  set search_path = ''
as $$
begin
  update public.connection_attempts a
  set status = 'expired', outcome = 'expired', session_token = null, ended_at = now(), updated_at = now()
  where a.id = p_id and a.owner_id = p_owner and a.started_by = p_user and a.status in ('open', 'abandoned')
    and patchbay.claimable_until(a) < now();
  return query select * from public.connection_attempts
    where id = p_id and owner_id = p_owner and started_by = p_user;
end;
$$;

-- True for at most one caller per two seconds and attempt: that one may ask Nango.
create function patchbay.claim_attempt_poll(p_owner text, p_user text, p_id uuid) returns boolean
  language sql
  set search_path = ''
as $$
  with claimed as (
    update public.connection_attempts a set looked_at = clock_timestamp()
    where a.id = p_id and a.owner_id = p_owner and a.started_by = p_user
      and a.status in ('open', 'abandoned', 'failed') and patchbay.claimable_until(a) >= now()
      and (a.looked_at is null or a.looked_at <= clock_timestamp() - interval '2 seconds')
    returning 1)
  select exists (select 1 from claimed);
$$;

-- For the sweep: how many attempts ran out. Tokens of sessions that are over by time are erased with it.
create function patchbay.expire_attempts() returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.connection_attempts
  set status = 'expired', outcome = 'expired', ended_at = now(), updated_at = now()
  where status in ('open', 'abandoned') and session_expires_at < now() - interval '10 minutes';
  get diagnostics v_count = row_count;
  update public.connection_attempts set session_token = null
  where session_token is not null and session_expires_at < now();
  return v_count;
end;
$$;

-- For the job that ends a session at Nango; null once it is erased.
create function patchbay.session_token(p_attempt uuid) returns text
  language sql
  set search_path = ''
as $$ select session_token from public.connection_attempts where id = p_attempt $$;

create function patchbay.erase_session_token(p_attempt uuid) returns void
  language sql
  set search_path = ''
as $$ update public.connection_attempts set session_token = null, updated_at = now() where id = p_attempt $$;

revoke all on all functions in schema patchbay from public;
