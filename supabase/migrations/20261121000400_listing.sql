-- Reading connections: one definition for both doors.
--
-- Promises:
--   * The same functions answer a signed-in person (their own token, under row level security) and the server acting for
--     an API key (no claims): the owner and person given are applied either way, and under a token the policies apply too.
--   * They run with the rights of the caller. Naming another owner under a token yields nothing.
--   * Cost depends on the owner's own rows only.

create function patchbay.connection_matches(
  p_connector text, p_status text, p_visibility text, p_connected_by text,
  p_as_user text, p_only_connector text, p_only_status text, p_only_owner text
) returns boolean
  language sql immutable
  return (p_only_connector is null or p_connector = p_only_connector)
    and case when p_only_status is null then p_status <> 'disconnected' else p_status = p_only_status end
    and case p_only_owner
      when 'everyone' then p_visibility = 'everyone'
      when 'only_me' then p_visibility = 'only_me'
      when 'mine' then p_connected_by = p_as_user
      else p_only_owner is null end;
revoke all on function patchbay.connection_matches(text, text, text, text, text, text, text, text) from public;
grant execute on function patchbay.connection_matches(text, text, text, text, text, text, text, text) to authenticated;

-- Newest first. p_id picks one, in whatever status; without p_status tombstones are left out.
-- p_before_at and p_before_id continue after the last row of the page before. total_count ignores the page.
create function public.list_connections(
  p_owner text, p_user text, p_id uuid default null,
  p_connector text default null, p_status text default null, p_visible_to text default null,
  p_before_at timestamptz default null, p_before_id uuid default null, p_limit integer default 100
) returns table (
  id uuid, owner_id text, visibility text, connector text, auth_method text, status text, reason_code text,
  suspect_since timestamptz, account_id text, account_name text, label text, is_default boolean, number integer,
  scopes_requested text[], scopes_granted text[], connected_by text, person_name text, person_image_url text,
  connected_at timestamptz, disconnected_at timestamptz, disconnected_by text, last_used_at timestamptz,
  last_synced_at timestamptz, expires_at timestamptz, remote_delete_after timestamptz,
  remote_delete_started_at timestamptz, remote_deleted_at timestamptz, remote_result text, upstream_result text,
  created_at timestamptz, updated_at timestamptz, total_count bigint
)
  language sql stable
  begin atomic
    with matched as materialized (
      select c.id, c.owner_id, c.visibility, c.connector, c.auth_method, c.status, c.reason_code,
        c.suspect_since, c.account_id, c.account_name, c.label, c.is_default, c.number,
        c.scopes_requested, c.scopes_granted, c.connected_by, c.connected_at, c.disconnected_at,
        c.disconnected_by, c.last_used_at, c.last_synced_at, c.expires_at, c.remote_delete_after,
        c.remote_delete_started_at, c.remote_deleted_at, c.remote_result, c.upstream_result, c.created_at, c.updated_at
      from public.connections c
      where patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user)
        and (p_id is null or c.id = p_id)
        and (p_id is not null or patchbay.connection_matches(
          c.connector, c.status, c.visibility, c.connected_by, p_user, p_connector, p_status, p_visible_to))
    ), page as (
      select * from matched m
      where p_before_at is null or (m.created_at, m.id) < (p_before_at, p_before_id)
      order by m.created_at desc, m.id desc
      limit p_limit
    )
    select m.id, m.owner_id, m.visibility, m.connector, m.auth_method, m.status, m.reason_code,
      m.suspect_since, m.account_id, m.account_name, m.label, m.is_default, m.number,
      m.scopes_requested, m.scopes_granted, m.connected_by, p.name, p.image_url,
      m.connected_at, m.disconnected_at, m.disconnected_by, m.last_used_at,
      m.last_synced_at, m.expires_at, m.remote_delete_after,
      m.remote_delete_started_at, m.remote_deleted_at, m.remote_result, m.upstream_result,
      m.created_at, m.updated_at, (select count(*) from matched)
    from page m
    -- One look-up per row: the limit keeps the planner from reading everybody.
    left join lateral (select name, image_url from public.people where user_id = m.connected_by limit 1) p on true
    order by m.created_at desc, m.id desc;
  end;

-- What the catalogue shows on its cards: live connections that the person may see, per connector.
create function public.connection_counts(p_owner text, p_user text)
  returns table (connector text, connected bigint, needs_attention bigint, pending bigint)
  language sql stable
  begin atomic
    select c.connector, count(*) filter (where c.status = 'connected'),
      count(*) filter (where c.status = 'needs_attention'), count(*) filter (where c.status = 'pending')
    from public.connections c
    where patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user)
      and c.status <> 'disconnected'
    group by c.connector;
  end;

-- History of one connection, newest first.
create function public.list_connection_events(
  p_owner text, p_user text, p_connection uuid, p_before_id bigint default null, p_limit integer default 50
) returns table (
  id bigint, connection_id uuid, type text, reason_code text, actor_kind text, actor_id text, actor_name text,
  data jsonb, created_at timestamptz
)
  language sql stable
  begin atomic
    select e.id, e.connection_id, e.type, e.reason_code, e.actor_kind, e.actor_id, p.name, e.data, e.created_at
    from public.connection_events e
    join public.connections c on c.id = e.connection_id
    left join public.people p on p.user_id = e.actor_id
    where e.connection_id = p_connection and e.owner_id = p_owner
      and patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user)
      and (p_before_id is null or e.id < p_before_id)
    order by e.id desc
    limit p_limit;
  end;

revoke all on function public.list_connections(text, text, uuid, text, text, text, timestamptz, uuid, integer)
  from public, anon, authenticated, service_role;
revoke all on function public.connection_counts(text, text) from public, anon, authenticated, service_role;
revoke all on function public.list_connection_events(text, text, uuid, bigint, integer)
  from public, anon, authenticated, service_role;
grant execute on function public.list_connections(text, text, uuid, text, text, text, timestamptz, uuid, integer)
  to authenticated;
grant execute on function public.connection_counts(text, text) to authenticated;
grant execute on function public.list_connection_events(text, text, uuid, bigint, integer) to authenticated;
