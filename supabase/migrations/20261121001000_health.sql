-- How a connection stands, and what people do about it: looks, reconnecting in place, another account than before,
-- the end of a sign-in, defaults, and telling people once.
--
-- Promises:
--   * A suspicion (Nango's word, a provider's refusal) never changes the status by itself; a look does.
--   * A look that began before somebody signed in again decides nothing.
--   * Reconnecting keeps the row: id, label, owner, history. An attempt that fails or is given up touches nothing.
--   * Another account than before stands still until a person keeps it or the right one signs in.
--   * Each transition that concerns a person is told once: the notice is keyed by its event.

alter table public.connections
  add column signed_in_at timestamptz,
  -- Whose sign-in the credentials at Nango come from.
  add column signed_in_attempt uuid,
  add column checked_at timestamptz,
  add column looking_since timestamptz,
  add column credentials_readable boolean,
  -- Nango's broken flag, by the id of its log entry; and the last one that a look found to be no longer true. Nango keeps
  -- a flag on credentials that it does not renew, whatever they do since.
  add column nango_error_id text,
  add column nango_error_cleared text,
  add column found_account_id text,
  add column found_account_name text,
  -- Whether it was the default when it was disconnected: what undo restores.
  add column default_before boolean not null default false,
  add column next_probe_at timestamptz,
  add column last_probed_at timestamptz,
  add column expiry_warned integer check (expiry_warned in (14, 3, 1)),
  add column reconciled_at timestamptz,
  drop constraint connections_reason_code_check,
  add constraint connections_reason_code_check check (reason_code in (
    'auth_failed', 'permission_lost', 'refresh_failed', 'expired', 'account_mismatch',
    'by_person', 'gone_upstream', 'owner_left')),
  drop constraint connections_check2,
  add constraint connections_attention_reason check (status <> 'needs_attention' or reason_code in (
    'auth_failed', 'permission_lost', 'refresh_failed', 'expired', 'account_mismatch')),
  add constraint connections_found_account check (found_account_id is null or reason_code = 'account_mismatch'
    or status = 'disconnected');
update public.connections c set signed_in_at = connected_at, checked_at = last_synced_at, last_synced_at = null,
  next_probe_at = now() + random() * interval '1 day',
  signed_in_attempt = (select a.id from public.connection_attempts a
    where a.connection_id = c.id and a.status = 'confirmed' order by a.ended_at desc limit 1);
grant select (signed_in_at, checked_at, looking_since, credentials_readable, found_account_id, found_account_name,
  error_count) on table public.connections to authenticated;
-- "The same account twice?"
create index connections_owner_account on public.connections (owner_id, connector, account_id)
  where status <> 'disconnected' and account_id is not null;
-- "Does another one hold this account?", where another than the one on record signed in.
create index connections_found_account on public.connections (integration_key, found_account_id)
  where found_account_id is not null;

alter table public.connection_events
  drop constraint connection_events_type_check,
  add constraint connection_events_type_check check (type in (
    'connected', 'reconnected', 'activated', 'suspected', 'recovered', 'needs_attention', 'identified', 'account_kept',
    'labelled', 'default_set', 'check_requested', 'expiry_warned', 'retagged', 'adopted',
    'disconnected', 'disconnect_undone', 'remote_deleted', 'quarantined', 'policy_changed')),
  drop constraint connection_events_reason_code_check,
  add constraint connection_events_reason_code_check check (reason_code in (
    'auth_failed', 'permission_lost', 'refresh_failed', 'expired', 'account_mismatch',
    'by_person', 'gone_upstream', 'owner_left',
    'missing_tags', 'foreign_instance', 'unknown_attempt', 'tags_mismatch',
    'attempt_cancelled', 'attempt_used', 'attempt_expired'));

-- Notices: what a person was told.

create table public.notices (
  id bigint generated always as identity primary key,
  owner_id text not null,
  user_id text not null,
  event_id bigint not null,
  kind text not null check (kind in (
    'needs_attention', 'recovered', 'expires_soon', 'disconnected', 'duplicate_account', 'quarantined')),
  connection_id uuid references public.connections (id),
  connector text not null,
  account text,
  reason_code text,
  days integer,
  created_at timestamptz not null default now(),
  seen_at timestamptz,
  unique (event_id, user_id)
);
create index notices_person on public.notices (owner_id, user_id, id desc);
create index notices_unseen on public.notices (owner_id, user_id) where seen_at is null;
create index notices_connection on public.notices (connection_id) where connection_id is not null;
alter table public.notices enable row level security;
alter table public.notices force row level security;
revoke all on table public.notices from public, anon, authenticated, service_role;
revoke all on sequence public.notices_id_seq from public, anon, authenticated, service_role;
grant select (id, owner_id, user_id, kind, connection_id, connector, account, reason_code, days, created_at, seen_at)
  on table public.notices to authenticated;
create policy notices_own on public.notices for select to authenticated
  using (owner_id = (select public.requesting_owner_id()) and user_id = (select public.requesting_user_id()));

-- An event that somebody is told of: the job writes the notice.
create function patchbay.add_told_event(
  p_connection public.connections, p_type text, p_reason text, p_actor text, p_data jsonb default '{}'
) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_event bigint;
begin
  insert into public.connection_events (owner_id, connection_id, type, reason_code, actor_kind, actor_id, data)
  values (p_connection.owner_id, p_connection.id, p_type, p_reason,
    case when p_actor in ('nango', 'system') then p_actor else 'person' end,
    case when p_actor in ('nango', 'system') then null else p_actor end, p_data)
  returning id into v_event;
  perform patchbay.add_job('notify', jsonb_build_object('event_id', v_event::text));
end;
$$;

-- For the job: tells whoever connected it (or tried to), once. Nobody is told of what they did themselves.
create function patchbay.write_notices(p_event bigint) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  insert into public.notices (owner_id, user_id, event_id, kind, connection_id, connector, account, reason_code, days)
  select e.owner_id, coalesce(c.connected_by, a.started_by), e.id,
    case e.type when 'expiry_warned' then 'expires_soon' when 'identified' then 'duplicate_account' else e.type end,
    c.id, coalesce(c.connector, a.connector), coalesce(c.label, c.account_name), e.reason_code,
    (e.data ->> 'days')::integer
  from public.connection_events e
  left join public.connections c on c.id = e.connection_id
  left join public.connection_attempts a on e.connection_id is null and a.id = (e.data ->> 'attempt_id')::uuid
  where e.id = p_event and e.owner_id is not null and coalesce(c.connected_by, a.started_by) is not null
    and (e.type in ('needs_attention', 'recovered', 'expiry_warned', 'disconnected', 'quarantined')
      or (e.type = 'identified' and (e.data ->> 'duplicate')::boolean))
    and coalesce(e.actor_id, '') <> coalesce(c.connected_by, a.started_by)
  on conflict (event_id, user_id) do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

-- Newest first, with the number that were not seen yet.
create function public.list_notices(p_owner text, p_user text, p_limit integer default 50)
  returns table (id bigint, kind text, connection_id uuid, connector text, account text, reason_code text, days integer,
    created_at timestamptz, seen_at timestamptz, unseen_count bigint)
  language sql stable
  begin atomic
    select n.id, n.kind, n.connection_id, n.connector, n.account, n.reason_code, n.days, n.created_at, n.seen_at,
      (select count(*) from public.notices u where u.owner_id = p_owner and u.user_id = p_user and u.seen_at is null)
    from public.notices n
    where n.owner_id = p_owner and n.user_id = p_user
    order by n.id desc
    limit p_limit;
  end;
revoke all on function public.list_notices(text, text, integer) from public, anon, authenticated, service_role;
grant execute on function public.list_notices(text, text, integer) to authenticated;

create function patchbay.see_notices(p_owner text, p_user text, p_until bigint) returns void
  language sql
  set search_path = ''
as $$
  update public.notices set seen_at = now()
  where owner_id = p_owner and user_id = p_user and id <= p_until and seen_at is null;
$$;

-- Looks: first (whose account is it?), second (does it still work?), on request, and by the clock.

create function patchbay.enqueue_look(p_id uuid, p_run_at timestamptz default null) returns void
  language sql
  set search_path = ''
as $$
  select patchbay.add_job('identify_connection', jsonb_build_object('connection_id', p_id), p_run_at, 'identify:' || p_id);
$$;

-- Somebody asks for a look now. Asking again within ten seconds changes nothing; that somebody else read it at Nango
-- meanwhile is no look. Refuses not_found, forbidden, connection_disconnected.
create function patchbay.request_check(p_owner text, p_user text, p_is_admin boolean, p_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections := patchbay.lock_managed(p_owner, p_user, p_is_admin, p_id);
begin
  if v_row.status = 'disconnected' then
    perform patchbay.refuse('connection_disconnected');
  elsif v_row.looking_since > now() - interval '10 seconds'
    or (select e.created_at from public.connection_events e where e.connection_id = p_id and e.type = 'check_requested'
      order by e.id desc limit 1) > now() - interval '10 seconds' then
    return;
  end if;
  -- A sign-in that no look has confirmed yet stays known as such.
  update public.connections set updated_at = now(),
    looking_since = case when looking_since <= signed_in_at then looking_since else now() end
  where id = p_id;
  perform patchbay.add_event(v_row, 'check_requested', null, p_user);
  perform patchbay.enqueue_look(p_id);
end;
$$;

drop function patchbay.record_look(uuid, boolean, text, text);
-- A look has an answer. p_signed_in_at: what signed_in_at was when it began; another value now means that somebody has
-- signed in since, and that this answer is about credentials that are gone.
-- p_ok false needs p_reason: auth_failed, permission_lost or refresh_failed; after the known end of the sign-in each of
-- them is `expired`. An account mismatch is not healed by credentials that work.
-- Returns connected, needs_attention, or ignored.
create function patchbay.record_look(
  p_id uuid, p_signed_in_at timestamptz, p_ok boolean, p_reason text default null, p_error text default null
) returns text
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
  v_was public.connections;
  v_reason text;
begin
  select * into v_was from public.connections where id = p_id for update;
  if v_was.id is null or v_was.status in ('disconnected', 'pending')
    or v_was.signed_in_at is distinct from p_signed_in_at then
    return 'ignored';
  elsif p_ok and v_was.reason_code = 'account_mismatch' then
    update public.connections set looking_since = null, checked_at = now(), last_error = null, error_count = 0
    where id = p_id;
    return 'needs_attention';
  elsif p_ok then
    update public.connections set status = 'connected', reason_code = null, suspect_since = null, looking_since = null,
      checked_at = now(), last_error = null, error_count = 0, nango_error_cleared = nango_error_id,
      updated_at = case when v_was.status = 'needs_attention' or v_was.suspect_since is not null
        then now() else updated_at end
    where id = p_id returning * into v_row;
    if v_was.status = 'needs_attention' then
      perform patchbay.add_told_event(v_row, 'recovered', null, 'system');
    elsif v_was.suspect_since is not null then
      perform patchbay.add_event(v_row, 'recovered', null, 'system');
    end if;
    return 'connected';
  end if;
  v_reason := case
    when v_was.reason_code = 'account_mismatch' then 'account_mismatch'
    when v_was.expires_at <= now() then 'expired'
    else p_reason end;
  update public.connections set status = 'needs_attention', reason_code = v_reason,
    suspect_since = coalesce(suspect_since, now()), looking_since = null, checked_at = now(),
    last_error = left(p_error, 500), error_count = error_count + 1,
    updated_at = case when v_was.status = 'needs_attention' and v_was.reason_code = v_reason then updated_at else now() end
  where id = p_id returning * into v_row;
  if v_was.status <> 'needs_attention' then
    perform patchbay.add_told_event(v_row, 'needs_attention', v_reason, 'system');
  elsif v_was.reason_code <> v_reason then
    perform patchbay.add_event(v_row, 'needs_attention', v_reason, 'system');
  end if;
  return 'needs_attention';
end;
$$;

-- A look that found out nothing: what was known before stays.
create function patchbay.record_undecided(p_id uuid, p_signed_in_at timestamptz) returns void
  language sql
  set search_path = ''
as $$
  update public.connections set looking_since = null
  where id = p_id and status in ('connected', 'needs_attention') and signed_in_at is not distinct from p_signed_in_at;
$$;

-- A provider refused the credentials of a connection that nothing was known against, or Nango does not know it any more:
-- looked into before it counts.
create function patchbay.suspect(p_id uuid, p_signed_in_at timestamptz) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
begin
  update public.connections set suspect_since = now(), looking_since = coalesce(looking_since, now()), updated_at = now()
  where id = p_id and status = 'connected' and suspect_since is null and signed_in_at is not distinct from p_signed_in_at
  returning * into v_row;
  if v_row.id is not null then
    perform patchbay.add_event(v_row, 'suspected', null, 'system');
  end if;
end;
$$;

drop function patchbay.set_identity(uuid, text, text);
-- Whose account it is, as the provider says. Another account than before: needs_attention(account_mismatch), and the
-- account on record stays until a person decides or the right one signs in again.
-- Returns applied, unchanged, mismatch, restored or ignored.
create function patchbay.set_identity(p_id uuid, p_signed_in_at timestamptz, p_account_id text, p_account_name text)
  returns text
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
  v_was public.connections;
begin
  select * into v_was from public.connections where id = p_id for update;
  if v_was.id is null or v_was.status in ('disconnected', 'pending')
    or v_was.signed_in_at is distinct from p_signed_in_at then
    return 'ignored';
  elsif v_was.account_id is not null and v_was.account_id <> p_account_id then
    update public.connections set status = 'needs_attention', reason_code = 'account_mismatch',
      found_account_id = p_account_id, found_account_name = p_account_name, looking_since = null,
      suspect_since = coalesce(suspect_since, now()), checked_at = now(), updated_at = case when found_account_id = p_account_id then updated_at else now() end
    where id = p_id returning * into v_row;
    if v_was.found_account_id is distinct from p_account_id then
      perform patchbay.add_told_event(v_row, 'needs_attention', 'account_mismatch', 'system',
        jsonb_build_object('found', p_account_name));
    end if;
    return 'mismatch';
  elsif v_was.reason_code = 'account_mismatch' then
    update public.connections set status = 'connected', reason_code = null, found_account_id = null,
      found_account_name = null, account_name = p_account_name, suspect_since = null, looking_since = null,
      checked_at = now(), last_error = null, error_count = 0, updated_at = now()
    where id = p_id returning * into v_row;
    perform patchbay.add_told_event(v_row, 'recovered', null, 'system');
    return 'restored';
  elsif v_was.account_id is not distinct from p_account_id and v_was.account_name is not distinct from p_account_name then
    return 'unchanged';
  end if;
  update public.connections set account_id = p_account_id, account_name = p_account_name, updated_at = now()
  where id = p_id returning * into v_row;
  if v_was.account_id is null and patchbay.has_twin(v_row) then
    perform patchbay.add_told_event(v_row, 'identified', null, 'system',
      jsonb_build_object('account', p_account_name, 'duplicate', true));
  else
    perform patchbay.add_event(v_row, 'identified', null, 'system', jsonb_build_object('account', p_account_name));
  end if;
  return 'applied';
end;
$$;

-- Another live connection of the same owner and connector that holds the same account, and that whoever connected this
-- one may see.
create function patchbay.has_twin(p_row public.connections) returns boolean
  language sql stable
  set search_path = ''
as $$
  select exists (select 1 from public.connections o
    where o.owner_id = p_row.owner_id and o.connector = p_row.connector and o.account_id = p_row.account_id
      and o.status <> 'disconnected' and o.id <> p_row.id
      and patchbay.connection_visible(o.owner_id, o.visibility, o.connected_by, p_row.owner_id, p_row.connected_by));
$$;

-- "It is meant to be this account now." p_account: the name of the account that the person saw; another one may have
-- signed in since. What is known against the credentials stays, and a look follows.
-- Refuses not_found, forbidden, connection_not_ready (nothing to keep, or another account than p_account).
create function patchbay.keep_account(p_owner text, p_user text, p_is_admin boolean, p_id uuid, p_account text)
  returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_was public.connections := patchbay.lock_managed(p_owner, p_user, p_is_admin, p_id);
  v_row public.connections;
begin
  if v_was.status <> 'needs_attention' or v_was.reason_code <> 'account_mismatch' or v_was.found_account_id is null
    or v_was.found_account_name is distinct from p_account
    -- Somebody has signed in since, and it is not known yet as whom.
    or v_was.looking_since <= v_was.signed_in_at then
    perform patchbay.refuse('connection_not_ready');
  end if;
  update public.connections set status = 'connected', reason_code = null, account_id = found_account_id,
    account_name = found_account_name, found_account_id = null, found_account_name = null,
    suspect_since = case when error_count > 0 then suspect_since end, looking_since = now(), updated_at = now()
  where id = p_id returning * into v_row;
  perform patchbay.add_event(v_row, 'account_kept', null, p_user,
    jsonb_build_object('account', v_row.account_name, 'before', v_was.account_name));
  if patchbay.has_twin(v_row) then
    perform patchbay.add_told_event(v_row, 'identified', null, 'system',
      jsonb_build_object('account', v_row.account_name, 'duplicate', true));
  end if;
  perform patchbay.enqueue_look(p_id);
end;
$$;

-- Reconnecting.

-- An attempt to sign in again on a connection that exists. Refuses not_found, forbidden, connection_disconnected,
-- connector_unavailable, connector_blocked.
create function patchbay.start_reconnect(p_owner text, p_user text, p_is_admin boolean, p_id uuid, p_instance text)
  returns setof public.connection_attempts
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections := patchbay.lock_managed(p_owner, p_user, p_is_admin, p_id);
begin
  if v_row.status = 'disconnected' then
    perform patchbay.refuse('connection_disconnected');
  elsif (select status from public.connectors where slug = v_row.connector) = 'unavailable' then
    perform patchbay.refuse('connector_unavailable');
  elsif not public.may_connect(p_owner, v_row.connector) then
    perform patchbay.refuse('connector_blocked');
  end if;
  insert into public.people (user_id) values (p_user) on conflict do nothing;
  return query
    insert into public.connection_attempts
      (owner_id, started_by, connector, integration_key, visibility, instance, connection_id, is_reconnect)
    values (v_row.owner_id, p_user, v_row.connector, v_row.integration_key, v_row.visibility, p_instance, v_row.id, true)
    returning *;
end;
$$;

-- When a sign-in ends for good: what Nango says of credentials that cannot be renewed, else the provider's known life.
create function patchbay.sign_in_end(p_facts jsonb, p_signed_in_at timestamptz) returns timestamptz
  language sql immutable
  set search_path = ''
as $$
  select coalesce((p_facts ->> 'expires_at')::timestamptz,
    p_signed_in_at + make_interval(days => (p_facts ->> 'sign_in_days')::integer));
$$;

create or replace function patchbay.create_connection(
  p_attempt public.connection_attempts, p_facts jsonb, p_source text
) returns public.connections
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
  v_pending boolean := coalesce((p_facts ->> 'pending')::boolean, false);
begin
  perform patchbay.lock_owner_connector(p_attempt.owner_id, p_attempt.connector);
  insert into public.connections (
    owner_id, visibility, connector, integration_key, nango_connection_id, status, suspect_since, looking_since,
    is_default, number, scopes_requested, scopes_granted, config, metadata, connected_by, connected_at, signed_in_at,
    signed_in_attempt, credentials_readable, nango_error_id, expires_at, checked_at, next_probe_at)
  values (
    p_attempt.owner_id, p_attempt.visibility, p_attempt.connector, p_attempt.integration_key,
    p_facts ->> 'connection_id',
    case when v_pending then 'pending' else 'connected' end,
    case when (p_facts ->> 'auth_error')::boolean then now() end,
    case when (p_facts ->> 'auth_error')::boolean then now() end,
    not exists (select 1 from public.connections c
      where c.owner_id = p_attempt.owner_id and c.connector = p_attempt.connector
        and c.visibility = p_attempt.visibility and c.status <> 'disconnected'
        and (c.visibility = 'everyone' or c.connected_by = p_attempt.started_by)),
    (select coalesce(max(c.number), 0) + 1 from public.connections c
      where c.owner_id = p_attempt.owner_id and c.connector = p_attempt.connector),
    patchbay.text_array(p_facts -> 'scopes_requested'), patchbay.text_array(p_facts -> 'scopes_granted'),
    coalesce(p_facts -> 'config', '{}'), coalesce(p_facts -> 'metadata', '{}'),
    p_attempt.started_by, case when not v_pending then now() end, case when not v_pending then now() end,
    p_attempt.id, (p_facts ->> 'credentials_readable')::boolean,
    case when (p_facts ->> 'auth_error')::boolean then p_facts ->> 'auth_error_id' end, patchbay.sign_in_end(p_facts, now()), now(),
    -- Spread over the day, so that what was connected together is not probed together.
    now() + interval '12 hours' + random() * interval '24 hours')
  returning * into v_row;
  perform patchbay.add_event(v_row, 'connected', null, p_attempt.started_by,
    jsonb_build_object('source', p_source, 'attempt_id', p_attempt.id));
  perform patchbay.enqueue_look(v_row.id);
  return v_row;
end;
$$;

-- Whether Nango's broken flag says anything new: one that a look has refuted says nothing.
create function patchbay.is_flagged(p_row public.connections, p_facts jsonb) returns boolean
  language sql immutable
  set search_path = ''
as $$
  select coalesce((p_facts ->> 'auth_error')::boolean, false)
    and (p_facts ->> 'auth_error_id' is null or p_facts ->> 'auth_error_id' is distinct from p_row.nango_error_cleared);
$$;

create or replace function patchbay.refresh_connection(p_row public.connections, p_facts jsonb, p_source text)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections := p_row;
  v_bad boolean := patchbay.is_flagged(p_row, p_facts);
  -- Only a word that it is no longer pending activates it: not every read tells.
  v_activated boolean := p_row.status = 'pending' and p_facts ->> 'pending' = 'false';
  -- Tags of another attempt than the last: somebody signed in anew. Wiped tags say the same to the webhook only.
  v_attempt text := p_facts -> 'tags' ->> 'attempt_id';
  v_again boolean := v_attempt is not null and v_attempt is distinct from p_row.signed_in_attempt::text;
  v_detailed boolean := p_facts ? 'expires_at';
begin
  if v_row.status = 'disconnected' then
    return jsonb_build_object('verdict', 'ignored', 'reason', 'tombstone', 'connection_id', v_row.id);
  end if;
  update public.connections set
    status = case when v_activated then 'connected' else status end,
    connected_at = case when v_activated then now() else connected_at end,
    signed_in_at = case when v_activated or v_again then now() else signed_in_at end,
    signed_in_attempt = case when v_again then patchbay.as_uuid(v_attempt) else signed_in_attempt end,
    -- Nango's error is a suspicion, and its silence does not refute a provider's refusal: a look decides.
    suspect_since = case when v_bad then coalesce(suspect_since, now()) else suspect_since end,
    looking_since = case when v_again or (v_bad and suspect_since is null) then now() else looking_since end,
    nango_error_id = case when (p_facts ->> 'auth_error')::boolean then p_facts ->> 'auth_error_id' end,
    credentials_readable = coalesce((p_facts ->> 'credentials_readable')::boolean, credentials_readable),
    scopes_requested = case when v_again then patchbay.text_array(p_facts -> 'scopes_requested') else scopes_requested end,
    scopes_granted = coalesce(patchbay.text_array(p_facts -> 'scopes_granted'), scopes_granted),
    metadata = coalesce(p_facts -> 'metadata', metadata),
    config = coalesce(p_facts -> 'config', config),
    -- The end of the sign-in before is not the end of a new one.
    expires_at = case when v_detailed
      then patchbay.sign_in_end(p_facts, case when v_again then now() else signed_in_at end)
      when not v_again then expires_at end,
    expiry_warned = case when v_again and not v_detailed then null
      when v_detailed and (expires_at is null or
        patchbay.sign_in_end(p_facts, case when v_again then now() else signed_in_at end) > expires_at + interval '1 hour')
      then null else expiry_warned end,
    checked_at = now(),
    updated_at = case when v_activated or v_again or (v_bad and suspect_since is null) then now() else updated_at end
  where id = v_row.id returning * into v_row;
  if v_activated then
    perform patchbay.add_event(v_row, 'activated', null, 'nango', jsonb_build_object('source', p_source));
  end if;
  if v_again then
    perform patchbay.add_event(v_row, 'reconnected', null,
      coalesce((select started_by from public.connection_attempts
        where id = patchbay.as_uuid(v_attempt) and connection_id = v_row.id), 'nango'),
      jsonb_build_object('source', p_source, 'attempt_id', v_attempt));
  end if;
  if v_bad and p_row.suspect_since is null then
    perform patchbay.add_event(v_row, 'suspected', null, 'nango', jsonb_build_object('source', p_source));
  end if;
  -- Who has just signed in is looked at at once, and so is one that may have recovered. A suspicion waits: within its
  -- cool-down Nango would only repeat what it said. One that was not decided in its time is looked into again.
  if v_again or v_activated or (p_row.status = 'needs_attention' and not v_bad)
    or (p_row.status = 'connected' and p_row.suspect_since is not null and not v_bad) then
    perform patchbay.enqueue_look(v_row.id);
  elsif (v_bad and p_row.suspect_since is null)
    or (v_bad and p_row.status = 'connected' and p_row.suspect_since < now() - interval '2 minutes') then
    perform patchbay.enqueue_look(v_row.id,
      now() + make_interval(secs => coalesce((p_facts ->> 'second_look_seconds')::double precision, 0)));
  end if;
  if v_again and not v_detailed then
    -- Its end and permissions are asked for again.
    perform patchbay.add_job('retag', jsonb_build_object('connection_id', v_row.id), now() + interval '1 minute',
      'retag:' || v_row.id);
  end if;
  return jsonb_build_object('verdict', 'applied', 'reason', null, 'connection_id', v_row.id);
end;
$$;

-- Text of an unknown hand as a UUID; null when it is none.
create function patchbay.as_uuid(p_text text) returns uuid
  language sql immutable
  set search_path = ''
as $$ select case when p_text ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_text::uuid end $$;

create or replace function patchbay.apply_facts(p_facts jsonb, p_source text, p_expected uuid default null) returns jsonb
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
  select * into v_attempt from public.connection_attempts
  where id = patchbay.as_uuid(v_tags ->> 'attempt_id') for update;
  select * into v_row from public.connections
  where integration_key = p_facts ->> 'integration_key' and nango_connection_id = p_facts ->> 'connection_id'
  for update;

  if v_row.id is not null then
    v_result := patchbay.refresh_connection(v_row, p_facts, p_source);
    -- The attempt of a reconnect: its tags are on the connection it was started for. One that was cancelled too late
    -- stays cancelled, though its sign-in counts: Nango holds no other.
    if v_result ->> 'verdict' = 'applied' and v_attempt.is_reconnect and v_attempt.connection_id = v_row.id
      and v_attempt.owner_id = v_row.owner_id and v_attempt.status in ('open', 'abandoned', 'failed') then
      perform patchbay.finish_attempt(v_attempt.id, v_row.id, 'reconnected');
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

-- Whose alone a quarantined connection is: whose only-me attempt it came from, or whose only-me connection it was. Null
-- for everyone's.
alter table public.quarantined_connections add column private_to text;
create function patchbay.private_to(p_facts jsonb, p_attempt uuid) returns text
  language sql stable
  set search_path = ''
as $$
  select coalesce(
    (select a.started_by from public.connection_attempts a where a.id = p_attempt and a.visibility = 'only_me'),
    (select c.connected_by from public.connections c
      where c.integration_key = p_facts ->> 'integration_key' and c.nango_connection_id = p_facts ->> 'connection_id'
        and c.visibility = 'only_me'));
$$;

create or replace function patchbay.quarantine(
  p_facts jsonb, p_reason text, p_owner text default null, p_attempt uuid default null
) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_new boolean;
  v_event bigint;
begin
  insert into public.quarantined_connections as q
    (owner_id, integration_key, nango_connection_id, reason_code, attempt_id, tags, private_to)
  values (p_owner, p_facts ->> 'integration_key', p_facts ->> 'connection_id', p_reason, p_attempt,
    coalesce(p_facts -> 'tags', '{}'), patchbay.private_to(p_facts, p_attempt))
  on conflict (integration_key, nango_connection_id)
    do update set seen_count = q.seen_count + 1, last_seen_at = now()
  returning seen_count = 1 into v_new;
  if v_new then
    insert into public.connection_events (owner_id, type, reason_code, actor_kind, data)
    values (p_owner, 'quarantined', p_reason, 'nango', jsonb_build_object('attempt_id', p_attempt))
    returning id into v_event;
    if p_attempt is not null then
      perform patchbay.add_job('notify', jsonb_build_object('event_id', v_event::text));
    end if;
  end if;
  return jsonb_build_object('verdict', 'quarantined', 'reason', p_reason, 'connection_id', null);
end;
$$;

create or replace function patchbay.apply_gone(p_integration_key text, p_nango_connection_id text, p_source text)
  returns jsonb
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
    disconnected_at = now(), disconnected_by = null, is_default = false, suspect_since = null, looking_since = null,
    remote_deleted_at = now(), remote_result = 'already_gone', checked_at = now(), updated_at = now()
  where id = v_row.id returning * into v_row;
  perform patchbay.promote_last_default(v_row);
  perform patchbay.add_told_event(v_row, 'disconnected', 'gone_upstream', 'nango', jsonb_build_object('source', p_source));
  return jsonb_build_object('verdict', 'applied', 'reason', 'gone_upstream', 'connection_id', v_row.id);
end;
$$;

create or replace function patchbay.apply_delivery(p_id bigint, p_facts jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_delivery public.webhook_deliveries;
  v_result jsonb;
  v_connection uuid;
  v_row public.connections;
begin
  select * into v_delivery from public.webhook_deliveries where id = p_id and verdict is null for update;
  if not found then
    return null;
  end if;
  if v_delivery.integration_key is null or v_delivery.nango_connection_id is null then
    v_result := jsonb_build_object('verdict', 'parked', 'reason', 'names_no_connection', 'connection_id', null);
  elsif p_facts is null then
    select * into v_row from public.connections
    where integration_key = v_delivery.integration_key and nango_connection_id = v_delivery.nango_connection_id
      and status <> 'disconnected';
    if v_row.id is null or v_delivery.operation = 'deletion' then
      v_result := patchbay.apply_gone(v_delivery.integration_key, v_delivery.nango_connection_id, 'webhook');
    else
      -- Behind a key of another environment everything seems gone. The sweep notices that, and buries what is gone.
      perform patchbay.add_job('reconcile', '{}', p_key => 'reconcile');
      perform patchbay.enqueue_look(v_row.id);
      v_result := jsonb_build_object('verdict', 'parked', 'reason', 'not_at_nango', 'connection_id', v_row.id);
    end if;
  elsif p_facts ->> 'integration_key' is distinct from v_delivery.integration_key
    or p_facts ->> 'connection_id' is distinct from v_delivery.nango_connection_id then
    v_result := jsonb_build_object('verdict', 'refused', 'reason', 'connection_mismatch', 'connection_id', null);
  else
    v_result := patchbay.apply_facts(p_facts, 'webhook');
  end if;
  v_connection := (v_result ->> 'connection_id')::uuid;
  if v_result ->> 'verdict' = 'applied' and v_connection is not null and p_facts is not null then
    if v_delivery.type = 'sync' then
      update public.connections set last_synced_at = greatest(last_synced_at, v_delivery.last_seen_at)
      where id = v_connection and status <> 'disconnected';
    elsif v_delivery.operation = 'override' then
      -- Signed in anew, perhaps from elsewhere and without our tags: whose account is it now?
      perform patchbay.enqueue_look(v_connection);
      select * into v_row from public.connections where id = v_connection;
      if patchbay.wanted_tags(v_row, coalesce(p_facts -> 'tags', '{}'), p_facts ->> 'instance') is not null then
        perform patchbay.add_job('retag', jsonb_build_object('connection_id', v_connection),
          p_key => 'retag:' || v_connection);
      end if;
    end if;
  end if;
  perform patchbay.finish_delivery(p_id, v_result ->> 'verdict', v_result ->> 'reason', v_connection);
  return v_result;
end;
$$;

-- Several accounts.

-- Refuses not_found, forbidden, connection_disconnected.
create function patchbay.set_default(p_owner text, p_user text, p_is_admin boolean, p_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections := patchbay.lock_managed(p_owner, p_user, p_is_admin, p_id);
begin
  if v_row.status = 'disconnected' then
    perform patchbay.refuse('connection_disconnected');
  elsif v_row.is_default then
    return;
  end if;
  update public.connections set is_default = false, updated_at = now()
  where owner_id = v_row.owner_id and connector = v_row.connector and visibility = v_row.visibility and is_default
    and (visibility = 'everyone' or connected_by = v_row.connected_by);
  update public.connections set is_default = true, updated_at = now() where id = p_id;
  perform patchbay.add_event(v_row, 'default_set', null, p_user);
end;
$$;

-- Disconnecting.

create or replace function patchbay.disconnect_connection(p_owner text, p_user text, p_is_admin boolean, p_id uuid)
  returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections := patchbay.lock_managed(p_owner, p_user, p_is_admin, p_id);
begin
  if v_row.status = 'disconnected' then
    return;
  end if;
  update public.connections set
    status_before = status, reason_before = reason_code, status = 'disconnected', reason_code = 'by_person',
    disconnected_at = now(), disconnected_by = p_user, default_before = is_default, is_default = false,
    looking_since = null, error_count = 0, last_error = null, remote_delete_after = now() + interval '30 seconds',
    remote_delete_started_at = null, updated_at = now()
  where id = p_id returning * into v_row;
  perform patchbay.promote_last_default(v_row);
  perform patchbay.add_told_event(v_row, 'disconnected', 'by_person', p_user);
  perform patchbay.add_job('remote_delete', jsonb_build_object('connection_id', p_id), v_row.remote_delete_after,
    'remote_delete:' || p_id);
end;
$$;

-- As before: by whoever disconnected, while the remote part has not started. What was said of it meanwhile was ignored, so
-- it is read again and looked at. It is the default again unless another one has become it.
-- Refuses not_found, forbidden, undo_expired.
create or replace function patchbay.undo_disconnect(p_owner text, p_user text, p_is_admin boolean, p_id uuid)
  returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections := patchbay.lock_managed(p_owner, p_user, p_is_admin, p_id);
begin
  if v_row.status <> 'disconnected' then
    return;
  elsif v_row.reason_code <> 'by_person' or v_row.remote_delete_started_at is not null then
    perform patchbay.refuse('undo_expired');
  elsif v_row.disconnected_by is distinct from p_user then
    perform patchbay.refuse('forbidden');
  end if;
  perform graphile_worker.remove_job('remote_delete:' || p_id);
  update public.connections set
    status = status_before, reason_code = reason_before, status_before = null, reason_before = null,
    disconnected_at = null, disconnected_by = null, remote_delete_after = null, looking_since = now(), updated_at = now(),
    is_default = not exists (select 1 from public.connections c
      where c.owner_id = v_row.owner_id and c.connector = v_row.connector and c.visibility = v_row.visibility
        and (c.visibility = 'everyone' or c.connected_by = v_row.connected_by)
        and c.status <> 'disconnected' and c.id <> p_id and (c.is_default or not v_row.default_before))
  where id = p_id returning * into v_row;
  perform patchbay.add_event(v_row, 'disconnect_undone', null, p_user);
  perform patchbay.add_job('retag', jsonb_build_object('connection_id', p_id), null, 'retag:' || p_id);
  perform patchbay.enqueue_look(p_id);
end;
$$;

-- As before. Which account a connection holds is whose credentials it has: after a sign-in as another one, that one's.
create or replace function patchbay.start_remote_delete(p_id uuid)
  returns table (
    id uuid, owner_id text, connector text, integration_key text, nango_connection_id text, account_in_use boolean)
  language plpgsql
  set search_path = ''
as $$
begin
  return query
    update public.connections c set remote_delete_started_at = coalesce(c.remote_delete_started_at, now())
    where c.id = p_id and c.status = 'disconnected' and c.remote_deleted_at is null and c.remote_delete_after <= now()
    returning c.id, c.owner_id, c.connector, c.integration_key, c.nango_connection_id,
      exists (select 1 from patchbay.same_account(c) o
        where o.remote_deleted_at is null and o.remote_delete_started_at is null);
end;
$$;

-- Other connections, of whichever owner, whose credentials are of the same account.
create function patchbay.same_account(p_row public.connections) returns setof public.connections
  language sql stable
  set search_path = ''
as $$
  select o.* from public.connections o
  where o.integration_key = p_row.integration_key and o.id <> p_row.id and o.found_account_id is null
    and o.account_id = coalesce(p_row.found_account_id, p_row.account_id) and o.remote_deleted_at is null
  union all
  select o.* from public.connections o
  where o.integration_key = p_row.integration_key and o.id <> p_row.id
    and o.found_account_id = coalesce(p_row.found_account_id, p_row.account_id) and o.remote_deleted_at is null;
$$;

-- A try to delete at Nango failed; the job tries again. The count is what makes it show as stuck.
create function patchbay.record_removal_error(p_id uuid, p_error text) returns void
  language sql
  set search_path = ''
as $$
  update public.connections set error_count = error_count + 1, last_error = left(p_error, 500), updated_at = now()
  where id = p_id and status = 'disconnected' and remote_deleted_at is null;
$$;

-- Access was taken back at the provider: other connections of the same account may have lost it, too.
create function patchbay.look_at_same_account(p_id uuid) returns void
  language sql
  set search_path = ''
as $$
  select patchbay.enqueue_look(o.id) from public.connections c, lateral patchbay.same_account(c) o
  where c.id = p_id and o.status <> 'disconnected';
$$;

-- Listing: what the columns above add.

drop function public.list_connections(text, text, uuid, text, text, text, timestamptz, uuid, integer);
drop function patchbay.connection_matches(text, text, text, text, text, text, text, text);

create function patchbay.connection_matches(
  p_connector text, p_status text, p_visibility text, p_connected_by text, p_expires_at timestamptz, p_now timestamptz,
  p_as_user text, p_only_connector text, p_only_status text, p_only_owner text
) returns boolean
  -- Stable: a function that is called immutable and adds an interval to a time is not put in place of its call.
  language sql stable
  return (p_only_connector is null or p_connector = p_only_connector)
    and case
      when p_only_status is null then p_status <> 'disconnected'
      when p_only_status = 'attention' then p_status = 'needs_attention'
        or (p_status = 'connected' and p_expires_at <= p_now + interval '14 days')
      else p_status = p_only_status end
    and case p_only_owner
      when 'everyone' then p_visibility = 'everyone'
      when 'only_me' then p_visibility = 'only_me'
      when 'mine' then p_connected_by = p_as_user
      else p_only_owner is null end;

-- As before: newest first; p_id picks one, in whatever status; without p_status tombstones are left out. p_status
-- `attention` takes what is broken and what ends within fourteen days.
create function public.list_connections(
  p_owner text, p_user text, p_id uuid default null,
  p_connector text default null, p_status text default null, p_visible_to text default null,
  p_before_at timestamptz default null, p_before_id uuid default null, p_limit integer default 100
) returns table (
  id uuid, owner_id text, visibility text, connector text, auth_method text, status text, reason_code text,
  suspect_since timestamptz, looking_since timestamptz, account_id text, account_name text, found_account_name text,
  twin_id uuid, label text, is_default boolean, number integer,
  scopes_requested text[], scopes_granted text[], credentials_readable boolean, connected_by text, person_name text,
  person_image_url text, connected_at timestamptz, signed_in_at timestamptz, checked_at timestamptz,
  disconnected_at timestamptz, disconnected_by text, last_used_at timestamptz,
  last_synced_at timestamptz, expires_at timestamptz, error_count integer, remote_delete_after timestamptz,
  remote_delete_started_at timestamptz, remote_deleted_at timestamptz, remote_result text, upstream_result text,
  created_at timestamptz, updated_at timestamptz, total_count bigint
)
  language sql stable
  begin atomic
    select m.id, m.owner_id, m.visibility, m.connector, m.auth_method, m.status, m.reason_code,
      m.suspect_since, m.looking_since, m.account_id, m.account_name, m.found_account_name, twin.id, m.label,
      m.is_default, m.number, m.scopes_requested, m.scopes_granted, m.credentials_readable, m.connected_by, p.name,
      p.image_url, m.connected_at, m.signed_in_at, m.checked_at, m.disconnected_at, m.disconnected_by, m.last_used_at,
      m.last_synced_at, m.expires_at, m.error_count, m.remote_delete_after,
      m.remote_delete_started_at, m.remote_deleted_at, m.remote_result, m.upstream_result,
      m.created_at, m.updated_at,
      (select count(*) from public.connections c
        where patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user)
          and (p_id is null or c.id = p_id)
          and (p_id is not null or patchbay.connection_matches(c.connector, c.status, c.visibility, c.connected_by,
            c.expires_at, now(), p_user, p_connector, p_status, p_visible_to)))
    from (
      select c.id, c.owner_id, c.visibility, c.connector, c.auth_method, c.status, c.reason_code,
        c.suspect_since, c.looking_since, c.account_id, c.account_name, c.found_account_name, c.label, c.is_default,
        c.number, c.scopes_requested, c.scopes_granted, c.credentials_readable, c.connected_by, c.connected_at,
        c.signed_in_at, c.checked_at, c.disconnected_at, c.disconnected_by, c.last_used_at, c.last_synced_at,
        c.expires_at, c.error_count, c.remote_delete_after, c.remote_delete_started_at, c.remote_deleted_at,
        c.remote_result, c.upstream_result, c.created_at, c.updated_at
      from public.connections c
      where patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user)
        and (p_id is null or c.id = p_id)
        and (p_id is not null or patchbay.connection_matches(c.connector, c.status, c.visibility, c.connected_by,
          c.expires_at, now(), p_user, p_connector, p_status, p_visible_to))
        and (p_before_at is null or (c.created_at, c.id) < (p_before_at, p_before_id))
      order by c.created_at desc, c.id desc
      limit p_limit) m
    -- One look-up per row: the limit keeps the planner from reading everybody.
    left join lateral (select name, image_url from public.people where user_id = m.connected_by limit 1) p on true
    left join lateral (
      select o.id from public.connections o
      where o.owner_id = m.owner_id and o.connector = m.connector and o.account_id = m.account_id
        and o.status <> 'disconnected' and m.status <> 'disconnected' and o.id <> m.id
        and patchbay.connection_visible(o.owner_id, o.visibility, o.connected_by, p_owner, p_user)
      limit 1) twin on true
    order by m.created_at desc, m.id desc;
  end;
-- For the count: all that the list's filters look at, so that it need not read the rows.
create index connections_owner_listed on public.connections (owner_id)
  include (status, visibility, connected_by, connector, expires_at, id);
revoke all on function public.list_connections(text, text, uuid, text, text, text, timestamptz, uuid, integer)
  from public, anon, authenticated, service_role;
grant execute on function public.list_connections(text, text, uuid, text, text, text, timestamptz, uuid, integer)
  to authenticated;

revoke all on all functions in schema patchbay from public;
grant execute on function patchbay.connection_matches(
  text, text, text, text, timestamptz, timestamptz, text, text, text, text) to authenticated;
