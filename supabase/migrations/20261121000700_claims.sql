-- From what Nango says about a connection to our row: the only place where connections are made or change status because
-- of Nango. The page's confirmation, the poll, webhooks and reconcile all end here; the first wins, the others change nothing.
--
-- Promises:
--   * Facts come from a fresh read of Nango's API by the server, never from a webhook's body or a browser.
--   * An unknown connection is claimed only through an attempt that was started here, is still claimable, and whose owner,
--     person, connector and integration equal the connection's tags. Anything else is quarantined, not adopted.
--   * A second completion of one attempt is quarantined. A tombstone stays a tombstone. An owner never changes.
--   * Locks are taken in one order (Nango's connection, attempt, owner and connector, row), so that two units of work
--     cannot wait for each other.

create table public.quarantined_connections (
  id uuid primary key default gen_random_uuid(),
  -- Known only where the tags name an attempt of ours.
  owner_id text,
  integration_key text not null,
  nango_connection_id text not null,
  reason_code text not null check (reason_code in (
    'missing_tags', 'foreign_instance', 'unknown_attempt', 'tags_mismatch',
    'attempt_cancelled', 'attempt_used', 'attempt_expired')),
  attempt_id uuid references public.connection_attempts (id),
  tags jsonb not null default '{}',
  seen_count integer not null default 1,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  resolved_at timestamptz,
  resolution text check (resolution in ('adopted', 'deleted', 'gone')),
  unique (integration_key, nango_connection_id)
);
create index quarantined_connections_owner on public.quarantined_connections (owner_id, first_seen_at desc);
create index quarantined_connections_attempt on public.quarantined_connections (attempt_id);
alter table public.quarantined_connections enable row level security;
alter table public.quarantined_connections force row level security;
revoke all on table public.quarantined_connections from public, anon, authenticated, service_role;

-- Serialises all work on one connection of Nango's, whether or not it has a row. Whoever waits gives up after ten seconds
-- and comes again: the holder may be waiting for Nango.
create function patchbay.lock_nango_connection(p_integration_key text, p_nango_connection_id text) returns void
  language sql
  set search_path = ''
  set lock_timeout = '10s'
as $$
  select pg_advisory_xact_lock(hashtextextended(p_integration_key || chr(31) || p_nango_connection_id, 1));
$$;

-- Serialises defaults and numbering of one owner's connections of one connector.
create function patchbay.lock_owner_connector(p_owner text, p_connector text) returns void
  language sql
  set search_path = ''
as $$
  select pg_advisory_xact_lock(hashtextextended(p_owner || chr(31) || p_connector, 2));
$$;

-- After a default went: exactly one that remains becomes it; among several, a person chooses.
create function patchbay.promote_last_default(p_gone public.connections) returns void
  language sql
  set search_path = ''
as $$
  with remaining as (
    select id, is_default from public.connections
    where owner_id = p_gone.owner_id and connector = p_gone.connector and visibility = p_gone.visibility
      and (visibility = 'everyone' or connected_by = p_gone.connected_by)
      and status <> 'disconnected' and id <> p_gone.id)
  update public.connections set is_default = true, updated_at = now()
  where id = (select id from remaining where (select count(*) from remaining) = 1 and not is_default);
$$;

create function patchbay.quarantine(
  p_facts jsonb, p_reason text, p_owner text default null, p_attempt uuid default null
) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_new boolean;
begin
  insert into public.quarantined_connections as q
    (owner_id, integration_key, nango_connection_id, reason_code, attempt_id, tags)
  values (p_owner, p_facts ->> 'integration_key', p_facts ->> 'connection_id', p_reason, p_attempt,
    coalesce(p_facts -> 'tags', '{}'))
  on conflict (integration_key, nango_connection_id)
    do update set seen_count = q.seen_count + 1, last_seen_at = now()
  returning seen_count = 1 into v_new;
  if v_new then
    insert into public.connection_events (owner_id, type, reason_code, actor_kind, data)
    values (p_owner, 'quarantined', p_reason, 'nango', jsonb_build_object('attempt_id', p_attempt));
  end if;
  return jsonb_build_object('verdict', 'quarantined', 'reason', p_reason, 'connection_id', null);
end;
$$;

-- Makes the connection of an attempt that is locked, checked and claimable.
create function patchbay.create_connection(p_attempt public.connection_attempts, p_facts jsonb, p_source text)
  returns public.connections
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
  v_pending boolean := coalesce((p_facts ->> 'pending')::boolean, false);
begin
  perform patchbay.lock_owner_connector(p_attempt.owner_id, p_attempt.connector);
  insert into public.connections (
    owner_id, visibility, connector, integration_key, nango_connection_id, status, suspect_since, is_default, number,
    scopes_requested, scopes_granted, config, metadata, connected_by, connected_at, expires_at, last_synced_at)
  values (
    p_attempt.owner_id, p_attempt.visibility, p_attempt.connector, p_attempt.integration_key,
    p_facts ->> 'connection_id',
    case when v_pending then 'pending' else 'connected' end,
    case when (p_facts ->> 'auth_error')::boolean then now() end,
    not exists (select 1 from public.connections c
      where c.owner_id = p_attempt.owner_id and c.connector = p_attempt.connector
        and c.visibility = p_attempt.visibility and c.status <> 'disconnected'
        and (c.visibility = 'everyone' or c.connected_by = p_attempt.started_by)),
    (select coalesce(max(c.number), 0) + 1 from public.connections c
      where c.owner_id = p_attempt.owner_id and c.connector = p_attempt.connector),
    patchbay.text_array(p_facts -> 'scopes_requested'), patchbay.text_array(p_facts -> 'scopes_granted'),
    coalesce(p_facts -> 'config', '{}'), coalesce(p_facts -> 'metadata', '{}'),
    p_attempt.started_by, case when not v_pending then now() end, (p_facts ->> 'expires_at')::timestamptz, now())
  returning * into v_row;
  perform patchbay.add_event(v_row, 'connected', null, p_attempt.started_by,
    jsonb_build_object('source', p_source, 'attempt_id', p_attempt.id));
  perform patchbay.add_job('identify_connection', jsonb_build_object('connection_id', v_row.id),
    p_key => 'identify:' || v_row.id);
  return v_row;
end;
$$;

create function patchbay.text_array(p_json jsonb) returns text[]
  language sql immutable
  set search_path = ''
as $$
  select case when jsonb_typeof(p_json) = 'array'
    then array(select jsonb_array_elements_text(p_json)) end;
$$;

create function patchbay.finish_attempt(p_id uuid, p_connection uuid, p_outcome text) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update public.connection_attempts
  set status = 'confirmed', outcome = p_outcome, connection_id = p_connection, ended_at = now(), updated_at = now()
  where id = p_id;
  -- A session token can be used again until it is deleted or thirty minutes old.
  perform patchbay.add_job('delete_session', jsonb_build_object('attempt_id', p_id));
end;
$$;

-- What Nango says about a connection that we hold. p_attempt is locked already, or null.
create function patchbay.refresh_connection(p_row public.connections, p_facts jsonb, p_source text) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections := p_row;
  v_bad boolean := coalesce((p_facts ->> 'auth_error')::boolean, false);
  v_pending boolean := coalesce((p_facts ->> 'pending')::boolean, false);
  v_activated boolean := p_row.status = 'pending' and not coalesce((p_facts ->> 'pending')::boolean, false);
begin
  if v_row.status = 'disconnected' then
    return jsonb_build_object('verdict', 'ignored', 'reason', 'tombstone', 'connection_id', v_row.id);
  end if;
  update public.connections set
    status = case when v_activated then 'connected' else status end,
    connected_at = case when v_activated then now() else connected_at end,
    -- Nango's error is a suspicion; the second look decides (patchbay.record_look).
    suspect_since = case when v_bad then coalesce(suspect_since, now())
      when status = 'needs_attention' then suspect_since end,
    scopes_granted = coalesce(patchbay.text_array(p_facts -> 'scopes_granted'), scopes_granted),
    metadata = coalesce(p_facts -> 'metadata', metadata),
    config = coalesce(p_facts -> 'config', config),
    expires_at = case when p_facts ? 'expires_at' then (p_facts ->> 'expires_at')::timestamptz else expires_at end,
    last_synced_at = now(),
    updated_at = case when v_activated or v_bad <> (suspect_since is not null) then now() else updated_at end
  where id = v_row.id returning * into v_row;
  if v_activated and not v_pending then
    perform patchbay.add_event(v_row, 'activated', null, 'nango', jsonb_build_object('source', p_source));
  end if;
  if v_bad and p_row.suspect_since is null then
    perform patchbay.add_event(v_row, 'suspected', null, 'nango', jsonb_build_object('source', p_source));
  end if;
  -- A suspicion is looked into, and again when the look decided nothing within its time; so is a word from Nango about one
  -- that needs attention: it may have recovered.
  if (v_bad and p_row.suspect_since is null)
    or (v_bad and p_row.status = 'connected' and p_row.suspect_since < now() - interval '2 minutes')
    or (p_row.status = 'needs_attention' and not v_bad) or v_activated then
    perform patchbay.add_job('identify_connection', jsonb_build_object('connection_id', v_row.id),
      p_key => 'identify:' || v_row.id);
  end if;
  return jsonb_build_object('verdict', 'applied', 'reason', null, 'connection_id', v_row.id);
end;
$$;

-- The heart. p_facts: {integration_key, connection_id, tags {…}, pending, auth_error, scopes_granted, expires_at, config,
-- metadata, instance (the name of this deployment)}. p_expected: the attempt that is being confirmed, if any.
-- Returns {verdict, reason, connection_id}. Refusals are verdicts, not errors: their rows must stay.
create function patchbay.apply_facts(p_facts jsonb, p_source text, p_expected uuid default null) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_tags jsonb := coalesce(p_facts -> 'tags', '{}');
  v_attempt public.connection_attempts;
  v_row public.connections;
  v_result jsonb;
begin
  if p_expected is not null and (v_tags ->> 'attempt_id') is distinct from p_expected::text then
    return jsonb_build_object('verdict', 'refused', 'reason', 'connection_mismatch', 'connection_id', null);
  end if;
  perform patchbay.lock_nango_connection(p_facts ->> 'integration_key', p_facts ->> 'connection_id');
  if v_tags ->> 'attempt_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    select * into v_attempt from public.connection_attempts where id = (v_tags ->> 'attempt_id')::uuid for update;
  end if;
  select * into v_row from public.connections
  where integration_key = p_facts ->> 'integration_key' and nango_connection_id = p_facts ->> 'connection_id'
  for update;

  if v_row.id is not null then
    v_result := patchbay.refresh_connection(v_row, p_facts, p_source);
    -- The attempt of a reconnect: its tags are on the connection it was started for.
    if v_result ->> 'verdict' = 'applied' and v_attempt.is_reconnect and v_attempt.connection_id = v_row.id
      and v_attempt.owner_id = v_row.owner_id and v_attempt.status in ('open', 'abandoned', 'failed') then
      perform patchbay.finish_attempt(v_attempt.id, v_row.id, 'reconnected');
      perform patchbay.add_event(v_row, 'reconnected', null, v_attempt.started_by,
        jsonb_build_object('source', p_source, 'attempt_id', v_attempt.id));
      perform patchbay.add_job('identify_connection', jsonb_build_object('connection_id', v_row.id),
        p_key => 'identify:' || v_row.id);
    end if;
    return v_result;
  end if;

  if v_tags ->> 'instance' is distinct from p_facts ->> 'instance' and v_tags ->> 'instance' is not null then
    return patchbay.quarantine(p_facts, 'foreign_instance');
  elsif v_tags ->> 'attempt_id' is null or v_tags ->> 'instance' is null then
    return patchbay.quarantine(p_facts, 'missing_tags');
  elsif v_attempt.id is null then
    return patchbay.quarantine(p_facts, 'unknown_attempt');
  elsif v_attempt.integration_key <> p_facts ->> 'integration_key'
    or v_tags ->> 'connector' is distinct from v_attempt.connector
    or v_tags ->> 'end_user_id' is distinct from v_attempt.started_by
    or v_attempt.instance <> v_tags ->> 'instance'
    or coalesce(v_tags ->> 'organization_id', v_tags ->> 'end_user_id') is distinct from v_attempt.owner_id
    or v_attempt.is_reconnect then
    return patchbay.quarantine(p_facts, 'tags_mismatch', v_attempt.owner_id, v_attempt.id);
  elsif v_attempt.status = 'cancelled' then
    return patchbay.quarantine(p_facts, 'attempt_cancelled', v_attempt.owner_id, v_attempt.id);
  elsif v_attempt.status = 'confirmed' then
    return patchbay.quarantine(p_facts, 'attempt_used', v_attempt.owner_id, v_attempt.id);
  elsif v_attempt.status = 'expired' or patchbay.claimable_until(v_attempt) < now() then
    return patchbay.quarantine(p_facts, 'attempt_expired', v_attempt.owner_id, v_attempt.id);
  end if;

  v_row := patchbay.create_connection(v_attempt, p_facts, p_source);
  perform patchbay.finish_attempt(v_attempt.id, v_row.id, 'connected');
  update public.quarantined_connections set resolved_at = now(), resolution = 'adopted'
  where integration_key = v_row.integration_key and nango_connection_id = v_row.nango_connection_id
    and resolved_at is null;
  return jsonb_build_object('verdict', 'applied', 'reason', null, 'connection_id', v_row.id);
end;
$$;

-- Nango says 404. A live row becomes a tombstone; without a row there is nothing to do but remember it (parked).
create function patchbay.apply_gone(p_integration_key text, p_nango_connection_id text, p_source text) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
begin
  perform patchbay.lock_nango_connection(p_integration_key, p_nango_connection_id);
  select * into v_row from public.connections
  where integration_key = p_integration_key and nango_connection_id = p_nango_connection_id;
  if v_row.id is null then
    update public.quarantined_connections set resolved_at = now(), resolution = 'gone'
    where integration_key = p_integration_key and nango_connection_id = p_nango_connection_id and resolved_at is null;
    return jsonb_build_object('verdict', 'parked', 'reason', 'not_at_nango', 'connection_id', null);
  end if;
  perform patchbay.lock_owner_connector(v_row.owner_id, v_row.connector);
  select * into v_row from public.connections where id = v_row.id for update;
  if v_row.status = 'disconnected' then
    return jsonb_build_object('verdict', 'ignored', 'reason', 'tombstone', 'connection_id', v_row.id);
  end if;
  update public.connections set
    status_before = status, reason_before = reason_code, status = 'disconnected', reason_code = 'gone_upstream',
    disconnected_at = now(), disconnected_by = null, is_default = false, suspect_since = null,
    remote_deleted_at = now(), remote_result = 'already_gone', last_synced_at = now(), updated_at = now()
  where id = v_row.id returning * into v_row;
  perform patchbay.promote_last_default(v_row);
  perform patchbay.add_event(v_row, 'disconnected', 'gone_upstream', 'nango', jsonb_build_object('source', p_source));
  return jsonb_build_object('verdict', 'applied', 'reason', 'gone_upstream', 'connection_id', v_row.id);
end;
$$;

-- Confirms an attempt with what the server just read at Nango. Returns {verdict, reason, connection_id}.
create function patchbay.confirm_attempt(p_attempt uuid, p_facts jsonb, p_source text) returns jsonb
  language sql
  set search_path = ''
as $$ select patchbay.apply_facts(p_facts, p_source, p_attempt) $$;

revoke all on all functions in schema patchbay from public;
