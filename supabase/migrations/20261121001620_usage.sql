-- Running actions: which connection, how often, and what becomes of one that the provider refuses.
--
-- Promises:
--   * What an action runs on is visible to whom it runs for; nothing else is ever among the candidates.
--   * Each use is counted once per connection, action and day (UTC), for the owner of the connection alone.
--   * A provider's refusal of the credentials is a doubt, looked into at once; it changes no status by itself.

create table public.action_usage (
  connection_id uuid not null references public.connections (id),
  action text not null check (action <> '' and char_length(action) <= 100),
  day date not null,
  owner_id text not null check (owner_id <> ''),
  calls integer not null default 0 check (calls >= 0),
  failures integer not null default 0 check (failures >= 0),
  primary key (connection_id, action, day)
);
create index action_usage_day on public.action_usage (day);

alter table public.action_usage enable row level security;
alter table public.action_usage force row level security;
revoke all on table public.action_usage from public, anon, authenticated, service_role;

-- What actions of these connectors could run on, with Nango's ids, the defaults first. p_id picks one, in whatever status;
-- p_nango_id those of that name at Nango, one per service at most; without either all. Tombstones are found by p_id only.
create function patchbay.usable_connections(
  p_owner text, p_user text, p_connectors text[], p_id uuid default null, p_nango_id text default null
) returns table (
  id uuid, connector text, integration_key text, nango_connection_id text, status text, reason_code text,
  account_name text, label text, is_default boolean, visibility text, connected_by text
)
  language sql stable
  set search_path = ''
as $$
  select c.id, c.connector, c.integration_key, c.nango_connection_id, c.status, c.reason_code,
    c.account_name, c.label, c.is_default, c.visibility, c.connected_by
  from public.connections c
  where patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user)
    and c.connector = any (p_connectors)
    and (c.id = p_id or (c.status <> 'disconnected'
      and case when p_nango_id is null then p_id is null else c.nango_connection_id = p_nango_id end))
  order by c.is_default desc, c.visibility = 'only_me' desc, c.connector, c.number
  limit 100;
$$;

-- An action is being called on it. Nobody waits for that, so it gives up on a lock before it uses up the connections.
create function patchbay.count_use(p_owner text, p_id uuid, p_action text) returns void
  language plpgsql
  set search_path = ''
  set lock_timeout = '10s'
as $$
begin
  insert into public.action_usage as u (connection_id, action, day, owner_id, calls)
  select c.id, p_action, (now() at time zone 'utc')::date, c.owner_id, 1
  from public.connections c where c.id = p_id and c.owner_id = p_owner
  on conflict (connection_id, action, day) do update set calls = u.calls + 1;
  if found then
    perform patchbay.touch_connection(p_id);
  end if;
end;
$$;

-- It failed. p_doubt: because the provider does not take the credentials, so they are looked into.
create function patchbay.count_failure(p_owner text, p_id uuid, p_action text, p_doubt boolean) returns void
  language plpgsql
  set search_path = ''
  set lock_timeout = '10s'
as $$
begin
  -- Of today, or of yesterday when midnight came in between.
  update public.action_usage u set failures = u.failures + 1
  where u.connection_id = p_id and u.action = p_action and u.owner_id = p_owner
    and u.day = (select max(l.day) from public.action_usage l where l.connection_id = p_id and l.action = p_action);
  if p_doubt and exists (select 1 from public.connections c where c.id = p_id and c.owner_id = p_owner) then
    perform patchbay.doubt(p_id);
  end if;
end;
$$;

-- Counters of days that are longer ago.
create function patchbay.forget_usage(p_days integer, p_limit integer) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from public.action_usage where (connection_id, action, day) in (
    select u.connection_id, u.action, u.day from public.action_usage u
    where u.day < (now() at time zone 'utc')::date - p_days
    order by u.day limit p_limit for update skip locked);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

revoke all on all functions in schema patchbay from public;
