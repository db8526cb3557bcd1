-- Connections and their history.
--
-- Promises:
--   * A row exists only once Nango confirmed the connection; (integration_key, nango_connection_id) names it for ever.
--   * Clients read what is visible to them and write nothing: status, owner and Nango's ids are the server's alone.
--   * A disconnected connection is a tombstone: no function of this schema brings it back, except undo by the person who
--     disconnected it while the remote part has not started.
--   * History is append-only for every role that the application uses, the owner of the tables included.

create table public.connections (
  id uuid primary key default gen_random_uuid(),
  owner_id text not null check (owner_id <> ''),
  visibility text not null default 'everyone' check (visibility in ('everyone', 'only_me')),
  connector text not null references public.connectors (slug),
  integration_key text not null check (integration_key <> ''),
  nango_connection_id text not null check (nango_connection_id <> ''),
  auth_method text not null default 'nango' check (auth_method in ('nango', 'direct')),
  status text not null check (status in ('pending', 'connected', 'needs_attention', 'disconnected')),
  reason_code text check (reason_code in (
    'auth_failed', 'refresh_failed', 'account_mismatch', 'by_person', 'gone_upstream', 'owner_left')),
  suspect_since timestamptz,
  account_id text,
  account_name text,
  label text check (label <> '' and char_length(label) <= 80),
  is_default boolean not null default false,
  -- The n-th connection of its connector and owner; never given twice, so that "SendGrid 2" stays the same account.
  number integer not null check (number > 0),
  scopes_requested text[],
  scopes_granted text[],
  config jsonb not null default '{}',
  metadata jsonb not null default '{}',
  connected_by text not null references public.people (user_id),
  connected_at timestamptz,
  disconnected_at timestamptz,
  disconnected_by text,
  -- What undo restores.
  status_before text check (status_before in ('pending', 'connected', 'needs_attention')),
  reason_before text,
  last_used_at timestamptz,
  last_synced_at timestamptz,
  expires_at timestamptz,
  last_error text,
  error_count integer not null default 0,
  remote_delete_after timestamptz,
  remote_delete_started_at timestamptz,
  remote_deleted_at timestamptz,
  remote_result text check (remote_result in ('deleted', 'already_gone')),
  upstream_result text check (upstream_result in ('revoked', 'not_supported', 'kept_in_use', 'failed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (integration_key, nango_connection_id),
  unique (owner_id, connector, number),
  check ((status in ('needs_attention', 'disconnected')) = (reason_code is not null)),
  check ((status = 'disconnected') = (disconnected_at is not null)),
  check (status <> 'needs_attention' or reason_code in ('auth_failed', 'refresh_failed', 'account_mismatch')),
  check (status <> 'disconnected' or reason_code in ('by_person', 'gone_upstream', 'owner_left')),
  check (status <> 'disconnected' or not is_default)
);
-- Every list begins with its owner, so that no query grows with other tenants' data.
create index connections_owner_recent on public.connections (owner_id, created_at desc, id desc);
create index connections_owner_person on public.connections (owner_id, connected_by);
create unique index connections_owner_default_everyone on public.connections (owner_id, connector)
  where is_default and visibility = 'everyone';
create unique index connections_owner_default_only_me on public.connections (owner_id, connector, connected_by)
  where is_default and visibility = 'only_me';
-- For foreign keys and for "does another connection still hold the same account?".
create index connections_account on public.connections (integration_key, account_id) where remote_deleted_at is null;
create index connections_person on public.connections (connected_by);

alter table public.connections enable row level security;
alter table public.connections force row level security;
revoke all on table public.connections from public, anon, authenticated, service_role;
-- Not among them: nango_connection_id, integration_key, config, metadata, last_error.
grant select (id, owner_id, visibility, connector, auth_method, status, reason_code, suspect_since, account_id,
  account_name, label, is_default, number, scopes_requested, scopes_granted, connected_by, connected_at,
  disconnected_at, disconnected_by, last_used_at, last_synced_at, expires_at, remote_delete_after,
  remote_delete_started_at, remote_deleted_at, remote_result, upstream_result, created_at, updated_at)
  on table public.connections to authenticated;
create policy connections_visible on public.connections for select to authenticated
  using (patchbay.connection_visible(owner_id, visibility, connected_by,
    (select public.requesting_owner_id()), (select public.requesting_user_id())));

-- People: one's own row, and whoever connected something that the caller may see (the policy above decides what).
create policy people_self_and_colleagues on public.people for select to authenticated
  using (user_id = (select public.requesting_user_id())
    or exists (select 1 from public.connections c where c.connected_by = people.user_id));

create table public.connection_events (
  id bigint generated always as identity primary key,
  owner_id text,
  connection_id uuid references public.connections (id),
  type text not null check (type in (
    'connected', 'reconnected', 'activated', 'suspected', 'recovered', 'needs_attention', 'identified', 'labelled',
    'disconnected', 'disconnect_undone', 'remote_deleted', 'quarantined', 'policy_changed')),
  reason_code text check (reason_code in (
    'auth_failed', 'refresh_failed', 'account_mismatch', 'by_person', 'gone_upstream', 'owner_left',
    'missing_tags', 'foreign_instance', 'unknown_attempt', 'tags_mismatch',
    'attempt_cancelled', 'attempt_used', 'attempt_expired')),
  actor_kind text not null check (actor_kind in ('person', 'nango', 'system')),
  actor_id text,
  data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  check ((actor_kind = 'person') = (actor_id is not null))
);
create index connection_events_owner on public.connection_events (owner_id, created_at desc, id desc);
create index connection_events_connection on public.connection_events (connection_id, id desc);

alter table public.connection_events enable row level security;
alter table public.connection_events force row level security;
revoke all on table public.connection_events from public, anon, authenticated, service_role;
revoke all on sequence public.connection_events_id_seq from public, anon, authenticated, service_role;
grant select (id, owner_id, connection_id, type, reason_code, actor_kind, actor_id, data, created_at)
  on table public.connection_events to authenticated;
-- An event is as visible as its connection.
create policy connection_events_visible on public.connection_events for select to authenticated
  using (owner_id = (select public.requesting_owner_id())
    and exists (select 1 from public.connections c where c.id = connection_id));

create function patchbay.refuse_change() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  raise exception using errcode = 'PB400', message = 'history_is_append_only';
end;
$$;
create trigger connection_events_append_only before update or delete on public.connection_events
  for each row execute function patchbay.refuse_change();
create trigger connection_events_no_truncate before truncate on public.connection_events
  for each statement execute function patchbay.refuse_change();

create function patchbay.add_event(
  p_connection public.connections, p_type text, p_reason text, p_actor text, p_data jsonb default '{}'
) returns void
  language sql
  set search_path = ''
as $$
  -- p_actor is a person's id, or 'nango' or 'system'.
  insert into public.connection_events (owner_id, connection_id, type, reason_code, actor_kind, actor_id, data)
  values (p_connection.owner_id, p_connection.id, p_type, p_reason,
    case when p_actor in ('nango', 'system') then p_actor else 'person' end,
    case when p_actor in ('nango', 'system') then null else p_actor end, p_data);
$$;
revoke all on function patchbay.refuse_change() from public;
revoke all on function patchbay.add_event(public.connections, text, text, text, jsonb) from public;
