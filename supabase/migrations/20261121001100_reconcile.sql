-- The sweep that makes our copy equal Nango's whatever was lost, what it could not place, and the deliveries and jobs
-- that gave up.
--
-- Promises:
--   * One sweep at a time, by a lease row: a pooler in transaction mode keeps no session, so no advisory lock would do.
--     A sweep that was killed or paused goes on where it was, page by page.
--   * Nothing is believed that Nango's API does not say. A tombstone stays one: what Nango has again is quarantined.
--   * A sweep that would bury more than a fifth of the live connections, and more than ten, stops before the first.
--   * Quarantined connections are adopted or deleted by the owner of the attempt alone; those that somebody meant for
--     themselves alone, by that person alone. Somebody else's id is unknown.
--   * A delivery never leaves the queue without a verdict; it can be looked into again.

-- The sweep.

create table patchbay.leases (
  name text primary key,
  holder uuid not null,
  lease_until timestamptz not null
);
create table patchbay.reconcile_runs (
  id uuid primary key default gen_random_uuid(),
  status text not null default 'running' check (status in ('running', 'paused', 'braked', 'done', 'abandoned')),
  -- Why it stands still: a code of ours; null while it runs and when it is done.
  code text,
  phase text not null default 'nango' check (phase in ('nango', 'check', 'ours', 'quarantine', 'tidy')),
  -- Where in the phase: a page of Nango's, or the last id of ours.
  cursor text not null default '',
  counters jsonb not null default '{}',
  -- A person said that it may bury as many as are gone.
  accept_gone boolean not null default false,
  resume_at timestamptz,
  started_at timestamptz not null default now(),
  finished_at timestamptz
);
create index reconcile_runs_recent on patchbay.reconcile_runs (started_at desc);
-- One row: what background work has asked of Nango in the present minute.
create table patchbay.nango_budget (
  only_row boolean primary key default true check (only_row),
  minute timestamptz not null,
  used integer not null
);
alter table patchbay.leases enable row level security;
alter table patchbay.leases force row level security;
alter table patchbay.reconcile_runs enable row level security;
alter table patchbay.reconcile_runs force row level security;
alter table patchbay.nango_budget enable row level security;
alter table patchbay.nango_budget force row level security;
revoke all on table patchbay.leases, patchbay.reconcile_runs, patchbay.nango_budget
  from public, anon, authenticated, service_role;

-- What of p_wanted calls to Nango may be made this minute; p_limit is shared by all background work of all processes.
create function patchbay.take_nango_calls(p_wanted integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_minute timestamptz := date_trunc('minute', clock_timestamp());
  v_used integer;
  v_granted integer;
begin
  insert into patchbay.nango_budget (minute, used) values (v_minute, 0) on conflict do nothing;
  select case when b.minute = v_minute then b.used else 0 end into v_used from patchbay.nango_budget b for update;
  v_granted := greatest(0, least(p_wanted, p_limit - v_used));
  update patchbay.nango_budget set minute = v_minute, used = v_used + v_granted;
  return v_granted;
end;
$$;

-- Takes the lease and the run that is to be continued, or a new one. {outcome: run | busy | waiting, run}. `waiting` is a
-- paused run whose time has not come. A run that stood still for two hours is given up: what it saw is too old.
create function patchbay.begin_reconcile(p_holder uuid, p_lease interval, p_accept_gone boolean) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_run patchbay.reconcile_runs;
begin
  insert into patchbay.leases as l (name, holder, lease_until) values ('reconcile', p_holder, now() + p_lease)
  on conflict (name) do update set holder = p_holder, lease_until = now() + p_lease
    where l.lease_until < now() or l.holder = p_holder;
  if not found then
    select * into v_run from patchbay.reconcile_runs order by started_at desc limit 1;
    return jsonb_build_object('outcome', 'busy', 'run', to_jsonb(v_run));
  end if;
  update patchbay.reconcile_runs set status = 'abandoned', finished_at = now()
  where status in ('running', 'paused') and started_at < now() - interval '2 hours';
  delete from patchbay.reconcile_runs where started_at < now() - interval '60 days';
  select * into v_run from patchbay.reconcile_runs where status in ('running', 'paused')
  order by started_at desc limit 1;
  if v_run.id is null then
    insert into patchbay.reconcile_runs (accept_gone) values (p_accept_gone) returning * into v_run;
  elsif v_run.resume_at > now() then
    update patchbay.leases set lease_until = now() - interval '1 second' where name = 'reconcile' and holder = p_holder;
    return jsonb_build_object('outcome', 'waiting', 'run', to_jsonb(v_run));
  else
    update patchbay.reconcile_runs set status = 'running', code = null, resume_at = null,
      accept_gone = accept_gone or p_accept_gone
    where id = v_run.id returning * into v_run;
  end if;
  return jsonb_build_object('outcome', 'run', 'run', to_jsonb(v_run));
end;
$$;

-- Before each call to Nango: keeps the lease and where the run is, and takes calls from the budget.
-- held false: somebody else has the lease, and the caller must stop.
create function patchbay.reconcile_turn(
  p_holder uuid, p_run uuid, p_lease interval, p_phase text, p_cursor text, p_counters jsonb,
  p_wanted integer, p_limit integer
) returns table (held boolean, granted integer, at timestamptz)
  language plpgsql
  set search_path = ''
as $$
begin
  at := clock_timestamp();
  granted := 0;
  update patchbay.leases set lease_until = now() + p_lease
  where name = 'reconcile' and holder = p_holder and lease_until > now();
  held := found;
  if held then
    update patchbay.reconcile_runs set phase = p_phase, cursor = p_cursor, counters = p_counters where id = p_run;
    granted := patchbay.take_nango_calls(p_wanted, p_limit);
  end if;
  return next;
end;
$$;

-- The run stands still or is over; the lease is given back. Nothing is written by a caller that lost the lease.
create function patchbay.end_reconcile(
  p_holder uuid, p_run uuid, p_status text, p_code text, p_resume_at timestamptz,
  p_phase text, p_cursor text, p_counters jsonb
) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_run patchbay.reconcile_runs;
begin
  update patchbay.leases set lease_until = now() - interval '1 second' where name = 'reconcile' and holder = p_holder;
  if found then
    update patchbay.reconcile_runs set status = p_status, code = p_code, resume_at = p_resume_at, phase = p_phase,
      cursor = p_cursor, counters = p_counters,
      finished_at = case when p_status in ('done', 'braked') then now() end
    where id = p_run;
  end if;
  select * into v_run from patchbay.reconcile_runs where id = p_run;
  return to_jsonb(v_run);
end;
$$;

-- Tags.

-- The tags that a live connection should carry at Nango; null when it does, or when they are not ours to write: another
-- deployment's name is on it, or somebody is signing in again right now, whose session brings its own. Tags of the
-- operator's own are kept while there is room for them (Nango takes ten).
create function patchbay.wanted_tags(p_row public.connections, p_tags jsonb, p_instance text) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  c_ours constant text[] := array['organization_id', 'end_user_id', 'connector', 'attempt_id', 'instance'];
  v_attempt public.connection_attempts;
  v_wanted jsonb;
  v_merged jsonb;
begin
  if coalesce(p_tags ->> 'instance', p_instance) <> p_instance then
    return null;
  end if;
  -- The attempt whose sign-in stands behind it; tags that name none of this owner's say nothing.
  select * into v_attempt from public.connection_attempts a
  where a.id = p_row.signed_in_attempt and a.owner_id = p_row.owner_id and a.connector = p_row.connector
    and (a.connection_id = p_row.id or not a.is_reconnect);
  if v_attempt.id is null then
    select * into v_attempt from public.connection_attempts a
    where a.connection_id = p_row.id and a.status = 'confirmed' order by a.ended_at desc limit 1;
  end if;
  v_wanted := jsonb_strip_nulls(jsonb_build_object(
    'organization_id', case when p_row.owner_id <> p_row.connected_by then p_row.owner_id end,
    'end_user_id', p_row.connected_by, 'connector', p_row.connector,
    'attempt_id', coalesce(v_attempt.id::text, p_tags ->> 'attempt_id'), 'instance', p_instance));
  if coalesce(v_attempt.instance, p_instance) <> p_instance
    or v_wanted = (p_tags - (select coalesce(array_agg(k), '{}') from jsonb_object_keys(p_tags) k where k <> all (c_ours)))
    or exists (select 1 from public.connection_attempts a
      where a.connection_id = p_row.id and a.is_reconnect and a.status in ('open', 'abandoned', 'failed')
        and patchbay.claimable_until(a) > now()) then
    return null;
  end if;
  v_merged := (p_tags - c_ours) || v_wanted;
  return case when (select count(*) from jsonb_object_keys(v_merged)) > 10 then v_wanted else v_merged end;
end;
$$;

-- They were written. p_before: what was there.
create function patchbay.record_retag(p_id uuid, p_tags jsonb, p_before jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
begin
  -- Its own tags must not pass for somebody's new sign-in.
  update public.connections
  set signed_in_attempt = coalesce(patchbay.as_uuid(p_tags ->> 'attempt_id'), signed_in_attempt)
  where id = p_id and status <> 'disconnected' returning * into v_row;
  if v_row.id is not null then
    perform patchbay.add_event(v_row, 'retagged', null, 'system', jsonb_build_object('wiped', p_before = '{}'));
  end if;
end;
$$;

-- What the sweep does.

-- For a person's tombstone that Nango still has: deletes again. Undo stays refused. p_read_at: when Nango was asked; a
-- deletion since then is no news. False when there is nothing to do.
create function patchbay.resume_remote_delete(p_id uuid, p_read_at timestamptz) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  if exists (select 1 from graphile_worker._private_jobs
    where key = 'remote_delete:' || p_id and attempts < max_attempts) then
    return false;
  end if;
  update public.connections set remote_delete_after = coalesce(remote_delete_after, disconnected_at),
    remote_delete_started_at = case when remote_deleted_at is not null
      then coalesce(remote_delete_started_at, now()) else remote_delete_started_at end,
    remote_deleted_at = null, remote_result = null, error_count = 0, last_error = null, updated_at = now()
  where id = (select c.id from public.connections c where c.id = p_id for update skip locked)
    and status = 'disconnected' and reason_code in ('by_person', 'owner_left', 'owner_deleted')
    and (remote_deleted_at < p_read_at
      or (remote_deleted_at is null and coalesce(remote_delete_after, disconnected_at) < p_read_at - interval '1 minute'));
  if not found then
    return false;
  end if;
  perform patchbay.add_job('remote_delete', jsonb_build_object('connection_id', p_id), p_key => 'remote_delete:' || p_id);
  return true;
end;
$$;

alter table public.quarantined_connections
  add column resolved_by text,
  -- Deleted at Nango, after an administrator said so.
  add column remote_deleted_at timestamptz,
  drop constraint quarantined_connections_reason_code_check,
  add constraint quarantined_connections_reason_code_check check (reason_code in (
    'missing_tags', 'foreign_instance', 'unknown_attempt', 'tags_mismatch',
    'attempt_cancelled', 'attempt_used', 'attempt_expired', 'reappeared'));
create index quarantined_connections_unresolved on public.quarantined_connections (id) where resolved_at is null;
alter table public.connection_events
  drop constraint connection_events_reason_code_check,
  add constraint connection_events_reason_code_check check (reason_code in (
    'auth_failed', 'permission_lost', 'refresh_failed', 'expired', 'account_mismatch',
    'by_person', 'gone_upstream', 'owner_left',
    'missing_tags', 'foreign_instance', 'unknown_attempt', 'tags_mismatch',
    'attempt_cancelled', 'attempt_used', 'attempt_expired', 'reappeared'));
-- For the part of the sweep that looks at what Nango did not list.
create index connections_live on public.connections (id) where status <> 'disconnected' and auth_method = 'nango';

-- As quarantine(), also for one that had been dealt with before and is there again.
create function patchbay.quarantine_again(p_facts jsonb, p_reason text, p_owner text, p_attempt uuid) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update public.quarantined_connections set seen_count = 0, reason_code = p_reason, owner_id = p_owner,
    attempt_id = p_attempt, tags = coalesce(p_facts -> 'tags', '{}'), first_seen_at = now(),
    private_to = patchbay.private_to(p_facts, p_attempt),
    resolved_at = null, resolution = null, resolved_by = null, remote_deleted_at = null
  where integration_key = p_facts ->> 'integration_key' and nango_connection_id = p_facts ->> 'connection_id'
    and resolved_at is not null;
  perform patchbay.quarantine(p_facts, p_reason, p_owner, p_attempt);
end;
$$;

-- Compares a page of Nango's list with what we have, and does all that needs no second look at Nango. p_items:
-- [{integration_key, connection_id, tags, auth_error, auth_error_id}]. p_read_at: the database's time before Nango was asked. Rows that
-- agree get reconciled_at; rows that already have it from this run are left alone.
-- Returns {differing: [{integration_key, connection_id, connection}], quarantined, deletes_resumed}.
create function patchbay.reconcile_page(
  p_started_at timestamptz, p_read_at timestamptz, p_instance text, p_items jsonb
) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_item jsonb;
  v_tags jsonb;
  v_bad boolean;
  v_row public.connections;
  v_held public.quarantined_connections;
  v_same uuid[] := '{}';
  v_differing jsonb := '[]';
  v_quarantined integer := 0;
  v_resumed integer := 0;
begin
  for v_item in select * from jsonb_array_elements(p_items) loop
    v_tags := coalesce(v_item -> 'tags', '{}');
    select * into v_row from public.connections
    where integration_key = v_item ->> 'integration_key' and nango_connection_id = v_item ->> 'connection_id';
    v_bad := patchbay.is_flagged(v_row, v_item);
    select * into v_held from public.quarantined_connections
    where integration_key = v_item ->> 'integration_key' and nango_connection_id = v_item ->> 'connection_id';

    if v_row.id is not null and v_row.status <> 'disconnected' then
      if v_row.reconciled_at >= p_started_at then
        continue;
      -- Nango's flag and our word disagree. A suspicion of the last two minutes has its look under way; another account
      -- than before is a person's to settle.
      -- The list does not tell whether one that waits for the provider still does.
      elsif v_row.status = 'pending'
        or (v_bad and v_row.suspect_since is null)
        or (v_row.status = 'connected' and v_row.suspect_since < now() - interval '2 minutes')
        or (not v_bad and v_row.status = 'needs_attention' and v_row.reason_code <> 'account_mismatch')
        or v_tags ->> 'attempt_id' <> coalesce(v_row.signed_in_attempt::text, '')
        or patchbay.wanted_tags(v_row, v_tags, p_instance) is not null then
        v_differing := v_differing || (v_item - array['tags', 'auth_error', 'auth_error_id'] || jsonb_build_object('connection', v_row.id));
      else
        v_same := v_same || v_row.id;
      end if;
    elsif v_held.id is not null and v_held.resolved_at is null then
      update public.quarantined_connections set last_seen_at = now() where id = v_held.id;
    elsif v_row.id is not null and v_row.reason_code = 'gone_upstream' then
      -- What was to be deleted stays so until it has been; only what is there again after that is news.
      if v_held.resolution = 'deleted' and v_held.remote_deleted_at is null then
        v_resumed := v_resumed + patchbay.resume_quarantine_delete(v_held.id, p_read_at)::integer;
      elsif v_row.disconnected_at < p_read_at
        and (v_held.remote_deleted_at is null or v_held.remote_deleted_at < p_read_at) then
        perform patchbay.quarantine_again(v_item, 'reappeared', v_row.owner_id,
          (select a.id from public.connection_attempts a where a.id = v_row.signed_in_attempt));
        v_quarantined := v_quarantined + 1;
      end if;
    elsif v_row.id is not null then
      v_resumed := v_resumed + patchbay.resume_remote_delete(v_row.id, p_read_at)::integer;
    elsif v_held.resolution = 'deleted' then
      v_resumed := v_resumed + patchbay.resume_quarantine_delete(v_held.id, p_read_at)::integer;
    elsif v_tags ->> 'instance' is distinct from p_instance or v_tags ->> 'attempt_id' is null then
      -- No attempt of ours can claim it, whatever a second look said.
      perform patchbay.quarantine_again(v_item, case when v_tags ->> 'instance' <> p_instance
        then 'foreign_instance' else 'missing_tags' end, null, null);
      v_quarantined := v_quarantined + 1;
    else
      v_differing := v_differing || (v_item - array['tags', 'auth_error', 'auth_error_id']);
    end if;
  end loop;
  update public.connections set reconciled_at = clock_timestamp()
  where id in (select c.id from public.connections c where c.id = any (v_same) for update skip locked);
  return jsonb_build_object('differing', v_differing, 'quarantined', v_quarantined, 'deletes_resumed', v_resumed);
end;
$$;

-- Applies what Nango just said about one connection; p_facts null: 404. Call it in the transaction that took
-- lock_nango_connection() before the read. p_bury false: a live row that is gone is only reported.
-- Returns {outcome: adopted | quarantined | gone | missing | resolved | changed | unchanged, connection_id, tags}; tags is
-- what should be written at Nango, or null.
create function patchbay.reconcile_connection(
  p_integration_key text, p_nango_connection_id text, p_facts jsonb, p_bury boolean
) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_was public.connections;
  v_row public.connections;
  v_result jsonb;
begin
  perform patchbay.lock_nango_connection(p_integration_key, p_nango_connection_id);
  select * into v_was from public.connections
  where integration_key = p_integration_key and nango_connection_id = p_nango_connection_id;
  if p_facts is null then
    if v_was.id is not null and v_was.status <> 'disconnected' then
      if p_bury then
        perform patchbay.apply_gone(p_integration_key, p_nango_connection_id, 'reconcile');
      end if;
      return jsonb_build_object('outcome', case when p_bury then 'gone' else 'missing' end, 'connection_id', v_was.id);
    end if;
    update public.quarantined_connections set resolved_at = now(), resolution = 'gone'
    where integration_key = p_integration_key and nango_connection_id = p_nango_connection_id and resolved_at is null;
    return jsonb_build_object('outcome', case when found then 'resolved' else 'unchanged' end, 'connection_id', v_was.id);
  end if;
  if v_was.id is null then
    -- There again after it was gone: judged anew.
    delete from public.quarantined_connections where integration_key = p_integration_key
      and nango_connection_id = p_nango_connection_id and resolution = 'gone';
  elsif v_was.status = 'disconnected' then
    return jsonb_build_object('outcome', 'unchanged', 'connection_id', v_was.id);
  end if;
  v_result := patchbay.apply_facts(p_facts, 'reconcile');
  update public.connections set reconciled_at = clock_timestamp()
  where id = (v_result ->> 'connection_id')::uuid returning * into v_row;
  return jsonb_build_object(
    'outcome', case
      when v_result ->> 'verdict' = 'quarantined' then 'quarantined'
      when v_was.id is null then 'adopted'
      when (v_was.status, v_was.reason_code, v_was.suspect_since is null, v_was.signed_in_attempt)
        is distinct from (v_row.status, v_row.reason_code, v_row.suspect_since is null, v_row.signed_in_attempt)
        then 'changed'
      else 'unchanged' end,
    'connection_id', v_row.id,
    'tags', case when v_row.status <> 'disconnected'
      then patchbay.wanted_tags(v_row, coalesce(p_facts -> 'tags', '{}'), p_facts ->> 'instance') end);
end;
$$;

-- A listed row that could not be read is there all the same; what differs is found again by the next sweep.
create function patchbay.mark_reconciled(p_id uuid) returns void
  language sql
  set search_path = ''
as $$ update public.connections set reconciled_at = clock_timestamp() where id = p_id $$;

-- How many live connections there are, how many of them Nango did not list in this run, and whether any was deleted at
-- Nango by us since it began: what stood behind it in the list moved up, perhaps onto a page that had been read.
create function patchbay.reconcile_outlook(p_started_at timestamptz)
  returns table (live integer, missing integer, shifted boolean)
  language sql stable
  set search_path = ''
as $$
  select count(*)::integer,
    (count(*) filter (where reconciled_at is null or reconciled_at < p_started_at))::integer,
    exists (select 1 from public.connections d where d.remote_deleted_at >= p_started_at and d.remote_result = 'deleted')
      or exists (select 1 from public.quarantined_connections q where q.remote_deleted_at >= p_started_at)
  from public.connections where status <> 'disconnected' and auth_method = 'nango' and created_at < p_started_at;
$$;

-- Live connections that Nango did not list in this run, by id.
create function patchbay.reconcile_missing(p_started_at timestamptz, p_after uuid, p_limit integer)
  returns table (id uuid, integration_key text, nango_connection_id text)
  language sql stable
  set search_path = ''
as $$
  select id, integration_key, nango_connection_id from public.connections
  where status <> 'disconnected' and auth_method = 'nango' and created_at < p_started_at
    and (reconciled_at is null or reconciled_at < p_started_at) and id > p_after
  order by id limit p_limit;
$$;

-- Quarantined connections that Nango did not list in this run, by id.
create function patchbay.quarantine_missing(p_started_at timestamptz, p_after uuid, p_limit integer)
  returns table (id uuid, integration_key text, nango_connection_id text)
  language sql stable
  set search_path = ''
as $$
  select id, integration_key, nango_connection_id from public.quarantined_connections
  where resolved_at is null and last_seen_at < p_started_at and id > p_after order by id limit p_limit;
$$;

-- One of these, after Nango was asked whether it lists it. True when it is settled: gone.
create function patchbay.settle_missing(p_id uuid, p_listed boolean) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  update public.quarantined_connections set
    last_seen_at = case when p_listed then now() else last_seen_at end,
    resolved_at = case when not p_listed then now() end,
    resolution = case when not p_listed then 'gone' end
  where id = p_id and resolved_at is null;
  return found and not p_listed;
end;
$$;

-- The end of a sweep: what waits for a job that is not there gets one. Returns {requeued, deletes_resumed, expired}.
create function patchbay.reconcile_tidy() returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_open bigint[];
  v_resumed integer;
  v_expired integer;
begin
  with waiting as materialized (
    select j.payload ->> 'delivery_id' as id from graphile_worker._private_jobs j where j.attempts < j.max_attempts
  )
  select coalesce(array_agg(d.id), '{}') into v_open from (
    select w.id from public.webhook_deliveries w
    where w.verdict is null and w.received_at < now() - interval '10 minutes'
      and not exists (select 1 from waiting where waiting.id = w.id::text)
    order by w.received_at limit 5000) d;
  perform patchbay.add_delivery_jobs(v_open);
  select count(*) into v_resumed from (
    select patchbay.resume_remote_delete(c.id, now()) as resumed from public.connections c
    where c.status = 'disconnected' and c.remote_deleted_at is null and c.reason_code in ('by_person', 'owner_left')
      and c.remote_delete_after < now() - interval '1 minute' limit 1000) r where r.resumed;
  v_resumed := v_resumed + (select count(*) from (
    select patchbay.resume_quarantine_delete(q.id, now()) as resumed from public.quarantined_connections q
    where q.resolution = 'deleted' and q.remote_deleted_at is null limit 1000) r where r.resumed);
  v_expired := patchbay.expire_attempts();
  return jsonb_build_object('requeued', cardinality(v_open), 'deletes_resumed', v_resumed, 'expired', v_expired);
end;
$$;
create index connections_removing on public.connections (remote_delete_after)
  where status = 'disconnected' and remote_deleted_at is null;
create index quarantined_connections_deleting on public.quarantined_connections (id)
  where resolution = 'deleted' and remote_deleted_at is null;

-- Quarantine, for those who may decide.

-- The attempt's owner is certain: what Nango holds names exactly the owner, person, connector and deployment of the
-- attempt, and it never was a connection of ours.
create function patchbay.can_adopt(
  p_reason text, p_integration_key text, p_tags jsonb, p_attempt public.connection_attempts
) returns boolean
  language sql immutable
  set search_path = ''
as $$
  select coalesce(p_reason in ('attempt_used', 'attempt_cancelled', 'attempt_expired', 'tags_mismatch')
    and p_attempt.integration_key = p_integration_key
    and p_tags ->> 'attempt_id' = p_attempt.id::text
    and p_tags ->> 'connector' = p_attempt.connector
    and p_tags ->> 'end_user_id' = p_attempt.started_by
    and p_tags ->> 'instance' = p_attempt.instance
    and coalesce(p_tags ->> 'organization_id', p_tags ->> 'end_user_id') = p_attempt.owner_id, false);
$$;

-- What waits for p_user's decision, newest first: what is theirs alone, and for administrators everyone's. total_count
-- ignores the page.
create function patchbay.list_quarantine(
  p_owner text, p_user text, p_is_admin boolean, p_before_at timestamptz default null, p_before_id uuid default null,
  p_limit integer default 50
) returns table (
  id uuid, connector text, integration_key text, reason_code text, started_by text, started_by_name text,
  visibility text, first_seen_at timestamptz, seen_count integer, can_adopt boolean, total_count bigint
)
  language sql stable
  set search_path = ''
as $$
  select q.id, coalesce(a.connector, c.connector), q.integration_key, q.reason_code,
    coalesce(a.started_by, c.connected_by), p.name, coalesce(a.visibility, c.visibility), q.first_seen_at, q.seen_count,
    patchbay.can_adopt(q.reason_code, q.integration_key, q.tags, a),
    (select count(*) from public.quarantined_connections t
      where t.owner_id = p_owner and t.resolved_at is null and coalesce(t.private_to = p_user, p_is_admin))
  from public.quarantined_connections q
  left join public.connection_attempts a on a.id = q.attempt_id and a.owner_id = q.owner_id
  left join public.connections c on c.integration_key = q.integration_key and c.owner_id = q.owner_id
    and c.nango_connection_id = q.nango_connection_id
  left join public.people p on p.user_id = coalesce(a.started_by, c.connected_by)
  where q.owner_id = p_owner and q.resolved_at is null and coalesce(q.private_to = p_user, p_is_admin)
    and (p_before_at is null or (q.first_seen_at, q.id) < (p_before_at, p_before_id))
  order by q.first_seen_at desc, q.id desc
  limit p_limit;
$$;
-- How many wait for the decision of other people alone. All that an administrator hears of them.
create function patchbay.count_others_quarantine(p_owner text, p_user text) returns bigint
  language sql stable
  set search_path = ''
as $$
  select count(*) from public.quarantined_connections
  where owner_id = p_owner and resolved_at is null and private_to <> p_user;
$$;
create index quarantined_connections_waiting on public.quarantined_connections (owner_id, first_seen_at desc, id desc)
  where resolved_at is null;
drop index public.quarantined_connections_owner;

-- The quarantined connection, with its lock at Nango taken, after the check. A foreign one, one that is somebody else's
-- alone and an unknown id are the same not_found. Refuses not_found, and forbidden for everyone's to members.
create function patchbay.lock_quarantined(p_owner text, p_user text, p_is_admin boolean, p_id uuid)
  returns public.quarantined_connections
  language plpgsql
  set search_path = ''
as $$
declare
  v_held public.quarantined_connections;
begin
  select * into v_held from public.quarantined_connections
  where id = p_id and owner_id = p_owner and resolved_at is null and coalesce(private_to = p_user, true);
  if v_held.id is null then
    perform patchbay.refuse('not_found');
  elsif v_held.private_to is null and not coalesce(p_is_admin, false) then
    perform patchbay.refuse('forbidden');
  end if;
  perform patchbay.lock_nango_connection(v_held.integration_key, v_held.nango_connection_id);
  select * into v_held from public.quarantined_connections
  where id = p_id and owner_id = p_owner and resolved_at is null for update;
  if v_held.id is null then
    perform patchbay.refuse('not_found');
  end if;
  return v_held;
end;
$$;

-- Makes it a connection of the attempt's owner and person. p_facts: what Nango said under the lock; null: it is gone,
-- which settles the matter. Returns the connection's id; null when it is gone. Refuses not_found, forbidden, and
-- connection_mismatch when its owner is not certain.
create function patchbay.adopt_quarantined(p_owner text, p_user text, p_is_admin boolean, p_id uuid, p_facts jsonb)
  returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_held public.quarantined_connections := patchbay.lock_quarantined(p_owner, p_user, p_is_admin, p_id);
  v_attempt public.connection_attempts;
  v_row public.connections;
begin
  if p_facts is null then
    update public.quarantined_connections set resolved_at = now(), resolution = 'gone' where id = p_id;
    return null;
  end if;
  select * into v_attempt from public.connection_attempts where id = v_held.attempt_id for update;
  if not patchbay.can_adopt(v_held.reason_code, v_held.integration_key, p_facts -> 'tags', v_attempt)
    or p_facts ->> 'integration_key' <> v_held.integration_key
    or p_facts ->> 'connection_id' <> v_held.nango_connection_id
    or v_attempt.owner_id <> p_owner
    or exists (select 1 from public.connections c where c.integration_key = v_held.integration_key
      and c.nango_connection_id = v_held.nango_connection_id) then
    perform patchbay.refuse('connection_mismatch');
  end if;
  v_row := patchbay.create_connection(v_attempt, p_facts, 'quarantine');
  perform patchbay.add_event(v_row, 'adopted', v_held.reason_code, p_user, jsonb_build_object('attempt_id', v_attempt.id));
  update public.quarantined_connections set resolved_at = now(), resolution = 'adopted', resolved_by = p_user
  where id = p_id;
  return v_row.id;
end;
$$;

-- Settled at once; a job deletes it at Nango and tries until it is done. Refuses not_found, forbidden.
create function patchbay.delete_quarantined(p_owner text, p_user text, p_is_admin boolean, p_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_held public.quarantined_connections := patchbay.lock_quarantined(p_owner, p_user, p_is_admin, p_id);
begin
  update public.quarantined_connections set resolved_at = now(), resolution = 'deleted', resolved_by = p_user
  where id = v_held.id;
  perform patchbay.add_job('delete_quarantined', jsonb_build_object('quarantine_id', v_held.id),
    p_key => 'delete_quarantined:' || v_held.id);
end;
$$;

-- For the job: what to delete at Nango. Nothing when it is done, and never a connection that is in use here.
create function patchbay.quarantine_to_delete(p_id uuid)
  returns table (integration_key text, nango_connection_id text)
  language sql stable
  set search_path = ''
as $$
  select q.integration_key, q.nango_connection_id from public.quarantined_connections q
  where q.id = p_id and q.resolution = 'deleted' and q.remote_deleted_at is null
    and not exists (select 1 from public.connections c where c.integration_key = q.integration_key
      and c.nango_connection_id = q.nango_connection_id and c.status <> 'disconnected');
$$;

create function patchbay.quarantine_deleted(p_id uuid) returns void
  language sql
  set search_path = ''
as $$ update public.quarantined_connections set remote_deleted_at = now() where id = p_id and resolution = 'deleted' $$;

-- Nango still has one that was to be deleted: again. False when there is nothing to do.
create function patchbay.resume_quarantine_delete(p_id uuid, p_read_at timestamptz) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  if exists (select 1 from graphile_worker._private_jobs
    where key = 'delete_quarantined:' || p_id and attempts < max_attempts) then
    return false;
  end if;
  update public.quarantined_connections set remote_deleted_at = null
  where id = p_id and resolution = 'deleted' and coalesce(remote_deleted_at, resolved_at) < p_read_at;
  if not found then
    return false;
  end if;
  perform patchbay.add_job('delete_quarantined', jsonb_build_object('quarantine_id', p_id),
    p_key => 'delete_quarantined:' || p_id);
  return true;
end;
$$;

-- An operator's word that a connection at Nango is p_owner's: an attempt that is over from the start, and its connection.
-- p_facts as for apply_facts, read under the lock. Doing it again gives the same connection. Refuses unknown_connector,
-- and connection_mismatch when it is, or was, somebody's already, or another deployment's.
-- Returns {connection_id, tags}: the tags that it must carry from now on.
create function patchbay.import_connection(
  p_owner text, p_by text, p_connector text, p_facts jsonb
) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_attempt public.connection_attempts;
  v_row public.connections;
  v_key text := p_facts ->> 'integration_key';
  v_id text := p_facts ->> 'connection_id';
begin
  perform patchbay.lock_nango_connection(v_key, v_id);
  if not exists (select 1 from public.connectors where slug = p_connector) then
    perform patchbay.refuse('unknown_connector');
  elsif p_facts -> 'tags' ->> 'instance' <> p_facts ->> 'instance' then
    perform patchbay.refuse('connection_mismatch');
  end if;
  select * into v_row from public.connections where integration_key = v_key and nango_connection_id = v_id;
  if v_row.id is not null then
    if v_row.owner_id <> p_owner or v_row.connector <> p_connector or v_row.connected_by <> p_by
      or v_row.status = 'disconnected' then
      perform patchbay.refuse('connection_mismatch');
    end if;
  else
    insert into public.people (user_id) values (p_by) on conflict do nothing;
    insert into public.connection_attempts
      (owner_id, started_by, connector, integration_key, visibility, instance, session_expires_at)
    values (p_owner, p_by, p_connector, v_key, 'everyone', p_facts ->> 'instance', now())
    returning * into v_attempt;
    v_row := patchbay.create_connection(v_attempt, p_facts, 'import');
    update public.connection_attempts set status = 'confirmed', outcome = 'connected', connection_id = v_row.id,
      ended_at = now(), updated_at = now()
    where id = v_attempt.id;
    perform patchbay.add_event(v_row, 'adopted', null, p_by, jsonb_build_object('source', 'import'));
    update public.quarantined_connections set resolved_at = now(), resolution = 'adopted', resolved_by = p_by
    where integration_key = v_key and nango_connection_id = v_id and resolved_at is null;
  end if;
  return jsonb_build_object('connection_id', v_row.id, 'tags',
    patchbay.wanted_tags(v_row, coalesce(p_facts -> 'tags', '{}'), p_facts ->> 'instance'));
end;
$$;

-- Deliveries that fail.

alter table public.webhook_deliveries
  -- Runs of the job, those that failed included.
  add column attempts integer not null default 0,
  -- Failed runs since it was last looked into for the first time.
  add column failures integer not null default 0,
  add column last_error text check (char_length(last_error) <= 200);

create function patchbay.add_delivery_jobs(p_ids bigint[]) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  if cardinality(p_ids) > 0 then
    perform graphile_worker.add_jobs(array(
      select row('apply_delivery', json_build_object('delivery_id', job.id::text), null, null, 500, null, null, null)
        ::graphile_worker.job_spec
      from unnest(p_ids) as job (id)));
  end if;
end;
$$;

create or replace function patchbay.open_delivery(p_id bigint) returns setof public.webhook_deliveries
  language sql
  set search_path = ''
as $$
  update public.webhook_deliveries set attempts = attempts + 1 where id = p_id and verdict is null returning *;
$$;

create or replace function patchbay.finish_delivery(
  p_id bigint, p_verdict text, p_reason text, p_connection uuid default null
) returns boolean
  language sql
  set search_path = ''
as $$
  with done as (
    update public.webhook_deliveries
    set verdict = p_verdict, reason_code = p_reason, connection_id = p_connection, finished_at = now(), failures = 0
    where id = p_id and verdict is null
    returning 1)
  select exists (select 1 from done);
$$;

-- A run of its job failed. True when that was the last: it is parked as gave_up, where somebody sees it and can replay
-- it. p_error: a code and status, never a body.
create function patchbay.delivery_failed(p_id bigint, p_error text, p_patience integer) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_failures integer;
begin
  update public.webhook_deliveries set failures = failures + 1, last_error = left(p_error, 200)
  where id = p_id and verdict is null returning failures into v_failures;
  return v_failures >= p_patience and patchbay.finish_delivery(p_id, 'parked', 'gave_up');
end;
$$;

-- Looks again into deliveries that are final: those given, or those with this verdict and reason (null: any) that ended
-- before p_before. Returns how many; fewer than p_limit means that none is left.
create function patchbay.replay_deliveries(
  p_ids bigint[], p_verdict text, p_reason text, p_before timestamptz, p_limit integer default 1000
) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_again bigint[];
begin
  with chosen as (
    select d.id from public.webhook_deliveries d
    where d.finished_at < p_before and (p_ids is null or d.id = any (p_ids))
      and (p_verdict is null or d.verdict = p_verdict) and (p_reason is null or d.reason_code = p_reason)
      and (p_ids is not null or p_verdict is not null or p_reason is not null)
    order by d.id limit p_limit for update skip locked
  ), again as (
    update public.webhook_deliveries d
    set verdict = null, reason_code = null, finished_at = null, last_error = null, failures = 0
    from chosen where d.id = chosen.id
    returning d.id
  )
  select coalesce(array_agg(again.id), '{}') into v_again from again;
  perform patchbay.add_delivery_jobs(v_again);
  return cardinality(v_again);
end;
$$;

-- What arrived in the last p_days, and what became of it; verdict null: still open.
create function patchbay.delivery_counts(p_days integer)
  returns table (type text, verdict text, reason_code text, count bigint)
  language sql stable
  set search_path = ''
as $$
  select d.type, d.verdict, d.reason_code, count(*) from public.webhook_deliveries d
  where d.received_at > now() - make_interval(days => p_days)
  group by 1, 2, 3 order by 1 nulls last, 4 desc;
$$;

-- Jobs that do not get done.

create function patchbay.stuck_jobs(p_min_attempts integer, p_limit integer) returns table (
  id bigint, task text, connection_id text, delivery_id text, attempts integer, max_attempts integer, last_error text,
  run_at timestamptz
)
  language plpgsql stable
  set search_path = ''
as $$
begin
  return query
    select j.id, t.identifier, j.payload ->> 'connection_id', j.payload ->> 'delivery_id', j.attempts::integer,
      j.max_attempts::integer, j.last_error, j.run_at
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where j.attempts >= least(p_min_attempts, j.max_attempts)
    order by j.attempts desc, j.id limit p_limit;
end;
$$;

-- Due now, and allowed one more try at least. False when there is no such job, or somebody is at it.
create function patchbay.retry_job(p_id bigint) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  return exists (select 1 from graphile_worker.reschedule_jobs(array[p_id], run_at => now(), attempts => (
    select least(j.attempts, j.max_attempts - 1)::integer from graphile_worker._private_jobs j where j.id = p_id)));
end;
$$;

revoke all on all functions in schema patchbay from public;
