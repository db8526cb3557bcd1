-- Deliveries: webhook requests that reached us, and what became of them.
--
-- Promises:
--   * A delivery is a hint. It is stored with the job that looks into it, in one transaction, before it is answered.
--   * The same bytes are one row. Known and not final: nothing new. Final within 120 s: a duplicate. Later: looked into
--     again, since a second refresh failure can be byte-identical.
--   * No client role reads or writes deliveries.

create table public.webhook_deliveries (
  id bigint generated always as identity primary key,
  body_sha256 bytea not null unique check (octet_length(body_sha256) = 32),
  body bytea not null check (octet_length(body) <= 1048576),
  type text,
  operation text,
  integration_key text,
  nango_connection_id text,
  received_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  seen_count integer not null default 1,
  verdict text check (verdict in ('applied', 'duplicate', 'ignored', 'parked', 'quarantined', 'refused')),
  reason_code text check (reason_code ~ '^[a-z][a-z0-9_]{0,63}$'),
  connection_id uuid,
  finished_at timestamptz,
  check ((verdict is null) = (finished_at is null))
);
create index webhook_deliveries_open on public.webhook_deliveries (received_at) where verdict is null;
alter table public.webhook_deliveries enable row level security;
alter table public.webhook_deliveries force row level security;
revoke all on table public.webhook_deliveries from public, anon, authenticated, service_role;
revoke all on sequence public.webhook_deliveries_id_seq from public, anon, authenticated, service_role;

-- Takes a batch, one array per field; answers one row per item, in their order.
-- p_sha256: hex. p_bodies: base64 of the raw bytes. Outcomes: stored, known, duplicate, requeued.
create function patchbay.record_deliveries(
  p_sha256 text[], p_bodies text[], p_types text[], p_operations text[],
  p_integration_keys text[], p_connection_ids text[]
) returns table (item integer, id bigint, outcome text)
  language plpgsql
  set search_path = ''
as $$
declare
  v_new bigint[];
  v_again bigint[];
begin
  -- Rows are taken in the order of their hashes, so that two batches cannot wait for each other.
  with given as (
    select distinct on (g.sha) decode(g.sha, 'hex') as sha, g.body, g.type, g.operation, g.integration_key, g.connection_id
    from unnest(p_sha256, p_bodies, p_types, p_operations, p_integration_keys, p_connection_ids)
      as g (sha, body, type, operation, integration_key, connection_id)
    order by g.sha
  ), stored as (
    insert into public.webhook_deliveries as d (body_sha256, body, type, operation, integration_key, nango_connection_id)
    select sha, decode(body, 'base64'), type, operation, integration_key, connection_id from given order by sha
    on conflict (body_sha256) do nothing
    returning d.id
  )
  select coalesce(array_agg(stored.id), '{}') into v_new from stored;

  if cardinality(v_new) < cardinality(p_sha256) then
    with seen as (
      select d.id from public.webhook_deliveries d
      where d.body_sha256 in (select decode(sha, 'hex') from unnest(p_sha256) as sha)
        and d.finished_at < now() - interval '120 seconds'
      order by d.body_sha256 for update
    ), again as (
      update public.webhook_deliveries d
      set seen_count = d.seen_count + 1, last_seen_at = now(), verdict = null, reason_code = null, finished_at = null
      from seen where d.id = seen.id
      returning d.id
    )
    select coalesce(array_agg(again.id), '{}') into v_again from again;
  end if;

  if cardinality(v_new) + coalesce(cardinality(v_again), 0) > 0 then
    perform graphile_worker.add_jobs(array(
      select row('apply_delivery', json_build_object('delivery_id', job.id::text), null, null, 500, null, null, null)
        ::graphile_worker.job_spec
      from unnest(v_new || coalesce(v_again, '{}')) as job (id)));
  end if;

  return query
    select g.ordinality::integer, d.id,
      case
        when d.id = any (v_new) and g.ordinality = min(g.ordinality) over (partition by d.id) then 'stored'
        when d.id = any (v_again) and g.ordinality = min(g.ordinality) over (partition by d.id) then 'requeued'
        when d.finished_at is null then 'known'
        else 'duplicate'
      end
    from unnest(p_sha256) with ordinality as g (sha, ordinality)
    join public.webhook_deliveries d on d.body_sha256 = decode(g.sha, 'hex')
    order by g.ordinality;
end;
$$;

-- For the job. Nothing when the delivery is unknown or final already.
create function patchbay.open_delivery(p_id bigint) returns setof public.webhook_deliveries
  language sql
  set search_path = ''
as $$ select * from public.webhook_deliveries where id = p_id and verdict is null $$;

-- Ends a delivery without touching any connection. Final ones stay as they are.
create function patchbay.finish_delivery(p_id bigint, p_verdict text, p_reason text, p_connection uuid default null)
  returns boolean
  language sql
  set search_path = ''
as $$
  with done as (
    update public.webhook_deliveries
    set verdict = p_verdict, reason_code = p_reason, connection_id = p_connection, finished_at = now()
    where id = p_id and verdict is null
    returning 1)
  select exists (select 1 from done);
$$;

-- Applies what Nango answered for the connection that a delivery names: facts as for apply_facts, or null when Nango
-- answered 404. Call it in the transaction that took lock_nango_connection() before the read, so that an older answer
-- cannot overtake a newer one. Returns {verdict, reason, connection_id}; null when the delivery is final already.
create function patchbay.apply_delivery(p_id bigint, p_facts jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_delivery public.webhook_deliveries;
  v_result jsonb;
begin
  select * into v_delivery from public.webhook_deliveries where id = p_id and verdict is null for update;
  if not found then
    return null;
  end if;
  if v_delivery.integration_key is null or v_delivery.nango_connection_id is null then
    v_result := jsonb_build_object('verdict', 'parked', 'reason', 'names_no_connection', 'connection_id', null);
  elsif p_facts is null then
    v_result := patchbay.apply_gone(v_delivery.integration_key, v_delivery.nango_connection_id, 'webhook');
  elsif p_facts ->> 'integration_key' is distinct from v_delivery.integration_key
    or p_facts ->> 'connection_id' is distinct from v_delivery.nango_connection_id then
    v_result := jsonb_build_object('verdict', 'refused', 'reason', 'connection_mismatch', 'connection_id', null);
  else
    v_result := patchbay.apply_facts(p_facts, 'webhook');
  end if;
  perform patchbay.finish_delivery(
    p_id, v_result ->> 'verdict', v_result ->> 'reason', (v_result ->> 'connection_id')::uuid);
  return v_result;
end;
$$;

revoke all on all functions in schema patchbay from public;
