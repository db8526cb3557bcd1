-- Who may use a connection, and who is asked about it: changed by a person, on purpose, and recorded.
--
-- Promises:
--   * Only whoever connected it opens it to everyone or closes it again; an administrator does neither.
--   * Each kind (everyone's, and each person's only-me ones) keeps at most one default: the first becomes it, and the last
--     that remains.
--   * Of others' only-me connections an administrator learns the number.
--   * What is one person's alone lives on their own sign-in, and nobody else is asked about it.

alter table public.connections add constraint connections_only_me_contact
  check (visibility = 'everyone' or contact_id = connected_by);

-- Refuses not_found, forbidden, connection_disconnected; invalid_request where there is nobody to share with;
-- signed_in_by_other where only-me would leave one person with another's sign-in, sign_in_under_way where it soon could.
create function patchbay.set_visibility(p_owner text, p_user text, p_is_admin boolean, p_id uuid, p_visibility text)
  returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_was public.connections := patchbay.lock_managed(p_owner, p_user, p_is_admin, p_id);
  v_row public.connections;
begin
  if v_was.connected_by <> p_user then
    perform patchbay.refuse('forbidden');
  elsif v_was.owner_id = p_user then
    perform patchbay.refuse('invalid_request');
  elsif v_was.status = 'disconnected' then
    perform patchbay.refuse('connection_disconnected');
  elsif v_was.visibility = p_visibility then
    return;
  elsif p_visibility = 'only_me' and v_was.signed_in_by <> p_user then
    perform patchbay.refuse('signed_in_by_other');
  -- Nothing takes a sign-in back that Nango has already stored, so whatever may still complete comes first.
  elsif p_visibility = 'only_me' and exists (
    select 1 from public.connection_attempts a
    where a.connection_id = p_id and a.is_reconnect and a.started_by <> p_user
      and a.status in ('open', 'abandoned', 'failed') and patchbay.claimable_until(a) >= now()) then
    perform patchbay.refuse('sign_in_under_way');
  end if;
  update public.connections set visibility = p_visibility, is_default = false, updated_at = now(),
    -- Nobody else can be asked about what nobody else sees.
    contact_id = case p_visibility when 'only_me' then connected_by else contact_id end
  where id = p_id returning * into v_row;
  perform patchbay.promote_last_default(v_was);
  update public.connections set is_default = true
  where id = p_id and not exists (select 1 from public.connections c
    where c.owner_id = v_row.owner_id and c.connector = v_row.connector and c.visibility = v_row.visibility
      and (c.visibility = 'everyone' or c.connected_by = v_row.connected_by)
      and c.status <> 'disconnected' and c.id <> p_id);
  perform patchbay.add_event(v_row, 'visibility_changed', null, p_user,
    jsonb_build_object('from', v_was.visibility, 'to', v_row.visibility));
end;
$$;

-- "Ask me about it from now on." For whoever may manage it. Refuses not_found, forbidden, connection_disconnected.
create function patchbay.become_contact(p_owner text, p_user text, p_is_admin boolean, p_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_was public.connections := patchbay.lock_managed(p_owner, p_user, p_is_admin, p_id);
  v_row public.connections;
begin
  if v_was.status = 'disconnected' then
    perform patchbay.refuse('connection_disconnected');
  elsif v_was.contact_id is not distinct from p_user then
    return;
  end if;
  insert into public.people (user_id) values (p_user) on conflict do nothing;
  update public.connections set contact_id = p_user, updated_at = now() where id = p_id returning * into v_row;
  perform patchbay.add_event(v_row, 'contact_changed', null, p_user,
    jsonb_build_object('from', v_was.contact_id, 'to', p_user));
end;
$$;

-- How many connections others have for themselves alone. For administrators; the caller checks.
create function patchbay.count_others_only_me(p_owner text, p_user text) returns bigint
  language sql stable
  set search_path = ''
as $$
  select count(*) from public.connections
  where owner_id = p_owner and visibility = 'only_me' and connected_by <> p_user and status <> 'disconnected';
$$;

revoke execute on all functions in schema patchbay from public;
