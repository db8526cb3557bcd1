-- Connect links that programs ask for, the way back from them, and what providers pushed.
--
-- Promises:
--   * A link is for one address or for one person. It leads back to the address that was given when it was made, and
--     nowhere else; of state and code only digests are kept.
--   * A code is given out to whoever used the link, and redeemed once, within ten minutes, by the owner, the person and the
--     kind of caller that made the link. Nobody else learns what came of it.
--   * What a provider pushed is told to those who may see the connection that it is about, and only for as long as that
--     connection was there.
--   * No client role reads or writes any of it.

-- For callers of the API, which know connectors by more than their slug.
alter table public.connectors add column id uuid not null default gen_random_uuid() unique;

create function patchbay.registered_connectors() returns table (id uuid, slug text, created_at timestamptz)
  language sql stable
  set search_path = ''
as $$ select c.id, c.slug, c.created_at from public.connectors c $$;

alter table public.connect_links
  -- The one person for whom it opens, whatever their addresses; null for a link to an address.
  add column user_id text references public.people (user_id),
  -- Made for the answer of a call that failed, and not because somebody asked for a link.
  add column automatic boolean not null default false,
  -- By what the caller came in: session, key:<id> or oauth:<client>.
  add column made_with text not null default 'session' check (made_with ~ '^(session|(key|oauth):.{1,255})$'),
  -- Fewer permissions than the connector asks for otherwise.
  add column scopes text[],
  add column redirect_uri text check (octet_length(redirect_uri) between 1 and 2000),
  add column state_hash bytea unique check (octet_length(state_hash) = 32),
  add column code_hash bytea check (octet_length(code_hash) = 32),
  add column code_expires_at timestamptz,
  add column redeemed_at timestamptz,
  add check (user_id is null or email is null),
  add check ((redirect_uri is null) = (state_hash is null)),
  add check ((code_hash is null) = (code_expires_at is null)),
  add check (code_hash is null or (redirect_uri is not null and used_at is not null)),
  add check (redeemed_at is null or code_hash is not null);
create index connect_links_for_person on public.connect_links (user_id, owner_id) where user_id is not null;

alter table public.connection_attempts
  -- What the sign-in asks for; null: what the connector asks for.
  add column scopes text[];

-- What was asked for is what the attempt asked for, whatever the connector asks for otherwise.
create function patchbay.take_asked_scopes() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.scopes_requested := coalesce(
    (select a.scopes from public.connection_attempts a where a.id = new.signed_in_attempt), new.scopes_requested);
  return new;
end;
$$;
create trigger connections_take_asked_scopes before insert on public.connections
  for each row when (new.signed_in_attempt is not null) execute function patchbay.take_asked_scopes();

drop function patchbay.make_link(text, text, text, text, bytea, integer);
-- A link to an address, or, without one, for the caller's own person, who has an hour. The caller has checked that p_user
-- may ask that address; p_most: how many open links p_user may have. Connectors that the catalogue does not show can be
-- connected like all others.
-- Refuses unknown_connector, connector_unavailable, connector_blocked, too_many_links.
create function patchbay.make_link(
  p_owner text, p_user text, p_connector text, p_email text, p_token_hash bytea, p_most integer, p_made_with text,
  p_scopes text[], p_redirect_uri text, p_state_hash bytea, p_automatic boolean default false
) returns uuid
  language plpgsql
  set search_path = ''
as $$
declare
  v_status text;
  v_id uuid;
begin
  select status into v_status from public.connectors where slug = p_connector;
  if v_status is null then
    perform patchbay.refuse('unknown_connector');
  elsif v_status = 'unavailable' then
    perform patchbay.refuse('connector_unavailable');
  elsif not public.may_connect(p_owner, p_connector) then
    perform patchbay.refuse('connector_blocked');
  end if;
  -- Two at once must not both be the fiftieth.
  perform pg_advisory_xact_lock(hashtextextended(p_owner, 4));
  -- What programs make for one person does not use up what people may ask others for, nor the other way round; and what
  -- failing calls make uses up neither.
  if exists (
    select 1 from public.connect_links l
    where l.owner_id = p_owner and l.used_at is null and l.revoked_at is null and l.expires_at > now()
      and case when p_email is null then l.user_id = p_user else l.user_id is null end
      and l.automatic = p_automatic
    having count(*) >= 50 or count(*) filter (where l.created_by = p_user) >= p_most) then
    perform patchbay.refuse('too_many_links');
  end if;
  insert into public.people (user_id) values (p_user) on conflict do nothing;
  insert into public.connect_links (owner_id, created_by, connector, email, user_id, token_hash, expires_at, made_with,
    scopes, redirect_uri, state_hash, automatic)
  values (p_owner, p_user, p_connector, lower(p_email), case when p_email is null then p_user end, p_token_hash,
    now() + case when p_email is null then interval '1 hour' else interval '7 days' end, p_made_with, p_scopes,
    p_redirect_uri, p_state_hash, p_automatic)
  returning id into v_id;
  return v_id;
end;
$$;

-- As before, but a connector that the catalogue does not show can be connected through Nango too: it is hidden from lists,
-- not closed. Refuses unknown_connector, connector_unavailable, connector_blocked.
create or replace function patchbay.start_attempt(
  p_owner text, p_user text, p_connector text, p_integration_key text, p_visibility text, p_instance text
) returns setof public.connection_attempts
  language plpgsql
  set search_path = ''
as $$
declare
  v_status text;
begin
  select status into v_status from public.connectors where slug = p_connector;
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

drop function patchbay.list_links(text, text, boolean, uuid, timestamptz, uuid, integer);
-- As before. Links that programs make for one person are found by their id alone. p_reader: whose only-me connections are
-- named, which for a key is nobody, although it finds the links of its maker.
create function patchbay.list_links(
  p_owner text, p_user text, p_reader text, p_is_admin boolean, p_id uuid default null,
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
      where t.owner_id = p_owner and t.user_id is null and (coalesce(p_is_admin, false) or t.created_by = p_user))
  from public.connect_links l
  left join public.people m on m.user_id = l.created_by
  left join public.people u on u.user_id = l.used_by
  left join public.connections c on c.id = l.connection_id
    and patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_reader)
  where l.owner_id = p_owner and (coalesce(p_is_admin, false) or l.created_by = p_user)
    and (l.id = p_id or (p_id is null and l.user_id is null))
    and (p_before_at is null or (l.created_at, l.id) < (p_before_at, p_before_id))
  order by l.created_at desc, l.id desc
  limit p_limit;
$$;

drop function patchbay.find_link(bytea, text[]);
-- The link of a token, for the person whom it is for: by themselves, or by an address that they have proven. Nothing
-- otherwise, whatever is wrong. leads_back: whether whoever used it can still be sent back with a code.
create function patchbay.find_link(p_token_hash bytea, p_emails text[], p_user text) returns table (
  id uuid, owner_id text, connector text, status text, created_by text, created_by_name text, expires_at timestamptz,
  used_at timestamptz, revoked_at timestamptz, scopes text[], redirect_uri text, leads_back boolean
)
  language sql stable
  set search_path = ''
as $$
  select l.id, l.owner_id, l.connector, patchbay.link_status(l), l.created_by, p.name, l.expires_at, l.used_at,
    l.revoked_at, l.scopes, l.redirect_uri,
    l.redirect_uri is not null and l.redeemed_at is null and coalesce(l.used_at > now() - interval '1 hour', true)
  from public.connect_links l left join public.people p on p.user_id = l.created_by
  where l.token_hash = p_token_hash and (l.email = any (p_emails) or l.user_id = p_user);
$$;

-- As before, and the attempt asks for what the link asks for.
create or replace function patchbay.start_link_attempt(
  p_owner text, p_user text, p_link uuid, p_connector text, p_integration_key text, p_visibility text, p_instance text
) returns setof public.connection_attempts
  language plpgsql
  set search_path = ''
as $$
declare
  v_link public.connect_links;
  v_attempt public.connection_attempts;
begin
  perform patchbay.lock_link(p_link);
  perform 1 from public.connection_attempts where link_id = p_link and status in ('open', 'abandoned', 'failed')
  order by id for update;
  select * into v_link from public.connect_links l
  where l.id = p_link and l.owner_id = p_owner and l.connector = p_connector for update;
  if not found then
    perform patchbay.refuse('not_found');
  elsif patchbay.link_status(v_link) <> 'open' then
    perform patchbay.refuse('link_finished');
  end if;
  perform patchbay.cancel_link_attempts(p_link);
  select * into v_attempt from patchbay.start_attempt(
    p_owner, p_user, p_connector, p_integration_key, p_visibility, p_instance);
  return query
    update public.connection_attempts set link_id = p_link, scopes = v_link.scopes where id = v_attempt.id returning *;
end;
$$;

-- The way back for somebody who has opened the link: with a code where they used it, which takes the place of an earlier
-- one; otherwise the link ends here, and outcome says how. outcome is null with a code. Refuses not_found for a link without
-- a way back and for whoever did not use it, link_finished when the code was redeemed or it is too late for one.
create function patchbay.leave_link(p_link uuid, p_user text, p_code_hash bytea)
  returns table (redirect_uri text, outcome text)
  language plpgsql
  set search_path = ''
as $$
declare
  v_told constant text[] := '{denied,failed,not_configured,nango_unavailable,direct_unavailable}';
  v_link public.connect_links;
  v_status text;
  v_outcome text;
begin
  perform patchbay.lock_link(p_link);
  perform 1 from public.connection_attempts where link_id = p_link and status in ('open', 'abandoned', 'failed')
  order by id for update;
  select * into v_link from public.connect_links l where l.id = p_link for update;
  v_status := patchbay.link_status(v_link);
  if v_link.redirect_uri is null or (v_status = 'used' and v_link.used_by <> p_user) then
    perform patchbay.refuse('not_found');
  elsif v_status = 'used' then
    if v_link.redeemed_at is not null or v_link.used_at <= now() - interval '1 hour' then
      perform patchbay.refuse('link_finished');
    end if;
    update public.connect_links l set code_hash = p_code_hash, code_expires_at = now() + interval '10 minutes'
    where l.id = p_link;
    return query select v_link.redirect_uri, null::text;
    return;
  elsif v_status = 'expired' then
    return query select v_link.redirect_uri, 'expired';
    return;
  end if;
  -- How the last try ended says more than that nobody goes on.
  select a.outcome into v_outcome from public.connection_attempts a
  where a.link_id = p_link order by a.created_at desc, a.id desc limit 1;
  return query select v_link.redirect_uri, case when v_outcome = any (v_told) then v_outcome else 'cancelled' end;
  perform patchbay.cancel_link_attempts(p_link);
  update public.connect_links l set revoked_at = now(), revoked_by = p_user where l.id = p_link and v_status = 'open';
end;
$$;

-- What came of a link, for whoever made it. Once; nothing for anybody else, or for another state or code.
create function patchbay.redeem_link(
  p_owner text, p_user text, p_made_with text, p_connector text, p_state_hash bytea, p_code_hash bytea
) returns table (connection_id uuid, auth_method text)
  language sql
  set search_path = ''
as $$
  update public.connect_links l set redeemed_at = now()
  from public.connections c
  where l.state_hash = p_state_hash and l.code_hash = p_code_hash and l.owner_id = p_owner and l.created_by = p_user
    and l.made_with = p_made_with and l.connector = p_connector and l.redeemed_at is null and l.code_expires_at > now()
    and c.id = l.connection_id
  returning c.id, c.auth_method;
$$;

-- What a provider pushes names its connection at Nango. Other deliveries are not looked for in this way.
create index webhook_deliveries_pushed on public.webhook_deliveries (integration_key, nango_connection_id, id desc)
  where type = 'forward';

-- Newest first: what providers pushed about connections that the reader may see, before these were disconnected. p_connection
-- picks one of them; p_before_id continues after the last row of the page before. A body of more than p_max_bytes is left out.
create function patchbay.list_trigger_events(
  p_owner text, p_user text, p_connection uuid, p_since timestamptz, p_before_id bigint, p_limit integer,
  p_max_bytes integer
) returns table (id bigint, connection_id uuid, connector text, received_at timestamptz, size integer, body bytea)
  language sql stable
  set search_path = ''
as $$
  select d.id, c.id, c.connector, d.received_at, octet_length(d.body),
    case when octet_length(d.body) <= p_max_bytes then d.body end
  -- Two questions, so that one connection is not looked for among all that its owner has.
  from (
    select o.id, o.connector, o.integration_key, o.nango_connection_id, o.disconnected_at from public.connections o
    where o.id = p_connection
      and patchbay.connection_visible(o.owner_id, o.visibility, o.connected_by, p_owner, p_user)
    union all
    select o.id, o.connector, o.integration_key, o.nango_connection_id, o.disconnected_at from public.connections o
    where p_connection is null
      and patchbay.connection_visible(o.owner_id, o.visibility, o.connected_by, p_owner, p_user)) c
  cross join lateral (
    select w.id, w.received_at, w.body from public.webhook_deliveries w
    where w.type = 'forward' and w.integration_key = c.integration_key and w.nango_connection_id = c.nango_connection_id
      and w.received_at < coalesce(c.disconnected_at, 'infinity') and (p_since is null or w.received_at >= p_since)
      and (p_before_id is null or w.id < p_before_id)
    order by w.id desc limit p_limit) d
  order by d.id desc limit p_limit;
$$;

revoke all on all functions in schema patchbay from public;
