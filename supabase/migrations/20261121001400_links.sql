-- Connect links: somebody is asked, by name of an e-mail address, to connect one account of one connector.
--
-- Promises:
--   * Only the digest of a link's token is kept. Nothing here gives the token back.
--   * A link is found by its token and an address that the caller has proven, in one statement: without either, there is none.
--   * At most one connection ever comes of a link. It is used in the transaction that makes the connection, and only one
--     attempt of it can be completed: starting another, revoking and the maker's leaving cancel the former.
--   * Work on one link is done in turn; locks are taken in the order of the claims (attempt, then link), so that a sign-in
--     that completes meanwhile and a revocation cannot wait for each other: one of them comes first.
--   * No client role reads or writes links.

create table public.connect_links (
  id uuid primary key default gen_random_uuid(),
  owner_id text not null check (owner_id <> ''),
  created_by text not null references public.people (user_id),
  connector text not null references public.connectors (slug),
  -- Whose link it is, in lower case; erased when that person's data are.
  email text check (email = lower(email) and email <> '' and char_length(email) <= 254),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  expires_at timestamptz not null default now() + interval '7 days',
  used_at timestamptz,
  used_by text references public.people (user_id),
  connection_id uuid references public.connections (id),
  revoked_at timestamptz,
  -- Null: the maker left, or the organisation is gone.
  revoked_by text,
  created_at timestamptz not null default now(),
  check (used_at is null or revoked_at is null),
  check ((used_at is null) = (used_by is null)),
  check ((used_at is null) = (connection_id is null))
);
create index connect_links_owner on public.connect_links (owner_id, created_at desc, id desc);
create index connect_links_maker on public.connect_links (owner_id, created_by, created_at desc, id desc);
create index connect_links_open on public.connect_links (owner_id, expires_at) where used_at is null and revoked_at is null;
create index connect_links_email on public.connect_links (email) where email is not null;
create index connect_links_expired on public.connect_links (expires_at);
create index connect_links_connection on public.connect_links (connection_id) where connection_id is not null;
create index connect_links_person on public.connect_links (created_by);
create index connect_links_user on public.connect_links (used_by) where used_by is not null;

alter table public.connect_links enable row level security;
alter table public.connect_links force row level security;
revoke all on table public.connect_links from public, anon, authenticated, service_role;

alter table public.connection_attempts
  add column link_id uuid references public.connect_links (id) on delete set null;
create index connection_attempts_link on public.connection_attempts (link_id) where link_id is not null;
create unique index connection_attempts_link_used on public.connection_attempts (link_id)
  where link_id is not null and status = 'confirmed';

-- Whoever owns by themselves manages all that is theirs, whoever connected it through a link of theirs.
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
  if not found then
    perform patchbay.refuse('not_found');
  elsif v_row.connected_by <> p_user and v_row.owner_id <> p_user and not coalesce(p_is_admin, false) then
    perform patchbay.refuse('forbidden');
  end if;
  return v_row;
end;
$$;

-- open, used, revoked or expired.
create function patchbay.link_status(p_link public.connect_links) returns text
  language sql stable
  set search_path = ''
as $$
  select case when p_link.used_at is not null then 'used' when p_link.revoked_at is not null then 'revoked'
    when p_link.expires_at <= now() then 'expired' else 'open' end;
$$;

-- Serialises the starts and the end of one link. Whoever completes a sign-in does not need it: they hold the attempt.
create function patchbay.lock_link(p_id uuid) returns void
  language sql
  set search_path = ''
as $$ select pg_advisory_xact_lock(hashtextextended(p_id::text, 3)) $$;

-- Cancels what is under way through a link: what completes later is quarantined. Call under lock_link().
create function patchbay.cancel_link_attempts(p_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_attempt public.connection_attempts;
begin
  for v_attempt in
    select * from public.connection_attempts where link_id = p_id and status in ('open', 'abandoned', 'failed')
    order by id for update
  loop
    update public.connection_attempts
    set status = 'cancelled', outcome = 'cancelled', ended_at = now(), updated_at = now() where id = v_attempt.id;
    if v_attempt.session_token is not null then
      perform patchbay.add_job('delete_session', jsonb_build_object('attempt_id', v_attempt.id));
    end if;
  end loop;
end;
$$;

-- The caller has checked that p_user may ask this address, and that there is a way to connect. p_most: how many open links
-- p_user may have. Refuses unknown_connector, connector_blocked, too_many_links.
create function patchbay.make_link(
  p_owner text, p_user text, p_connector text, p_email text, p_token_hash bytea, p_most integer
)
  returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_id uuid;
begin
  if not exists (select 1 from public.connectors where slug = p_connector) then
    perform patchbay.refuse('unknown_connector');
  elsif not public.may_connect(p_owner, p_connector) then
    perform patchbay.refuse('connector_blocked');
  end if;
  -- Two at once must not both be the fiftieth.
  perform pg_advisory_xact_lock(hashtextextended(p_owner, 4));
  if exists (
    select 1 from public.connect_links l
    where l.owner_id = p_owner and l.used_at is null and l.revoked_at is null and l.expires_at > now()
    having count(*) >= 50 or count(*) filter (where l.created_by = p_user) >= p_most) then
    perform patchbay.refuse('too_many_links');
  end if;
  insert into public.people (user_id) values (p_user) on conflict do nothing;
  insert into public.connect_links (owner_id, created_by, connector, email, token_hash)
  values (p_owner, p_user, p_connector, lower(p_email), p_token_hash) returning id into v_id;
  return v_id;
end;
$$;

-- Newest first: the caller's own, and all of the owner's for an admin. p_id picks one. total_count ignores the page.
create function patchbay.list_links(
  p_owner text, p_user text, p_is_admin boolean, p_id uuid default null,
  p_before_at timestamptz default null, p_before_id uuid default null, p_limit integer default 50
) returns table (
  id uuid, connector text, email text, status text, created_by text, created_by_name text, created_at timestamptz,
  expires_at timestamptz, used_by text, used_by_name text, used_at timestamptz, connection_id uuid,
  revoked_at timestamptz, total_count bigint
)
  language sql stable
  set search_path = ''
as $$
  select l.id, l.connector, l.email, patchbay.link_status(l), l.created_by, m.name, l.created_at, l.expires_at, l.used_by,
    u.name, l.used_at, c.id, l.revoked_at,
    (select count(*) from public.connect_links t
      where t.owner_id = p_owner and (coalesce(p_is_admin, false) or t.created_by = p_user))
  from public.connect_links l
  left join public.people m on m.user_id = l.created_by
  left join public.people u on u.user_id = l.used_by
  -- What has become one person's alone is not shown to whoever asked for it.
  left join public.connections c on c.id = l.connection_id
    and patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user)
  where l.owner_id = p_owner and (coalesce(p_is_admin, false) or l.created_by = p_user)
    and (p_id is null or l.id = p_id)
    and (p_before_at is null or (l.created_at, l.id) < (p_before_at, p_before_id))
  order by l.created_at desc, l.id desc
  limit p_limit;
$$;

-- Revoking twice is no error, nor is it after its time: a sign-in that began before is stopped all the same.
-- Refuses not_found, and link_finished when it was used.
create function patchbay.revoke_link(p_owner text, p_user text, p_is_admin boolean, p_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_status text;
begin
  if not exists (select 1 from public.connect_links l where l.id = p_id and l.owner_id = p_owner
    and (coalesce(p_is_admin, false) or l.created_by = p_user)) then
    perform patchbay.refuse('not_found');
  end if;
  perform patchbay.lock_link(p_id);
  perform 1 from public.connection_attempts where link_id = p_id and status in ('open', 'abandoned', 'failed')
  order by id for update;
  select patchbay.link_status(l) into v_status from public.connect_links l where l.id = p_id for update;
  if v_status = 'used' then
    perform patchbay.refuse('link_finished');
  end if;
  perform patchbay.cancel_link_attempts(p_id);
  update public.connect_links set revoked_at = now(), revoked_by = p_user where id = p_id and v_status = 'open';
end;
$$;

-- The link of a token, for whoever has proven its address. Nothing otherwise, whatever is wrong.
create function patchbay.find_link(p_token_hash bytea, p_emails text[]) returns table (
  id uuid, owner_id text, connector text, status text, created_by text, created_by_name text, expires_at timestamptz,
  used_at timestamptz, revoked_at timestamptz
)
  language sql stable
  set search_path = ''
as $$
  select l.id, l.owner_id, l.connector, patchbay.link_status(l), l.created_by, p.name, l.expires_at, l.used_at, l.revoked_at
  from public.connect_links l left join public.people p on p.user_id = l.created_by
  where l.token_hash = p_token_hash and l.email = any (p_emails);
$$;

-- An attempt through a link; the one before it, if any, is cancelled. Refuses not_found, link_finished, and what
-- start_attempt() refuses.
create function patchbay.start_link_attempt(
  p_owner text, p_user text, p_link uuid, p_connector text, p_integration_key text, p_visibility text, p_instance text
) returns setof public.connection_attempts
  language plpgsql
  set search_path = ''
as $$
declare
  v_status text;
  v_attempt public.connection_attempts;
begin
  perform patchbay.lock_link(p_link);
  perform 1 from public.connection_attempts where link_id = p_link and status in ('open', 'abandoned', 'failed')
  order by id for update;
  select patchbay.link_status(l) into v_status from public.connect_links l
  where l.id = p_link and l.owner_id = p_owner and l.connector = p_connector for update;
  if v_status is null then
    perform patchbay.refuse('not_found');
  elsif v_status <> 'open' then
    perform patchbay.refuse('link_finished');
  end if;
  perform patchbay.cancel_link_attempts(p_link);
  select * into v_attempt from patchbay.start_attempt(
    p_owner, p_user, p_connector, p_integration_key, p_visibility, p_instance);
  return query
    update public.connection_attempts set link_id = p_link where id = v_attempt.id returning *;
end;
$$;

-- Whose link an attempt came through, for the person who started it: the owner to act for, and nothing for anybody else.
create function patchbay.owner_of_link_attempt(p_token_hash bytea, p_user text, p_attempt uuid) returns text
  language sql stable
  set search_path = ''
as $$
  select l.owner_id from public.connection_attempts a
  join public.connect_links l on l.id = a.link_id
  where l.token_hash = p_token_hash and a.id = p_attempt and a.started_by = p_user;
$$;

-- An attempt that came through a link has brought its connection: the link is used, in the same transaction. Whoever asked
-- is told, and becomes the one to ask about the account: who connected it may not be in the organisation at all.
create function patchbay.use_link() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_link public.connect_links;
begin
  update public.connect_links
  set used_at = now(), used_by = new.started_by, connection_id = new.connection_id
  where id = new.link_id and used_at is null and revoked_at is null
  returning * into v_link;
  if v_link.id is null then
    perform patchbay.refuse('link_finished');
  end if;
  update public.connections set contact_id = v_link.created_by where id = new.connection_id;
  insert into public.notices (owner_id, user_id, event_id, kind, connection_id, connector, person)
  select v_link.owner_id, v_link.created_by, e.id, 'link_used', new.connection_id, v_link.connector,
    (select p.name from public.people p where p.user_id = new.started_by)
  from public.connection_events e
  where e.connection_id = new.connection_id and e.type = 'connected' and v_link.created_by <> new.started_by
  order by e.id desc limit 1
  on conflict (event_id, user_id) do nothing;
  return null;
end;
$$;
create trigger connection_attempts_use_link after update of status on public.connection_attempts
  for each row when (new.link_id is not null and new.status = 'confirmed' and old.status <> 'confirmed')
  execute function patchbay.use_link();

-- Somebody left: their open links of that owner end. p_user null: all of the owner's, which is gone. Returns how many.
create function patchbay.revoke_links_of(p_owner text, p_user text) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_id uuid;
  v_count integer := 0;
begin
  for v_id in
    select l.id from public.connect_links l
    where l.owner_id = p_owner and (p_user is null or l.created_by = p_user)
      -- A sign-in that began in time may still be under way.
      and l.used_at is null and l.revoked_at is null and l.expires_at > now() - interval '1 hour'
    order by l.id
  loop
    perform patchbay.lock_link(v_id);
    perform patchbay.cancel_link_attempts(v_id);
    update public.connect_links set revoked_at = now() where id = v_id and used_at is null and revoked_at is null;
    v_count := v_count + found::integer;
  end loop;
  return v_count;
end;
$$;

-- Somebody is deleted: links that they made or that were addressed to them end, and their address is erased there and
-- where they used one. p_email may be null. Returns how many links were changed.
create function patchbay.forget_links_of(p_user text, p_email text) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_link public.connect_links;
  v_count integer := 0;
begin
  for v_link in
    select * from public.connect_links l
    where l.email = lower(p_email) or (l.used_by = p_user and l.email is not null)
      or (l.created_by = p_user and l.used_at is null and l.revoked_at is null)
    order by l.id
  loop
    perform patchbay.lock_link(v_link.id);
    perform patchbay.cancel_link_attempts(v_link.id);
    update public.connect_links l set
      email = case when l.email = lower(p_email) or l.used_by = p_user then null else l.email end,
      revoked_at = case when patchbay.link_status(l) = 'open' then now() else l.revoked_at end
    where l.id = v_link.id;
    v_count := v_count + 1;
  end loop;
  update public.notices n set person = null
  where n.kind = 'link_used' and n.person is not null
    and exists (select 1 from public.connect_links l where l.connection_id = n.connection_id and l.used_by = p_user);
  return v_count;
end;
$$;

-- Retention: links whose time has been over for p_days, used or not.
create function patchbay.forget_links(p_days integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from public.connect_links where id in (
    select l.id from public.connect_links l where l.expires_at < now() - make_interval(days => p_days)
    order by l.expires_at limit p_limit for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

revoke all on all functions in schema patchbay from public;
