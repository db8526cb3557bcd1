-- What an organisation lets its people connect.
--
-- Promises:
--   * A connector's own rule beats its category's, which beats "allow". Administrators are bound by it too.
--   * A block stops new sessions only: connections that exist go on.

create table public.connector_policies (
  id uuid primary key default gen_random_uuid(),
  owner_id text not null check (owner_id <> ''),
  subject_kind text not null check (subject_kind in ('connector', 'category')),
  subject text not null check (subject <> ''),
  effect text not null check (effect in ('allow', 'block')),
  created_by text not null,
  created_at timestamptz not null default now(),
  unique (owner_id, subject_kind, subject)
);
alter table public.connector_policies enable row level security;
alter table public.connector_policies force row level security;
revoke all on table public.connector_policies from public, anon, authenticated, service_role;
grant select (id, owner_id, subject_kind, subject, effect, created_by, created_at)
  on table public.connector_policies to authenticated;
create policy connector_policies_of_owner on public.connector_policies for select to authenticated
  using (owner_id = (select public.requesting_owner_id()));

-- True when the owner's rules allow new connections of this connector. Runs with the rights of the caller: under a
-- token, another owner's rules are not seen.
create function public.may_connect(p_owner text, p_connector text) returns boolean
  language sql stable
  begin atomic
    select coalesce(
      (select effect = 'allow' from public.connector_policies
        where owner_id = p_owner and subject_kind = 'connector' and subject = p_connector),
      (select p.effect = 'allow' from public.connector_policies p
        join public.connectors c on c.category = p.subject
        where p.owner_id = p_owner and p.subject_kind = 'category' and c.slug = p_connector),
      true);
  end;

-- Slugs of the connectors that the owner's rules block.
create function public.blocked_connectors(p_owner text) returns setof text
  language sql stable
  begin atomic
    select c.slug from public.connectors c
    where exists (select 1 from public.connector_policies p where p.owner_id = p_owner and p.effect = 'block')
      and not public.may_connect(p_owner, c.slug);
  end;

revoke all on function public.may_connect(text, text) from public, anon, authenticated, service_role;
revoke all on function public.blocked_connectors(text) from public, anon, authenticated, service_role;
grant execute on function public.may_connect(text, text) to authenticated;
grant execute on function public.blocked_connectors(text) to authenticated;
