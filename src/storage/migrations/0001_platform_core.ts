import type { Migration } from './migration.ts'

const hours = Array.from({ length: 24 }, (_, hour) => `h${hour} {int} not null default 0`).join(', ')

// The ledger's own tables have no foreign keys: every row is written by a consume that has just read the
// subscription, subscriptions are never deleted, and a check per row would be paid on the hottest path.
// Booleans, times and JSON: see tables.ts.
export const platformCore: Migration = {
  name: '0001_platform_core',
  sql: `
create table users (
  id {id},
  email text not null,
  name text not null,
  phone_number text,
  password_hash text,
  role text not null check (role in ('manager', 'technical_team', 'support_staff', 'customer')),
  is_active {int} not null default 1 check (is_active in (0, 1)),
  email_verified {int} not null default 0 check (email_verified in (0, 1)),
  last_login_at {int},
  created_at {int} not null,
  updated_at {int} not null
) {strict};
create unique index idx_users_email on users (email);
create index idx_users_is_active on users (is_active, id);
create index idx_users_email_verified on users (email_verified, id);
create index idx_users_role on users (role, id);

create table sessions (
  id {id},
  user_id {int} not null references users (id),
  created_at {int} not null,
  last_used_at {int} not null,
  expires_at {int} not null,
  revoked_at {int},
  revoked_reason text,
  ip text,
  user_agent text
) {strict};
create index idx_sessions_user_id on sessions (user_id, revoked_at);
create index idx_sessions_expires_at on sessions (expires_at);

create table refresh_tokens (
  hash text primary key,
  session_id {int} not null references sessions (id) on delete cascade,
  created_at {int} not null,
  used_at {int}
) {strict}{clustered};
create index idx_refresh_tokens_session_id on refresh_tokens (session_id);

create table automations (
  id {id},
  name text not null unique,
  description text not null,
  pricing_type text not null check (pricing_type in ('token_per_session', 'token_per_step', 'flat_fee')),
  price_per_token {int} not null check (price_per_token >= 0),
  currency text not null check (length(currency) = 3),
  demo_tokens {int} not null check (demo_tokens between 0 and 1000000),
  is_listed {int} not null default 0 check (is_listed in (0, 1)),
  provision_url text,
  health_check_url text,
  dashboard_url text,
  health_status text not null default 'unknown'
    check (health_status in ('unknown', 'healthy', 'degraded', 'unhealthy')),
  health_details text,
  last_health_at {int},
  created_at {int} not null,
  updated_at {int} not null
) {strict};

create table service_tokens (
  id {id},
  automation_id {int} not null references automations (id) on delete cascade,
  prefix text not null,
  hash text not null unique,
  scopes text not null,
  created_by {int} references users (id),
  created_at {int} not null,
  last_used_at {int},
  expires_at {int},
  revoked_at {int}
) {strict};
create index idx_service_tokens_automation_id on service_tokens (automation_id);

create table user_automations (
  id {id},
  user_id {int} not null references users (id),
  automation_id {int} not null references automations (id),
  status text not null check (status in ('active', 'paused', 'cancelled')),
  integration_status text not null
    check (integration_status in ('not_configured', 'pending', 'connected', 'failed')),
  telegram_bot_token text,
  webhook_url text,
  provisioned_at {int},
  created_at {int} not null,
  updated_at {int} not null
) {strict};
create unique index idx_user_automations_user_id on user_automations (user_id, automation_id);
create index idx_user_automations_status on user_automations (status, id);
create index idx_user_automations_user_status on user_automations (user_id, status);
create index idx_user_automations_automation_id on user_automations (automation_id, id);

create table lots (
  id {id},
  user_automation_id {int} not null,
  kind text not null check (kind in ('demo', 'paid', 'promotional', 'adjustment')),
  tokens {int} not null check (tokens between 1 and 1000000000000),
  remaining {int} not null check (remaining between 0 and tokens),
  priority {int} not null,
  expires_at {int},
  created_at {int} not null
) {strict};
create index idx_lots_user_automation_id on lots (user_automation_id);
create unique index idx_lots_one_demo on lots (user_automation_id) where kind = 'demo';

create table token_usage (
  id {intkey},
  user_automation_id {int} not null,
  user_id {int} not null,
  automation_id {int} not null,
  tokens {int} not null check (tokens <> 0 and tokens between -1000000000 and 1000000000),
  usage_type text not null,
  lot_id {int} not null,
  split text,
  demo_after {int} not null check (demo_after >= 0),
  paid_after {int} not null check (paid_after >= 0),
  idempotency_key text,
  meta text,
  occurred_at {int},
  reverses_id {int},
  created_at {int} not null,
  check ((tokens < 0) = (reverses_id is not null))
) {strict};
create index idx_token_usage_user_id on token_usage (user_id, reverses_id) where reverses_id is not null;
create index idx_token_usage_created_at on token_usage (created_at{also_id});
create index idx_token_usage_user_created on token_usage (user_id, created_at{also_id});
create unique index idx_token_usage_key on token_usage (automation_id, idempotency_key)
  where idempotency_key is not null;
create unique index idx_token_usage_reverses_id on token_usage (reverses_id) where reverses_id is not null;

create table usage_days (
  day {int} not null,
  user_automation_id {int} not null,
  tokens {int} not null,
  events {int} not null,
  ${hours},
  primary key (day, user_automation_id)
) {strict}{clustered};

create table usage_totals (
  day {int} not null,
  automation_id {int} not null,
  slot {int} not null,
  tokens {int} not null,
  events {int} not null,
  ${hours},
  primary key (day, automation_id, slot)
) {strict}{clustered};

create table adjustments (
  id {id},
  user_automation_id {int} not null references user_automations (id),
  delta_tokens {int} not null check (delta_tokens <> 0),
  reason text not null,
  note text,
  staff_id {int} references users (id),
  idempotency_key text unique,
  balance_after {int} not null check (balance_after >= 0),
  created_at {int} not null
) {strict};
create index idx_adjustments_user_automation_id on adjustments (user_automation_id, id);

create table audit_log (
  id {id},
  staff_id {int},
  action text not null,
  target_type text not null,
  target_id {int},
  before text,
  after text,
  ip text,
  request_id text,
  created_at {int} not null
) {strict};
create index idx_audit_log_target on audit_log (target_type, target_id, id);
create index idx_audit_log_staff_id on audit_log (staff_id, id);

create table jobs (
  id {id},
  kind text not null,
  payload text not null,
  state text not null check (state in ('queued', 'running', 'done', 'failed')),
  run_at {int} not null,
  attempts {int} not null default 0,
  max_attempts {int} not null,
  unique_key text,
  last_error text,
  locked_until {int},
  created_at {int} not null,
  finished_at {int}
) {strict};
create index idx_jobs_due on jobs (state, run_at);
create unique index idx_jobs_unique_key on jobs (unique_key)
  where unique_key is not null and state in ('queued', 'running');

create table facts (
  name text primary key,
  value text not null
) {strict}{clustered};

insert into facts (name, value) values ('ledger_folded', '0');
`,
  sqlite: `
create trigger audit_log_no_update before update on audit_log
  begin select raise(abort, 'audit_log is append-only'); end;
create trigger audit_log_no_delete before delete on audit_log
  begin select raise(abort, 'audit_log is append-only'); end;
create trigger token_usage_no_update before update on token_usage
  begin select raise(abort, 'token_usage is append-only'); end;
`,
  // The sequence hands out blocks of 1,000: a node asks once per block, not once per consume.
  postgres: `
create sequence token_usage_id increment by 1000;
alter table lots set (fillfactor = 80);
alter table usage_days set (fillfactor = 80);
alter table usage_totals set (fillfactor = 50);
create function append_only() returns trigger language plpgsql as $$
  begin raise exception '% is append-only', tg_table_name; end $$;
create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function append_only();
create trigger token_usage_append_only before update on token_usage
  for each row execute function append_only();
`,
}
