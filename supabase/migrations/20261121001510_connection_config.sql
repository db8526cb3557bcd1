-- What a direct connection has to know beside its tokens, such as the name of a shop: the addresses of its provider are
-- made of it.
--
-- Promises:
--   * It is asked before the sign-in and kept with the state until that is used; what comes with the answer is added, and
--     all of it is kept with the tokens and goes with them. No client role may read or write it.
--   * A sign-in on a connection that exists begins with what that one knows.
--   * How old tokens are is told by tokens_since alone: a row is written for other reasons as well.

alter table public.oauth_states
  add column connection_config jsonb not null default '{}' constraint oauth_states_connection_config
    check (jsonb_typeof(connection_config) = 'object' and octet_length(connection_config::text) <= 8192);
alter table public.oauth_credentials
  -- When the provider gave them. A refusal and a change of keys are written down without new tokens.
  add column tokens_since timestamptz not null default now(),
  add column connection_config jsonb not null default '{}' constraint oauth_credentials_connection_config
    check (jsonb_typeof(connection_config) = 'object' and octet_length(connection_config::text) <= 8192);

-- As before, with what was asked.
drop function patchbay.start_direct(text, text, uuid, bytea, bytea, text, bytea, text, text);
create function patchbay.start_direct(
  p_owner text, p_user text, p_attempt uuid, p_state_hash bytea, p_browser_hash bytea, p_key_id text, p_verifier bytea,
  p_redirect_uri text, p_return_to text, p_connection_config jsonb
) returns timestamptz
  language plpgsql
  set search_path = ''
as $$
declare
  v_expires_at timestamptz := now() + interval '10 minutes';
begin
  update public.connection_attempts
  set session_expires_at = v_expires_at, updated_at = now()
  where id = p_attempt and owner_id = p_owner and started_by = p_user and status = 'open' and auth_method = 'direct'
    and not exists (select 1 from public.oauth_states s where s.attempt_id = p_attempt);
  if not found then
    return null;
  end if;
  insert into public.oauth_states (state_hash, attempt_id, owner_id, user_id, browser_hash, key_id, verifier,
    redirect_uri, return_to, expires_at, connection_config)
  values (p_state_hash, p_attempt, p_owner, p_user, p_browser_hash, p_key_id, p_verifier, p_redirect_uri, p_return_to,
    v_expires_at, p_connection_config);
  return v_expires_at;
end;
$$;

-- As before, with what was asked, which is given out once: a used state stays for a while, and keeps nothing of it.
drop function patchbay.use_state(bytea, bytea[]);
create function patchbay.use_state(p_state_hash bytea, p_browsers bytea[])
  returns table (
    attempt_id uuid, same_browser boolean, key_id text, verifier bytea, redirect_uri text, return_to text,
    connector text, status text, is_reconnect boolean, connection_id uuid, connection_config jsonb)
  language sql
  set search_path = ''
as $$
  -- Locked where it is found: of two who come with it, the second finds it used.
  with found as (
    select s.state_hash, s.connection_config from public.oauth_states s
    where s.state_hash = p_state_hash and s.used_at is null and s.expires_at > now() for update)
  update public.oauth_states s set used_at = now(), connection_config = '{}'
  from found f, public.connection_attempts a
  where s.state_hash = f.state_hash and a.id = s.attempt_id
  returning s.attempt_id, s.browser_hash = any (p_browsers), s.key_id, s.verifier, s.redirect_uri, s.return_to,
    a.connector, a.status, a.is_reconnect, a.connection_id, f.connection_config;
$$;

-- As before. p_connection_config: what is known of the account by now; null: what these tokens' predecessors knew. It is
-- kept where the tokens are.
drop function patchbay.complete_direct(uuid, jsonb, text, bytea, bytea, timestamptz);
create function patchbay.complete_direct(
  p_attempt uuid, p_facts jsonb, p_key_id text, p_access bytea, p_refresh bytea, p_access_expires_at timestamptz,
  p_connection_config jsonb
) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_attempt public.connection_attempts;
  v_id uuid;
  v_reason text;
  v_result jsonb;
begin
  select * into v_attempt from public.connection_attempts where id = p_attempt and auth_method = 'direct';
  v_id := case when v_attempt.is_reconnect then v_attempt.connection_id else v_attempt.id end;
  if v_id is null then
    return jsonb_build_object('verdict', 'refused', 'reason', 'unknown_attempt', 'connection_id', null);
  end if;
  perform patchbay.lock_nango_connection(v_attempt.integration_key, v_id::text);
  perform 1 from patchbay.credentials_of(v_id, true);
  select * into v_attempt from public.connection_attempts where id = p_attempt for update;
  v_reason := case
    when v_attempt.status = 'cancelled' then 'attempt_cancelled'
    when v_attempt.status = 'confirmed' then 'attempt_used'
    when v_attempt.status = 'expired' or patchbay.claimable_until(v_attempt) < now() then 'attempt_expired' end;
  if v_reason is not null then
    return jsonb_build_object('verdict', 'refused', 'reason', v_reason, 'connection_id', null);
  end if;
  v_result := patchbay.apply_facts(
    jsonb_build_object('expires_at', null) || p_facts || jsonb_build_object(
      'integration_key', v_attempt.integration_key, 'connection_id', v_id, 'auth_error', false, 'pending', false,
      'credentials_readable', true,
      'tags', jsonb_strip_nulls(jsonb_build_object(
        'organization_id', case when v_attempt.owner_id <> v_attempt.started_by then v_attempt.owner_id end,
        'end_user_id', v_attempt.started_by, 'connector', v_attempt.connector, 'attempt_id', v_attempt.id,
        'instance', v_attempt.instance))),
    'page', v_attempt.id);
  if v_result ->> 'verdict' = 'applied' then
    insert into public.oauth_credentials as k
      (connection_id, owner_id, key_id, access_token, refresh_token, expires_at, connection_config)
    values (v_id, v_attempt.owner_id, p_key_id, p_access, p_refresh, p_access_expires_at,
      coalesce(p_connection_config, '{}'))
    on conflict (connection_id) do update set key_id = excluded.key_id, access_token = excluded.access_token,
      refresh_token = excluded.refresh_token, expires_at = excluded.expires_at,
      connection_config = coalesce(p_connection_config, k.connection_config), version = k.version + 1,
      refresh_refused_at = null, tokens_since = now(), updated_at = now();
  else
    perform patchbay.fail_direct(p_attempt, 'failed');
  end if;
  return v_result;
end;
$$;

-- As before. p_connection_config: what is known of the account by now; null: the same as before.
drop function patchbay.keep_refreshed(uuid, integer, text, bytea, bytea, timestamptz, text[]);
create function patchbay.keep_refreshed(
  p_connection uuid, p_version integer, p_key_id text, p_access bytea, p_refresh bytea, p_expires_at timestamptz,
  p_scopes text[], p_connection_config jsonb
) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  update public.oauth_credentials set key_id = p_key_id, access_token = p_access, refresh_token = p_refresh,
    expires_at = p_expires_at, connection_config = coalesce(p_connection_config, connection_config),
    version = version + 1, refresh_refused_at = null, tokens_since = now(), updated_at = now()
  where connection_id = p_connection and version = p_version;
  if not found then
    return false;
  end if;
  if p_scopes is not null then
    update public.connections set scopes_granted = p_scopes, updated_at = now()
    where id = p_connection and scopes_granted is distinct from p_scopes;
  end if;
  return true;
end;
$$;

-- As before. What a sign-in on it that nobody finished has taken over of it goes as well.
create or replace function patchbay.delete_credentials(p_connection uuid) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_found boolean;
begin
  delete from public.oauth_credentials k where k.connection_id = p_connection
    and exists (select 1 from public.connections c where c.id = p_connection and c.status = 'disconnected'
      and c.remote_delete_started_at is not null);
  v_found := found;
  if v_found then
    update public.oauth_states s set connection_config = '{}'
    from public.connection_attempts a
    where a.connection_id = p_connection and s.attempt_id = a.id and s.connection_config <> '{}';
  end if;
  return v_found;
end;
$$;

-- Sign-ins that a deleted person had begun: nobody comes back from them.
create function patchbay.forget_states_of() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  delete from public.oauth_states where user_id = new.user_id;
  return null;
end;
$$;
create trigger people_forget_states after update of deleted_at on public.people
  for each row when (new.deleted_at is not null) execute function patchbay.forget_states_of();

revoke all on all functions in schema patchbay from public;
