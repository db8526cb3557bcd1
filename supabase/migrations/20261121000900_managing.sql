-- What people and jobs do to a connection that exists: disconnect and undo, labels, identity, health.
--
-- Promises:
--   * Managing is for whoever connected it and, for everyone's connections, organisation admins. To anybody else an
--     invisible connection and an unknown id are the same not_found.
--   * Disconnecting takes effect here at once. The remote part runs after the undo time, is retried until done, and its
--     result is kept as a receipt.
--   * One event per transition: repeating a call that changes nothing writes nothing.

-- The row, locked, after the check. Takes the lock of owner and connector first (see the order in the claims).
-- Refuses not_found and forbidden.
create function patchbay.lock_managed(p_owner text, p_user text, p_is_admin boolean, p_id uuid)
  returns public.connections
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
begin
  select * into v_row from public.connections c
  where c.id = p_id and patchbay.connection_visible(c.owner_id, c.visibility, c.connected_by, p_owner, p_user);
  if not found then
    perform patchbay.refuse('not_found');
  elsif v_row.connected_by <> p_user and not coalesce(p_is_admin, false) then
    perform patchbay.refuse('forbidden');
  end if;
  perform patchbay.lock_owner_connector(v_row.owner_id, v_row.connector);
  select * into v_row from public.connections where id = p_id for update;
  return v_row;
end;
$$;

-- Disconnecting twice is no error. The undo time is thirty seconds.
create function patchbay.disconnect_connection(p_owner text, p_user text, p_is_admin boolean, p_id uuid) returns void
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
    disconnected_at = now(), disconnected_by = p_user, is_default = false,
    remote_delete_after = now() + interval '30 seconds', remote_delete_started_at = null, updated_at = now()
  where id = p_id returning * into v_row;
  perform patchbay.promote_last_default(v_row);
  perform patchbay.add_event(v_row, 'disconnected', 'by_person', p_user);
  perform patchbay.add_job('remote_delete', jsonb_build_object('connection_id', p_id), v_row.remote_delete_after,
    'remote_delete:' || p_id);
end;
$$;

-- By whoever disconnected, while the remote part has not started. Refuses not_found, forbidden, undo_expired.
create function patchbay.undo_disconnect(p_owner text, p_user text, p_is_admin boolean, p_id uuid) returns void
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
    disconnected_at = null, disconnected_by = null, remote_delete_after = null, updated_at = now(),
    is_default = not exists (select 1 from public.connections c
      where c.owner_id = v_row.owner_id and c.connector = v_row.connector and c.visibility = v_row.visibility
        and (c.visibility = 'everyone' or c.connected_by = v_row.connected_by)
        and c.status <> 'disconnected' and c.id <> p_id)
  where id = p_id returning * into v_row;
  perform patchbay.add_event(v_row, 'disconnect_undone', null, p_user);
end;
$$;

-- The point of no return: from here on undo is refused. Nothing is returned when there is nothing to delete (undone,
-- done already, or not due yet); a job that was interrupted gets the same answer again.
-- account_in_use: another connection holds the same account, live or in its undo time, so its access must not be revoked
-- at the provider. Of several that end together, the last to start is not held back.
create function patchbay.start_remote_delete(p_id uuid)
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
      c.account_id is not null and exists (select 1 from public.connections o
        where o.integration_key = c.integration_key and o.account_id = c.account_id
          and o.remote_deleted_at is null and o.remote_delete_started_at is null and o.id <> c.id);
end;
$$;

-- p_result: deleted, or already_gone. p_upstream: revoked, not_supported, kept_in_use, failed; null when unknown.
create function patchbay.finish_remote_delete(p_id uuid, p_result text, p_upstream text default null) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
begin
  update public.connections set remote_deleted_at = now(), remote_result = p_result, upstream_result = p_upstream,
    last_error = null, updated_at = now()
  where id = p_id and status = 'disconnected' and remote_delete_started_at is not null and remote_deleted_at is null
  returning * into v_row;
  if v_row.id is null then
    return false;
  end if;
  perform patchbay.add_event(v_row, 'remote_deleted', null, 'system',
    jsonb_build_object('result', p_result, 'upstream', p_upstream));
  return true;
end;
$$;

-- p_label null removes it. Refuses not_found, forbidden.
create function patchbay.set_label(p_owner text, p_user text, p_is_admin boolean, p_id uuid, p_label text) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections := patchbay.lock_managed(p_owner, p_user, p_is_admin, p_id);
begin
  if v_row.label is not distinct from p_label then
    return;
  end if;
  update public.connections set label = p_label, updated_at = now() where id = p_id returning * into v_row;
  perform patchbay.add_event(v_row, 'labelled', null, p_user, jsonb_build_object('label', p_label));
end;
$$;

-- Whose account it is, as the provider says. Another account than before: needs_attention(account_mismatch), and the
-- account on record stays until a person decides. Returns applied, unchanged, mismatch or ignored.
create function patchbay.set_identity(p_id uuid, p_account_id text, p_account_name text) returns text
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
begin
  select * into v_row from public.connections where id = p_id for update;
  if v_row.id is null or v_row.status = 'disconnected' then
    return 'ignored';
  elsif v_row.account_id is not null and v_row.account_id <> p_account_id then
    if v_row.reason_code is distinct from 'account_mismatch' then
      update public.connections set status = 'needs_attention', reason_code = 'account_mismatch', updated_at = now()
      where id = p_id returning * into v_row;
      perform patchbay.add_event(v_row, 'needs_attention', 'account_mismatch', 'system',
        jsonb_build_object('found', p_account_name));
    end if;
    return 'mismatch';
  elsif v_row.account_id is not distinct from p_account_id and v_row.account_name is not distinct from p_account_name then
    return 'unchanged';
  end if;
  update public.connections set account_id = p_account_id, account_name = p_account_name, updated_at = now()
  where id = p_id returning * into v_row;
  perform patchbay.add_event(v_row, 'identified', null, 'system', jsonb_build_object('account', p_account_name));
  return 'applied';
end;
$$;

-- The second look at a connection (force_refresh or test_connection) has an answer. p_ok false needs p_reason:
-- auth_failed or refresh_failed. An account mismatch is not healed by credentials that work.
-- Returns connected, needs_attention, or ignored.
create function patchbay.record_look(p_id uuid, p_ok boolean, p_reason text default null, p_error text default null)
  returns text
  language plpgsql
  set search_path = ''
as $$
declare
  v_row public.connections;
  v_was public.connections;
begin
  select * into v_was from public.connections where id = p_id for update;
  if v_was.id is null or v_was.status in ('disconnected', 'pending') then
    return 'ignored';
  elsif p_ok and v_was.reason_code = 'account_mismatch' then
    update public.connections set suspect_since = null, last_error = null, error_count = 0 where id = p_id;
    return 'needs_attention';
  elsif p_ok then
    update public.connections set status = 'connected', reason_code = null, suspect_since = null, last_error = null,
      error_count = 0, last_synced_at = now(),
      updated_at = case when v_was.status = 'needs_attention' or v_was.suspect_since is not null
        then now() else updated_at end
    where id = p_id returning * into v_row;
    if v_was.status = 'needs_attention' or v_was.suspect_since is not null then
      perform patchbay.add_event(v_row, 'recovered', null, 'system');
    end if;
    return 'connected';
  end if;
  update public.connections set status = 'needs_attention',
    reason_code = case when v_was.reason_code = 'account_mismatch' then v_was.reason_code else p_reason end,
    suspect_since = coalesce(suspect_since, now()), last_error = left(p_error, 500), error_count = error_count + 1,
    updated_at = now()
  where id = p_id returning * into v_row;
  if v_was.status <> 'needs_attention' then
    perform patchbay.add_event(v_row, 'needs_attention', p_reason, 'system');
  end if;
  return 'needs_attention';
end;
$$;

-- For jobs and the server's own calls: the row with Nango's ids.
create function patchbay.connection_for_job(p_id uuid) returns setof public.connections
  language sql stable
  set search_path = ''
as $$ select * from public.connections where id = p_id $$;

-- An action ran on it. At most one write per minute and connection.
create function patchbay.touch_connection(p_id uuid) returns void
  language sql
  set search_path = ''
as $$
  update public.connections set last_used_at = now()
  where id = p_id and (last_used_at is null or last_used_at < now() - interval '1 minute');
$$;

revoke all on all functions in schema patchbay from public;
