-- Who is calling, and what "visible" means.
--
-- Promises:
--   * The owner of a request is the active organisation of the token, or the person when none is active.
--     A token that is malformed in this respect owns nothing (null never equals an owner).
--   * Visibility of a connection is defined once, in patchbay.connection_visible(), and used by the row policies as well
--     as by every query that runs without a caller's token.
--   * Schema patchbay holds the server's own functions. No client role may enter it, whatever is granted inside.

create schema patchbay;
comment on schema patchbay is 'Functions that only the server calls, over its direct connection. Not exposed by the API.';
revoke all on schema patchbay from public;

-- Clerk's session token carries the organisation as o.id (version 2) or org_id (version 1).
-- In plpgsql, whose plans are kept for the session: each row policy asks once per statement.
create function public.requesting_owner_id() returns text
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_token jsonb := auth.jwt();
begin
  if jsonb_typeof(v_token -> 'o') <> 'null' then
    return nullif(v_token -> 'o' ->> 'id', '');
  elsif jsonb_typeof(v_token -> 'org_id') <> 'null' then
    return nullif(v_token ->> 'org_id', '');
  end if;
  return nullif(v_token ->> 'sub', '');
end;
$$;
comment on function public.requesting_owner_id() is 'Owner that the caller''s token acts for; null when it says none.';

create function public.requesting_user_id() returns text
  language plpgsql stable
  set search_path = ''
as $$
begin
  return nullif(auth.jwt() ->> 'sub', '');
end;
$$;
comment on function public.requesting_user_id() is 'Person of the caller''s token; null without one.';

-- Each argument is used once, so that the planner can put the expression in place of the call and use an index on the
-- owner. A null on either side makes it false or null: not visible.
create function patchbay.connection_visible(
  p_owner_id text, p_visibility text, p_connected_by text, p_as_owner text, p_as_user text
) returns boolean
  language sql immutable
  return p_owner_id = p_as_owner and (p_visibility = 'everyone' or p_connected_by = p_as_user);

revoke all on function public.requesting_owner_id() from public, anon, authenticated, service_role;
revoke all on function public.requesting_user_id() from public, anon, authenticated, service_role;
revoke all on function patchbay.connection_visible(text, text, text, text, text) from public;
grant execute on function public.requesting_owner_id() to authenticated;
grant execute on function public.requesting_user_id() to authenticated;
-- Needed by the row policies. Cannot be called by name: authenticated has no way into the schema.
grant execute on function patchbay.connection_visible(text, text, text, text, text) to authenticated;

-- A refusal with a code of the application's closed list; PB… tells it from errors of the database itself.
create function patchbay.refuse(p_code text) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  raise exception using errcode = 'PB400', message = p_code;
end;
$$;

-- Enqueues a job in the transaction of the change that causes it: both happen or neither.
-- 500 tries, the later ones six hours apart, are four months: an outage or a wrong key of some days loses nothing.
create function patchbay.add_job(p_task text, p_payload jsonb, p_run_at timestamptz default null, p_key text default null)
  returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform graphile_worker.add_job(p_task, p_payload::json, run_at => p_run_at, max_attempts => 500, job_key => p_key);
end;
$$;

revoke all on all functions in schema patchbay from public;
grant execute on function patchbay.connection_visible(text, text, text, text, text) to authenticated;
