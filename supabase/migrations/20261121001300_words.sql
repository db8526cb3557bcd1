-- Words that sharing, connect links, people leaving and sign-ins without Nango add to the closed lists.
--
-- Promise: lib/db/vocabulary.ts holds the same lists; tests/rls/vocabulary.test.ts compares them.

alter table public.connections
  drop constraint connections_reason_code_check,
  add constraint connections_reason_code_check check (reason_code in (
    'auth_failed', 'permission_lost', 'refresh_failed', 'expired', 'account_mismatch',
    'by_person', 'gone_upstream', 'owner_left', 'owner_deleted')),
  drop constraint connections_check3,
  add constraint connections_disconnected_reason check (status <> 'disconnected' or reason_code in (
    'by_person', 'gone_upstream', 'owner_left', 'owner_deleted'));

alter table public.connection_events
  drop constraint connection_events_type_check,
  add constraint connection_events_type_check check (type in (
    'connected', 'reconnected', 'activated', 'suspected', 'recovered', 'needs_attention', 'identified', 'account_kept',
    'labelled', 'default_set', 'visibility_changed', 'contact_changed', 'check_requested', 'expiry_warned', 'retagged',
    'adopted', 'disconnected', 'disconnect_undone', 'remote_deleted', 'quarantined', 'policy_changed')),
  drop constraint connection_events_reason_code_check,
  add constraint connection_events_reason_code_check check (reason_code in (
    'auth_failed', 'permission_lost', 'refresh_failed', 'expired', 'account_mismatch',
    'by_person', 'gone_upstream', 'owner_left', 'owner_deleted',
    'missing_tags', 'foreign_instance', 'unknown_attempt', 'tags_mismatch',
    'attempt_cancelled', 'attempt_used', 'attempt_expired', 'reappeared'));

alter table public.notices
  drop constraint notices_kind_check,
  add constraint notices_kind_check check (kind in (
    'needs_attention', 'recovered', 'expires_soon', 'disconnected', 'duplicate_account', 'quarantined',
    'link_used', 'person_left', 'contact'));

alter table public.connection_attempts
  drop constraint connection_attempts_outcome_check,
  add constraint connection_attempts_outcome_check check (outcome in (
    'connected', 'reconnected', 'closed', 'denied', 'failed', 'cancelled', 'expired', 'not_configured',
    'nango_unavailable', 'direct_unavailable'));
