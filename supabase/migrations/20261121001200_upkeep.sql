-- What the clock does to connections and to what we keep: probes, warnings before a sign-in ends, retention.
--
-- Promises:
--   * Each live connection is looked at about once per period, spread over time, and soon after its sign-in ends.
--   * No owner gets more probes an hour than the budget; what is over it is postponed, so that it neither stands in others'
--     way nor is read again each minute. All probes together take from the budget of background calls to Nango.
--   * A sign-in that ends is announced once per step (14, 3, 1 days ahead), and anew when its end has moved.
--   * History stays append-only for every role: nothing changes it, and nothing younger than ninety days leaves it.
--   * Retention deletes in batches, each a transaction of its own. Connections, tombstones included, are kept for ever.

-- Probes.

-- Not among them: what is still waiting for a sign-in to be approved, and direct connections, which Nango does not hold.
create index connections_probe_due on public.connections (next_probe_at)
  where status in ('connected', 'needs_attention') and auth_method = 'nango';
create index connections_owner_probed on public.connections (owner_id, last_probed_at) where last_probed_at is not null;

-- A sign-in with a known end is probed right after it, wherever that end was learned.
create function patchbay.probe_after_end() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.next_probe_at := least(new.next_probe_at, new.expires_at + interval '1 minute');
  return new;
end;
$$;
create trigger connections_probe_after_end before insert or update of expires_at, next_probe_at on public.connections
  for each row when (new.expires_at > now()) execute function patchbay.probe_after_end();
update public.connections set next_probe_at = next_probe_at where expires_at > now();

-- Takes due connections and enqueues a look at each. p_limit: at most so many. p_per_owner_per_hour: and no more of one
-- owner. p_every_hours: the period; the next probe is 0.75 to 1.25 of it away. p_calls_per_minute: what all background
-- work together may ask of Nango. Returns how many were claimed, and how many postponed for their owner's budget.
create function patchbay.claim_probes(
  p_limit integer, p_per_owner_per_hour integer, p_every_hours double precision, p_calls_per_minute integer
) returns table (claimed integer, postponed integer)
  language plpgsql
  set search_path = ''
as $$
declare
  -- Due connections that are read at a time: many more than are claimed, so that a crowd of one owner's is soon sorted out.
  v_ahead constant integer := 2000;
  -- A look reads Nango, then asks the provider through it.
  v_calls_per_probe constant integer := 2;
  v_within uuid[];
  v_over uuid[];
  v_places integer[];
begin
  -- One at a time: a second one would count the same budget. It has nothing to wait for, the first does its work.
  if not pg_try_advisory_xact_lock(hashtextextended('patchbay.claim_probes', 0)) then
    return query select 0, 0;
    return;
  end if;
  with due as materialized (
    select c.id, c.owner_id, c.next_probe_at, c.last_probed_at from public.connections c
    where c.status in ('connected', 'needs_attention') and c.auth_method = 'nango' and c.next_probe_at <= now()
      -- A suspicion has a look of its own under way, at a time that was chosen for it.
      and not (c.status = 'connected' and coalesce(c.suspect_since > now() - interval '2 minutes', false))
    order by c.next_probe_at limit v_ahead
  ), owners as materialized (
    select d.owner_id, greatest(0, p_per_owner_per_hour - (select count(*) from public.connections o
        where o.owner_id = d.owner_id and o.last_probed_at > now() - interval '1 hour')) as budget
    from (select distinct due.owner_id from due) d
  ), ranked as (
    -- Of an owner's own, whoever has waited longest for a look comes first.
    select due.id, due.next_probe_at, owners.budget, row_number() over (
      partition by due.owner_id order by due.last_probed_at nulls first, due.next_probe_at, due.id) as place
    from due join owners on owners.owner_id = due.owner_id
  )
  select
    -- In turns: each owner's first before anybody's second.
    array_agg(r.id order by r.place, r.next_probe_at) filter (where r.place <= r.budget),
    array_agg(r.id order by r.id) filter (where r.place > r.budget),
    array_agg((r.place - r.budget)::integer order by r.id) filter (where r.place > r.budget)
  into v_within, v_over, v_places from ranked r;

  -- Each gets an hour's place of its own, as the budget will allow.
  with free as (
    select c.id from public.connections c where c.id = any (v_over) for update skip locked)
  update public.connections c
  set next_probe_at = now() + interval '1 hour' * (1 + (o.place - 1)::double precision / greatest(p_per_owner_per_hour, 1))
  from unnest(v_over, v_places) as o (id, place)
  where c.id = o.id and c.id in (select free.id from free);
  get diagnostics postponed = row_count;

  select array_agg(f.id order by array_position(v_within, f.id)) into v_within from (
    select c.id from public.connections c
    where c.id = any (v_within[1:p_limit]) and c.status in ('connected', 'needs_attention') and c.next_probe_at <= now()
    for update skip locked) f;
  claimed := 0;
  if v_within is not null then
    claimed := patchbay.take_nango_calls(cardinality(v_within) * v_calls_per_probe, p_calls_per_minute)
      / v_calls_per_probe;
    v_within := v_within[1:claimed];
    update public.connections c set last_probed_at = now(),
      next_probe_at = now() + make_interval(secs => p_every_hours * 3600 * (0.75 + random() * 0.5))
    where c.id = any (v_within);
    perform patchbay.enqueue_look(probe.id) from unnest(v_within) as probe (id);
  end if;
  return next;
end;
$$;

-- Warnings.

create index connections_ending on public.connections (expires_at) where status = 'connected' and expires_at is not null;

-- The step of a sign-in that has so much time left; null when it is too early to warn, or too late.
create function patchbay.warning_step(p_left interval) returns integer
  language sql immutable
  set search_path = ''
as $$
  select case when p_left <= interval '0' then null when p_left <= interval '1 day' then 1
    when p_left <= interval '3 days' then 3 when p_left <= interval '14 days' then 14 end;
$$;

-- Warns of sign-ins that end: the present step of each, steps that were slept through are not made up for. What needs
-- attention already asks for a new sign-in, and is not warned of. Returns how many were warned of; fewer than p_limit
-- means that none is left.
create function patchbay.warn_expiring(p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
  v_count integer := 0;
begin
  for v_row in
    select * from public.connections c
    where c.status = 'connected' and c.expires_at > now() and c.expires_at <= now() + interval '14 days'
      and patchbay.warning_step(c.expires_at - now()) < coalesce(c.expiry_warned, 15)
    order by c.expires_at limit p_limit for update skip locked
  loop
    update public.connections set expiry_warned = patchbay.warning_step(v_row.expires_at - now()), updated_at = now()
    where id = v_row.id returning * into v_row;
    perform patchbay.add_told_event(v_row, 'expiry_warned', null, 'system',
      jsonb_build_object('days', v_row.expiry_warned, 'expires_at', v_row.expires_at));
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;

-- Retention.

create index webhook_deliveries_finished on public.webhook_deliveries (finished_at) where finished_at is not null;
create index connection_events_created on public.connection_events (created_at);
create index connection_attempts_ended on public.connection_attempts (ended_at, id) where ended_at is not null;
-- For "does a live connection's sign-in come from this attempt?".
create index connections_signed_in_attempt on public.connections (signed_in_attempt) where status <> 'disconnected';
create index quarantined_connections_resolved on public.quarantined_connections (resolved_at) where resolved_at is not null;
create index notices_seen on public.notices (seen_at) where seen_at is not null;

create or replace function patchbay.refuse_change() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  -- Nested: a truncation has no old row.
  if tg_op = 'DELETE' then
    if old.created_at < now() - interval '90 days' then
      return old;
    end if;
  end if;
  raise exception using errcode = 'PB400', message = 'history_is_append_only';
end;
$$;

-- Each deletes at most p_limit rows that are older than p_days and says how many; fewer than p_limit means that none is left.

create function patchbay.forget_deliveries(p_days integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from public.webhook_deliveries where id in (
    select d.id from public.webhook_deliveries d where d.finished_at < now() - make_interval(days => p_days)
    order by d.finished_at limit p_limit for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

-- Never younger than ninety days, whatever is asked for. Notices of an event go with it.
create function patchbay.forget_events(p_days integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  with gone as (
    delete from public.connection_events where id in (
      select e.id from public.connection_events e
      where e.created_at < now() - make_interval(days => greatest(p_days, 90))
      order by e.created_at limit p_limit for update skip locked)
    returning id
  ), unsaid as (
    delete from public.notices where event_id in (select gone.id from gone)
  )
  select count(*) into v_count from gone;
  return v_count;
end;
$$;

-- Not one that is still to be deleted at Nango.
create function patchbay.forget_quarantined(p_days integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from public.quarantined_connections where id in (
    select q.id from public.quarantined_connections q
    where q.resolved_at < now() - make_interval(days => p_days)
      and (q.resolution <> 'deleted' or q.remote_deleted_at is not null)
    order by q.resolved_at limit p_limit for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

create function patchbay.forget_notices(p_days integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from public.notices where id in (
    select n.id from public.notices n where n.seen_at < now() - make_interval(days => p_days)
    order by n.seen_at limit p_limit for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

-- Attempts that ended. Kept are those that a quarantined connection names, the one that a live connection's sign-in comes
-- from, and its last confirmed one: tags at Nango name them. Since these may be many, the call continues after p_after_at
-- and p_after_id instead of reading them again. Returns how many were seen and deleted, and where it stopped; fewer seen
-- than p_limit means that none is left.
create function patchbay.forget_attempts(
  p_days integer, p_limit integer, p_after_at timestamptz default '-infinity',
  p_after_id uuid default '00000000-0000-0000-0000-000000000000'
) returns table (seen integer, deleted integer, last_at timestamptz, last_id uuid)
  language plpgsql
  set search_path = ''
as $$
begin
  select count(*), max(a.ended_at), (array_agg(a.id order by a.ended_at desc, a.id desc))[1]
  into seen, last_at, last_id from (
    select o.id, o.ended_at from public.connection_attempts o
    where o.ended_at < now() - make_interval(days => p_days) and (o.ended_at, o.id) > (p_after_at, p_after_id)
    order by o.ended_at, o.id limit p_limit) a;
  delete from public.connection_attempts where id in (
    select a.id from public.connection_attempts a
    -- Said for the planner, which does not see it in the comparison of rows: the index holds ended ones only.
    where a.ended_at is not null
      and (a.ended_at, a.id) > (p_after_at, p_after_id) and (a.ended_at, a.id) <= (last_at, last_id)
      and a.status in ('confirmed', 'failed', 'cancelled', 'expired')
      and not exists (select 1 from public.quarantined_connections q where q.attempt_id = a.id)
      and not exists (select 1 from public.connections c where c.signed_in_attempt = a.id and c.status <> 'disconnected')
      and not exists (select 1 from public.connections c
        where c.id = a.connection_id and c.status <> 'disconnected' and a.status = 'confirmed'
          and not exists (select 1 from public.connection_attempts later
            where later.connection_id = c.id and later.status = 'confirmed'
              and (later.ended_at, later.id) > (a.ended_at, a.id)))
    for update skip locked);
  get diagnostics deleted = row_count;
  return next;
end;
$$;

-- For platforms without a long-running worker: what its clock would have started. Asking often is free: a probe or a
-- warning that waits already is not added again, and retention is put off until a day has gone by.
create function patchbay.enqueue_upkeep() returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform graphile_worker.add_job('probe', max_attempts => 3, job_key => 'probe');
  perform graphile_worker.add_job('warn_expiring', max_attempts => 3, job_key => 'warn_expiring');
  perform graphile_worker.add_job('retain', run_at => now() + interval '1 day', max_attempts => 3, job_key => 'retain',
    job_key_mode => 'preserve_run_at');
end;
$$;

revoke all on all functions in schema patchbay from public;
