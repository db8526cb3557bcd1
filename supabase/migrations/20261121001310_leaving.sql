-- People leaving: what stays, what goes, who is told, and what is forgotten.
--
-- Promises:
--   * Nothing here believes a webhook. These functions are called once Clerk has confirmed that somebody is no member any
--     more, or that a person or an organisation is gone, under the lock of that person.
--   * What is everyone's stays with its owner and gets a new contact; what is only theirs is disconnected for good; their
--     tries to connect, links and keys of that owner end. One transaction, and doing it again ends what came late.
--   * An administrator reads how many only-me connections went, and never which.
--   * Of a person who was deleted the id alone is kept, as a pseudonym.

-- Who is asked about a connection, and whose sign-in it lives on.
alter table public.people add column deleted_at timestamptz;

alter table public.connections
  add column contact_id text references public.people (user_id),
  add column signed_in_by text references public.people (user_id),
  -- Whoever connected it has left its owner since.
  add column person_left_at timestamptz,
  -- It still works by the sign-in of somebody who left.
  add column sign_in_left boolean not null default false;
update public.connections c set contact_id = c.connected_by,
  signed_in_by = coalesce(
    (select a.started_by from public.connection_attempts a where a.id = c.signed_in_attempt), c.connected_by);
grant select (contact_id, person_left_at, sign_in_left) on table public.connections to authenticated;
create index connections_owner_contact on public.connections (owner_id, contact_id);
-- For whoever is deleted: the few that they have to do with and did not connect.
create index connections_contact on public.connections (contact_id) where contact_id <> connected_by;
create index connections_signed_in_by on public.connections (signed_in_by) where signed_in_by <> connected_by;

-- Also whoever is asked about something that the caller may see.
drop policy people_self_and_colleagues on public.people;
create policy people_self_and_colleagues on public.people for select to authenticated
  using (user_id = (select public.requesting_user_id())
    or exists (select 1 from public.connections c where c.connected_by = people.user_id)
    or exists (select 1 from public.connections c where c.contact_id = people.user_id));

-- Keys of the API: bound to one owner and to whoever made them.
create table public.api_keys (
  id uuid primary key default gen_random_uuid(),
  owner_id text not null check (owner_id <> ''),
  created_by text not null references public.people (user_id),
  name text not null check (name <> '' and char_length(name) <= 80),
  -- The first characters, to tell keys apart; the key itself is not kept.
  prefix text not null,
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  scopes text[] not null default '{}',
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  revoked_why text check (revoked_why in ('by_person', 'owner_left', 'owner_deleted')),
  created_at timestamptz not null default now(),
  check ((revoked_at is null) = (revoked_why is null))
);
create index api_keys_owner on public.api_keys (owner_id, created_at desc, id desc);
create index api_keys_person on public.api_keys (created_by);
alter table public.api_keys enable row level security;
alter table public.api_keys force row level security;
revoke all on table public.api_keys from public, anon, authenticated, service_role;

-- The report: who left which owner, and what became of what they had connected.
create table public.departures (
  id uuid primary key default gen_random_uuid(),
  owner_id text not null check (owner_id <> ''),
  user_id text not null references public.people (user_id),
  why text not null check (why in ('left', 'deleted')),
  contact_id text references public.people (user_id),
  -- What stayed, at most a hundred of it.
  stayed uuid[] not null default '{}',
  stayed_count integer not null default 0,
  disconnected_count integer not null default 0,
  keys_count integer not null default 0,
  links_count integer not null default 0,
  attempts_count integer not null default 0,
  created_at timestamptz not null default now(),
  -- They are a member again.
  returned_at timestamptz
);
create unique index departures_open on public.departures (owner_id, user_id) where returned_at is null;
create index departures_owner on public.departures (owner_id, created_at desc, id desc);
create index departures_person on public.departures (user_id);
create index departures_contact on public.departures (contact_id);
alter table public.departures enable row level security;
alter table public.departures force row level security;
revoke all on table public.departures from public, anon, authenticated, service_role;

-- How somebody left an owner; nothing of those who are there.
create function patchbay.departure_of(p_owner text, p_user text) returns public.departures
  language sql stable
  set search_path = ''
as $$
  select d from public.departures d where d.owner_id = p_owner and d.user_id = p_user and d.returned_at is null;
$$;

-- Whoever signs in on a connection of somebody who left is the one to ask from then on. What was finished by somebody who
-- has left, and is heard of only now, lives on the sign-in of somebody who left.
create function patchbay.note_sign_in() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_by text;
  v_departure public.departures;
begin
  if tg_op = 'INSERT' then
    new.contact_id := coalesce(new.contact_id, new.connected_by);
    new.signed_in_by := coalesce(new.signed_in_by, new.connected_by);
    v_departure := patchbay.departure_of(new.owner_id, new.connected_by);
    if v_departure.id is not null and new.visibility = 'everyone' then
      new.person_left_at := v_departure.created_at;
      new.sign_in_left := true;
      -- Who was asked instead may have left as well.
      if (patchbay.departure_of(new.owner_id, v_departure.contact_id)).id is null then
        new.contact_id := v_departure.contact_id;
      else
        new.contact_id := null;
      end if;
    end if;
  elsif new.signed_in_attempt is distinct from old.signed_in_attempt then
    select a.started_by into v_by from public.connection_attempts a
    where a.id = new.signed_in_attempt and a.connection_id = new.id;
    if v_by is not null then
      new.signed_in_by := v_by;
      v_departure := patchbay.departure_of(new.owner_id, v_by);
      if v_departure.id is not null then
        new.sign_in_left := true;
      elsif old.sign_in_left then
        new.sign_in_left := false;
        if new.visibility = 'everyone' and old.contact_id is distinct from v_by then
          new.contact_id := v_by;
          perform patchbay.add_event(new, 'contact_changed', null, v_by,
            jsonb_build_object('from', old.contact_id, 'to', v_by));
        end if;
      end if;
    end if;
  end if;
  return new;
end;
$$;
create trigger connections_note_sign_in before insert or update of signed_in_attempt on public.connections
  for each row execute function patchbay.note_sign_in();

-- Notices that no event of one connection causes.
alter table public.notices
  alter column event_id drop not null,
  alter column connector drop not null,
  add column departure_id uuid references public.departures (id) on delete cascade,
  -- Whom it is about, for whoever may not read of that person elsewhere. Emptied when the person is deleted.
  add column person text,
  add column count integer,
  add constraint notices_cause check (event_id is not null or departure_id is not null);
create unique index notices_departure on public.notices (departure_id, user_id) where departure_id is not null;
grant select (departure_id, person, count) on table public.notices to authenticated;

drop function public.list_notices(text, text, integer);
create function public.list_notices(p_owner text, p_user text, p_limit integer default 50)
  returns table (id bigint, kind text, connection_id uuid, connector text, account text, reason_code text, days integer,
    created_at timestamptz, seen_at timestamptz, unseen_count bigint, visibility text, departure_id uuid, person text,
    count integer)
  language sql stable
  begin atomic
    select n.id, n.kind, c.id, n.connector, n.account, n.reason_code, n.days, n.created_at, n.seen_at,
      (select count(*) from public.notices u where u.owner_id = p_owner and u.user_id = p_user and u.seen_at is null),
      c.visibility, n.departure_id, n.person, n.count
    from public.notices n
    -- What has become one person's alone is not named to others any more.
    left join public.connections c on c.id = n.connection_id
      and patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user)
    where n.owner_id = p_owner and n.user_id = p_user
    order by n.id desc
    limit p_limit;
  end;
revoke all on function public.list_notices(text, text, integer) from public, anon, authenticated, service_role;
grant execute on function public.list_notices(text, text, integer) to authenticated;

-- Who hears of a connection: whoever connected it, as long as they are there, and whoever is asked about it.
create function patchbay.told_people(p_row public.connections) returns setof text
  language sql immutable
  set search_path = ''
as $$
  select told from (values (case when p_row.person_left_at is null then p_row.connected_by end), (p_row.contact_id)) t (told)
  where told is not null group by told;
$$;

create or replace function patchbay.write_notices(p_event bigint) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  insert into public.notices (owner_id, user_id, event_id, kind, connection_id, connector, account, reason_code, days)
  select e.owner_id, told.user_id, e.id,
    case e.type when 'expiry_warned' then 'expires_soon' when 'identified' then 'duplicate_account' else e.type end,
    c.id, coalesce(c.connector, a.connector), coalesce(c.label, c.account_name), e.reason_code,
    (e.data ->> 'days')::integer
  from public.connection_events e
  left join public.connections c on c.id = e.connection_id
  left join public.connection_attempts a on e.connection_id is null and a.id = (e.data ->> 'attempt_id')::uuid
  cross join lateral (
    select a.started_by as user_id where c.id is null and a.id is not null
    union all select p.user_id from patchbay.told_people(c) p (user_id)) told
  where e.id = p_event and e.owner_id is not null
    and (e.type in ('needs_attention', 'recovered', 'expiry_warned', 'disconnected', 'quarantined')
      or (e.type = 'identified' and (e.data ->> 'duplicate')::boolean))
    and coalesce(e.actor_id, '') <> told.user_id
  on conflict (event_id, user_id) do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

-- What Clerk told: the headers' id, what it is about, and what became of it. Neither bodies nor names.
create table public.clerk_deliveries (
  svix_id text primary key check (svix_id <> '' and char_length(svix_id) <= 255),
  type text not null,
  user_id text,
  organization_id text,
  received_at timestamptz not null default now(),
  attempts integer not null default 0,
  verdict text check (verdict in ('applied', 'ignored')),
  finished_at timestamptz
);
create index clerk_deliveries_received on public.clerk_deliveries (received_at);
alter table public.clerk_deliveries enable row level security;
alter table public.clerk_deliveries force row level security;
revoke all on table public.clerk_deliveries from public, anon, authenticated, service_role;

-- Stores a delivery with the job that looks into it. False when this one was here before: nothing new then.
create function patchbay.record_clerk_delivery(p_svix_id text, p_type text, p_person text, p_organization text)
  returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  insert into public.clerk_deliveries (svix_id, type, user_id, organization_id)
  values (p_svix_id, p_type, p_person, p_organization) on conflict (svix_id) do nothing;
  if not found then
    return false;
  end if;
  perform patchbay.add_job('apply_clerk_delivery', jsonb_build_object('svix_id', p_svix_id));
  return true;
end;
$$;

-- For the job: a delivery without a verdict; nothing for any other. Counts as a run.
create function patchbay.open_clerk_delivery(p_svix_id text) returns setof public.clerk_deliveries
  language sql
  set search_path = ''
as $$
  update public.clerk_deliveries set attempts = attempts + 1 where svix_id = p_svix_id and verdict is null returning *;
$$;

create function patchbay.finish_clerk_delivery(p_svix_id text, p_verdict text) returns void
  language sql
  set search_path = ''
as $$
  update public.clerk_deliveries set verdict = p_verdict, finished_at = now() where svix_id = p_svix_id and verdict is null;
$$;

create function patchbay.forget_clerk_deliveries(p_days integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from public.clerk_deliveries where svix_id in (
    select d.svix_id from public.clerk_deliveries d
    where d.received_at < now() - make_interval(days => p_days) and d.verdict is not null
    order by d.received_at limit p_limit for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

-- Serialises all that is done about one person's memberships, from the question to Clerk to its effect: an answer that is
-- older than another cannot take effect after it. Whoever waits gives up after ten seconds and comes again.
create function patchbay.lock_person(p_id text) returns void
  language sql
  set search_path = ''
  set lock_timeout = '10s'
as $$ select pg_advisory_xact_lock(hashtextextended(p_id, 3)) $$;

-- Ends tries to connect that may still complete: all of an owner's, or those of one person for that owner. What completes
-- later is quarantined. Returns how many.
create function patchbay.cancel_attempts_of(p_owner text, p_user text default null) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_attempt record;
  v_count integer := 0;
begin
  for v_attempt in
    select a.id, a.session_token from public.connection_attempts a
    where a.owner_id = p_owner and (p_user is null or a.started_by = p_user)
      and a.status in ('open', 'abandoned', 'failed') and patchbay.claimable_until(a) >= now()
    order by a.id for update
  loop
    update public.connection_attempts set status = 'cancelled', outcome = 'cancelled', ended_at = now(), updated_at = now()
    where id = v_attempt.id;
    if v_attempt.session_token is not null then
      perform patchbay.add_job('delete_session', jsonb_build_object('attempt_id', v_attempt.id));
    end if;
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;

-- Makes it a tombstone that cannot be undone and has it deleted at Nango. False when it was one already. No other one
-- becomes the default in its place: those go as well.
create function patchbay.end_connection(p_id uuid, p_reason text) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
begin
  select * into v_row from public.connections where id = p_id;
  perform patchbay.lock_owner_connector(v_row.owner_id, v_row.connector);
  update public.connections set
    status_before = status, reason_before = reason_code, status = 'disconnected', reason_code = p_reason,
    disconnected_at = now(), disconnected_by = null, is_default = false, looking_since = null, error_count = 0,
    last_error = null, remote_delete_after = now(), remote_delete_started_at = null, updated_at = now()
  where id = p_id and status <> 'disconnected' returning * into v_row;
  if not found then
    return false;
  end if;
  perform patchbay.add_event(v_row, 'disconnected', p_reason, 'system');
  perform patchbay.add_job('remote_delete', jsonb_build_object('connection_id', p_id), p_key => 'remote_delete:' || p_id);
  return true;
end;
$$;

-- All connections of an owner, or what one person has there for themselves alone. Returns how many ended.
create function patchbay.end_connections_of(p_owner text, p_reason text, p_user text default null) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_id uuid;
  v_count integer := 0;
begin
  for v_id in
    select c.id from public.connections c
    where c.owner_id = p_owner and (p_user is null or (c.connected_by = p_user and c.visibility = 'only_me'))
      and c.status <> 'disconnected'
    order by c.connector, c.id
  loop
    if patchbay.end_connection(v_id, p_reason) then
      v_count := v_count + 1;
    end if;
  end loop;
  return v_count;
end;
$$;

create function patchbay.revoke_keys_of(p_owner text, p_why text, p_user text default null) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.api_keys set revoked_at = now(), revoked_why = p_why
  where owner_id = p_owner and (p_user is null or created_by = p_user) and revoked_at is null;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

-- What waits in quarantine for the decision of one person alone, or, with p_user null, of anybody at that owner: nobody is
-- left to decide, so it is deleted at Nango.
create function patchbay.discard_quarantine_of(p_owner text, p_user text default null) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_id uuid;
begin
  for v_id in
    select id from public.quarantined_connections
    where owner_id = p_owner and resolved_at is null and (p_user is null or private_to = p_user)
    order by id for update
  loop
    update public.quarantined_connections set resolved_at = now(), resolution = 'deleted' where id = v_id;
    perform patchbay.add_job('delete_quarantined', jsonb_build_object('quarantine_id', v_id),
      p_key => 'delete_quarantined:' || v_id);
  end loop;
end;
$$;

-- What somebody finishes in an open window after they have left.
create function patchbay.discard_late_arrival() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if (patchbay.departure_of(new.owner_id, new.private_to)).id is not null then
    perform patchbay.discard_quarantine_of(new.owner_id, new.private_to);
  end if;
  return null;
end;
$$;
create trigger quarantined_late after insert or update of resolved_at on public.quarantined_connections for each row
  when (new.private_to is not null and new.resolved_at is null) execute function patchbay.discard_late_arrival();

-- Whoever adopts what somebody who left had finished is asked about it from then on.
create function patchbay.ask_adopter() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
begin
  update public.connections c set contact_id = new.resolved_by, updated_at = now()
  where c.integration_key = new.integration_key and c.nango_connection_id = new.nango_connection_id
    and c.sign_in_left and c.visibility = 'everyone'
    and c.contact_id is distinct from new.resolved_by
  returning c.* into v_row;
  if found then
    perform patchbay.add_event(v_row, 'contact_changed', null, new.resolved_by,
      jsonb_build_object('from', null, 'to', new.resolved_by));
  end if;
  return null;
end;
$$;
create trigger quarantined_adopted after update of resolution on public.quarantined_connections for each row
  when (new.resolution = 'adopted' and new.resolved_by is not null) execute function patchbay.ask_adopter();

-- For work on several connections of an owner: what others do to one of them comes before or after.
create function patchbay.lock_connectors_of(p_owner text) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_connector text;
begin
  for v_connector in select distinct connector from public.connections where owner_id = p_owner order by 1 loop
    perform patchbay.lock_owner_connector(p_owner, v_connector);
  end loop;
end;
$$;

-- Gives what one person is asked about to the next; null when there is nobody. Returns everyone's live connections that
-- the person had connected, or that live on their sign-in.
create function patchbay.hand_over(p_owner text, p_user text, p_contact text) returns uuid[]
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
  v_stayed uuid[];
begin
  perform patchbay.lock_connectors_of(p_owner);
  update public.connections c set person_left_at = now()
  where c.owner_id = p_owner and c.connected_by = p_user and c.visibility = 'everyone' and c.person_left_at is null;
  update public.connections c set sign_in_left = true
  where c.owner_id = p_owner and c.signed_in_by = p_user and not c.sign_in_left;
  for v_row in
    select * from public.connections c
    where c.owner_id = p_owner and c.visibility = 'everyone'
      -- Not of what is gone for good; a disconnect may still be undone.
      and (c.status <> 'disconnected' or c.remote_delete_started_at is null)
      -- Nobody was there to ask when they left, and now somebody is.
      and (c.contact_id = p_user or (c.contact_id is null and p_user in (c.connected_by, c.signed_in_by)))
      and c.contact_id is distinct from p_contact
    order by c.id for update
  loop
    update public.connections set contact_id = p_contact, updated_at = now() where id = v_row.id;
    perform patchbay.add_event(v_row, 'contact_changed', null, 'system',
      jsonb_build_object('from', v_row.contact_id, 'to', p_contact));
  end loop;
  select array_agg(c.id order by c.connector, c.id) into v_stayed from public.connections c
  where c.owner_id = p_owner and p_user in (c.connected_by, c.signed_in_by) and c.visibility = 'everyone'
    and c.status <> 'disconnected';
  return coalesce(v_stayed, '{}');
end;
$$;

-- Somebody is no member of an organisation any more. p_contact: the administrator who is asked from now on, or null.
-- p_admins: who is told. p_why: left, or deleted (the person is gone altogether). Returns the line of the report.
-- A second call ends what came in between, and adds it to the same line; nobody is told again.
create function patchbay.leave(p_owner text, p_user text, p_contact text, p_why text, p_admins text[] default '{}')
  returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_departure public.departures;
  v_new boolean;
  v_attempts integer;
  v_gone integer;
  v_keys integer;
  v_links integer;
  v_stayed uuid[];
begin
  perform patchbay.lock_person(p_user);
  insert into public.people (user_id)
  select id from unnest(array_append(p_admins, p_user) || p_contact) as id where id is not null
  order by id on conflict do nothing;
  -- In the order in which locks are taken everywhere: links, attempts, owner and connector, rows.
  v_links := patchbay.revoke_links_of(p_owner, p_user);
  v_attempts := patchbay.cancel_attempts_of(p_owner, p_user);
  v_gone := patchbay.end_connections_of(p_owner, 'owner_left', p_user);
  v_stayed := patchbay.hand_over(p_owner, p_user, p_contact);
  v_keys := patchbay.revoke_keys_of(p_owner, 'owner_left', p_user);
  perform patchbay.discard_quarantine_of(p_owner, p_user);

  insert into public.departures as d
    (owner_id, user_id, why, contact_id, stayed, stayed_count, disconnected_count, keys_count, links_count, attempts_count)
  values (p_owner, p_user, p_why, case when cardinality(v_stayed) > 0 then p_contact end, v_stayed[1:100],
    cardinality(v_stayed), v_gone, v_keys, v_links, v_attempts)
  on conflict (owner_id, user_id) where returned_at is null do update set
    why = case when excluded.why = 'deleted' then excluded.why else d.why end,
    contact_id = coalesce(d.contact_id, excluded.contact_id),
    stayed = excluded.stayed, stayed_count = excluded.stayed_count,
    disconnected_count = d.disconnected_count + excluded.disconnected_count,
    keys_count = d.keys_count + excluded.keys_count, links_count = d.links_count + excluded.links_count,
    attempts_count = d.attempts_count + excluded.attempts_count
  returning d.* into v_departure;
  v_new := v_departure.created_at = now();

  if v_new and v_departure.stayed_count + v_departure.disconnected_count + v_departure.keys_count
    + v_departure.links_count > 0 then
    insert into public.notices (owner_id, user_id, departure_id, kind, person, count)
    select p_owner, told.id, v_departure.id,
      case when told.id = v_departure.contact_id then 'contact' else 'person_left' end,
      (select coalesce(name, email) from public.people where user_id = p_user), v_departure.stayed_count
    from (select distinct unnest(p_admins) as id) told
    on conflict (departure_id, user_id) where departure_id is not null do nothing;
  end if;
  if v_new then
    -- Their session token is good for another minute: what it starts meanwhile ends then.
    perform patchbay.add_job('see_off', jsonb_build_object('owner_id', p_owner, 'user_id', p_user),
      now() + interval '2 minutes', 'see_off:' || p_owner || ':' || p_user);
  end if;
  return v_departure.id;
end;
$$;

-- They are a member again. What was disconnected stays so; contacts stay where they are.
create function patchbay.come_back(p_owner text, p_user text) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  perform patchbay.lock_person(p_user);
  update public.departures set returned_at = now()
  where owner_id = p_owner and user_id = p_user and returned_at is null;
  if not found then
    return false;
  end if;
  update public.connections set person_left_at = null where owner_id = p_owner and connected_by = p_user;
  update public.connections set sign_in_left = false where owner_id = p_owner and signed_in_by = p_user;
  return true;
end;
$$;

-- An administrator of an organisation takes over what nobody is asked about: its last one had left. The report says so,
-- and they are told. Returns how much.
create function patchbay.take_over(p_owner text, p_user text) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
  v_taken uuid[] := '{}';
begin
  perform patchbay.lock_connectors_of(p_owner);
  for v_row in
    select * from public.connections c
    where c.owner_id = p_owner and c.contact_id is null and c.visibility = 'everyone' and c.status <> 'disconnected'
    order by c.id for update
  loop
    insert into public.people (user_id) values (p_user) on conflict do nothing;
    update public.connections set contact_id = p_user, updated_at = now() where id = v_row.id;
    perform patchbay.add_event(v_row, 'contact_changed', null, 'system', jsonb_build_object('from', null, 'to', p_user));
    v_taken := v_taken || v_row.id;
  end loop;
  with reported as (
    update public.departures d set contact_id = p_user
    where d.owner_id = p_owner and d.contact_id is null and d.returned_at is null and d.stayed && v_taken
    returning d.*)
  insert into public.notices (owner_id, user_id, departure_id, kind, person, count)
  select r.owner_id, p_user, r.id, 'contact', coalesce(p.name, p.email), r.stayed_count
  from reported r left join public.people p on p.user_id = r.user_id
  on conflict (departure_id, user_id) where departure_id is not null do nothing;
  return cardinality(v_taken);
end;
$$;

-- An owner is gone: a deleted organisation, or a person who owned by themselves. p_again: what a session token that is still
-- good starts meanwhile ends two minutes later. Returns how many connections ended.
create function patchbay.end_owner(p_owner text, p_reason text, p_again boolean default false) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  perform patchbay.revoke_links_of(p_owner, null);
  perform patchbay.cancel_attempts_of(p_owner);
  v_count := patchbay.end_connections_of(p_owner, p_reason);
  perform patchbay.revoke_keys_of(p_owner, p_reason);
  perform patchbay.discard_quarantine_of(p_owner);
  delete from public.notices where owner_id = p_owner;
  if p_again then
    perform patchbay.add_job('end_organization', jsonb_build_object('owner_id', p_owner), now() + interval '2 minutes',
      'end_organization:' || p_owner);
  end if;
  return v_count;
end;
$$;

-- Owners with whom a person has anything to do, but for themselves.
create function patchbay.owners_of(p_user text) returns setof text
  language sql stable
  set search_path = ''
as $$
  select o.owner_id from (
    select owner_id from public.connections where connected_by = p_user
    union select owner_id from public.connections where contact_id = p_user and contact_id <> connected_by
    union select owner_id from public.connections where signed_in_by = p_user and signed_in_by <> connected_by
    union select owner_id from public.connection_attempts where started_by = p_user
    union select owner_id from public.api_keys where created_by = p_user
    union select owner_id from public.departures where user_id = p_user) o
  where o.owner_id <> p_user;
$$;

-- A person who was deleted, and who has left every organisation by leave(): what they owned by themselves ends, and what
-- is known of them is erased. Their id stays, as a pseudonym. An account's id stays until its access has been taken back:
-- whether somebody else uses the same account decides that.
create function patchbay.forget_person(p_user text) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_email text;
  v_new boolean;
  v_theirs uuid[];
begin
  perform patchbay.lock_person(p_user);
  insert into public.people (user_id) values (p_user) on conflict do nothing;
  select email, deleted_at is null into strict v_email, v_new from public.people where user_id = p_user;
  perform patchbay.end_owner(p_user, 'owner_left');
  perform patchbay.forget_links_of(p_user, v_email);
  update public.people set name = null, email = null, image_url = null, deleted_at = coalesce(deleted_at, now()),
    updated_at = now()
  where user_id = p_user;
  with erased as (
    update public.connections set label = null, account_name = null, found_account_id = null, found_account_name = null,
      config = '{}', metadata = '{}', last_error = null,
      account_id = case when remote_deleted_at is null then account_id end
    where connected_by = p_user and (visibility = 'only_me' or owner_id = p_user) and status = 'disconnected'
    returning id)
  select array_agg(id) into v_theirs from erased;
  update public.connection_events e set data = e.data - array['account', 'before', 'found', 'label']
  where e.connection_id = any (v_theirs) and e.data ?| array['account', 'before', 'found', 'label'];
  delete from public.notices where user_id = p_user;
  update public.notices set person = null
  where departure_id in (select id from public.departures where user_id = p_user) and person is not null;
  if v_new then
    perform patchbay.add_job('see_off', jsonb_build_object('owner_id', null, 'user_id', p_user),
      now() + interval '2 minutes', 'see_off:' || p_user);
  end if;
end;
$$;

-- Whether a connection was a deleted person's alone.
create function patchbay.is_forgotten(p_connection uuid) returns boolean
  language sql stable
  set search_path = ''
as $$
  select exists (select 1 from public.connections c join public.people p on p.user_id = c.connected_by
    where c.id = p_connection and (c.visibility = 'only_me' or c.owner_id = c.connected_by) and p.deleted_at is not null);
$$;

-- The last that was kept for the sake of the remote part.
create function patchbay.forget_account() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if patchbay.is_forgotten(new.id) then
    new.account_id := null;
    new.last_error := null;
  end if;
  return new;
end;
$$;
create trigger connections_forget_account before update of remote_deleted_at on public.connections
  for each row when (old.remote_deleted_at is null and new.remote_deleted_at is not null)
  execute function patchbay.forget_account();

-- As before: history is appended to, and forgotten after ninety days at the earliest. The one change of a line that is
-- let through takes names of accounts out of the history of what a deleted person had for themselves alone.
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
  elsif tg_op = 'UPDATE' then
    -- Nested as well: who may not ask whether somebody was forgotten hears the same refusal.
    if to_jsonb(new) - 'data' = to_jsonb(old) - 'data'
      and new.data = old.data - array['account', 'before', 'found', 'label'] then
      if patchbay.is_forgotten(old.connection_id) then
        return new;
      end if;
    end if;
  end if;
  raise exception using errcode = 'PB400', message = 'history_is_append_only';
end;
$$;

-- Who was deleted stays so: a name that was read before comes too late.
create or replace function patchbay.upsert_person(p_user text, p_name text, p_email text, p_image_url text) returns void
  language sql
  set search_path = ''
as $$
  insert into public.people as p (user_id, name, email, image_url)
  values (p_user, nullif(p_name, ''), nullif(p_email, ''), nullif(p_image_url, ''))
  on conflict (user_id) do update set
    name = excluded.name, email = excluded.email, image_url = excluded.image_url, updated_at = now()
  where p.deleted_at is null
    and (p.name, p.email, p.image_url) is distinct from (excluded.name, excluded.email, excluded.image_url);
$$;

-- The report, newest first. p_before_at and p_before_id continue after the last row of the page before. p_user reads it:
-- what stayed is shown as far as they may see it.
create function patchbay.list_departures(
  p_owner text, p_user text, p_before_at timestamptz default null, p_before_id uuid default null, p_limit integer default 50
) returns table (
  id uuid, user_id text, person_name text, why text, contact_id text, contact_name text, stayed jsonb,
  stayed_count integer, disconnected_count integer, keys_count integer, links_count integer, created_at timestamptz,
  returned_at timestamptz, total_count bigint
)
  language sql stable
  set search_path = ''
as $$
  select d.id, d.user_id, p.name, d.why, d.contact_id, k.name,
    (select coalesce(jsonb_agg(jsonb_build_object(
        'id', c.id, 'connector', c.connector, 'name', coalesce(c.label, c.account_name), 'number', c.number,
        'disconnected', c.status = 'disconnected') order by c.connector, c.number), '[]')
      from public.connections c
      where c.id = any (d.stayed)
        and patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user)),
    d.stayed_count, d.disconnected_count, d.keys_count, d.links_count, d.created_at, d.returned_at,
    (select count(*) from public.departures t where t.owner_id = p_owner)
  from public.departures d
  left join public.people p on p.user_id = d.user_id
  left join public.people k on k.user_id = d.contact_id
  where d.owner_id = p_owner and (p_before_at is null or (d.created_at, d.id) < (p_before_at, p_before_id))
  order by d.created_at desc, d.id desc
  limit p_limit;
$$;

-- Listing: what the columns above add.
drop function public.list_connections(text, text, uuid, text, text, text, timestamptz, uuid, integer);
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
  created_at timestamptz, updated_at timestamptz, contact_id text, contact_name text, person_left_at timestamptz,
  sign_in_left boolean, total_count bigint
)
  language sql stable
  begin atomic
    select m.id, m.owner_id, m.visibility, m.connector, m.auth_method, m.status, m.reason_code,
      m.suspect_since, m.looking_since, m.account_id, m.account_name, m.found_account_name, twin.id, m.label,
      m.is_default, m.number, m.scopes_requested, m.scopes_granted, m.credentials_readable, m.connected_by, p.name,
      p.image_url, m.connected_at, m.signed_in_at, m.checked_at, m.disconnected_at, m.disconnected_by, m.last_used_at,
      m.last_synced_at, m.expires_at, m.error_count, m.remote_delete_after,
      m.remote_delete_started_at, m.remote_deleted_at, m.remote_result, m.upstream_result,
      m.created_at, m.updated_at, m.contact_id,
      case when m.contact_id = m.connected_by then p.name else k.name end, m.person_left_at, m.sign_in_left,
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
        c.remote_result, c.upstream_result, c.created_at, c.updated_at, c.contact_id, c.person_left_at, c.sign_in_left
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
      select name from public.people where user_id = m.contact_id and m.contact_id <> m.connected_by limit 1) k on true
    left join lateral (
      select o.id from public.connections o
      where o.owner_id = m.owner_id and o.connector = m.connector and o.account_id = m.account_id
        and o.status <> 'disconnected' and m.status <> 'disconnected' and o.id <> m.id
        and patchbay.connection_visible(o.owner_id, o.visibility, o.connected_by, p_owner, p_user)
      limit 1) twin on true
    order by m.created_at desc, m.id desc;
  end;
revoke all on function public.list_connections(text, text, uuid, text, text, text, timestamptz, uuid, integer)
  from public, anon, authenticated, service_role;
grant execute on function public.list_connections(text, text, uuid, text, text, text, timestamptz, uuid, integer)
  to authenticated;

revoke execute on all functions in schema patchbay from public;
