import { postgresSearchText, sqliteSearchable } from '../search-text.ts'
import type { Migration } from './migration.ts'

// What lists of staff need so that none grows with its table: an index of parts of names and addresses, the orders of
// users, how many users there are of each kind, the sums of adjustments, and the two filters that had no index.
//
// A user is counted in a row per role, activity and verification; slots keep nodes from waiting for each other.
export const userSearch: Migration = {
  name: '0004_user_search',
  sql: `
create index idx_users_standing on users (role, is_active, email_verified, id);
create index idx_users_created_at on users (created_at, id);
create index idx_audit_log_action on audit_log (action, id);
create index idx_audit_log_target_type on audit_log (target_type, id);
create index idx_user_automations_automation_status on user_automations (automation_id, status, id);

create table user_counts (
  role text not null,
  is_active {int} not null,
  email_verified {int} not null,
  slot {int} not null,
  users {int} not null,
  primary key (role, is_active, email_verified, slot)
) {strict}{clustered};
insert into user_counts
  select role, is_active, email_verified, 0, count(*) from users group by role, is_active, email_verified;

create table adjustment_days (
  day {int} not null primary key,
  adjustments {int} not null,
  tokens_added {int} not null,
  tokens_removed {int} not null
) {strict};
insert into adjustment_days
  select created_at / 86400000, count(*),
    cast(coalesce(sum(case when delta_tokens > 0 then delta_tokens end), 0) as {int}),
    cast(coalesce(sum(case when delta_tokens < 0 then -delta_tokens end), 0) as {int})
  from adjustments group by created_at / 86400000;
`,
  sqlite: `
alter table users add column name_key text
  generated always as (lower(replace(replace(name, 'ي', 'ی'), 'ك', 'ک'))) virtual;
create index idx_users_name_key on users (name_key, id);

create view users_searchable as select id,
  text || char(31) || 'r' || substr(role, 1, 1) || char(31) || 'a' || is_active || char(31) || 'v' || email_verified
    as text
  from (${sqliteSearchable()});
create virtual table users_search using fts5(
  text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1');
insert into users_search (rowid, text) select id, text from users_searchable;
insert into users_search (users_search) values ('optimize');

create trigger users_search_insert after insert on users begin
  insert into users_search (rowid, text) select id, text from users_searchable where id = new.id;
end;
create trigger users_search_update after update of name, email, role, is_active, email_verified on users
  when (old.name, old.email, old.role, old.is_active, old.email_verified)
    is not (new.name, new.email, new.role, new.is_active, new.email_verified)
begin
  delete from users_search where rowid = old.id;
  insert into users_search (rowid, text) select id, text from users_searchable where id = new.id;
end;
create trigger users_search_delete after delete on users begin
  delete from users_search where rowid = old.id;
end;

create trigger user_counts_insert after insert on users begin
  insert into user_counts values (new.role, new.is_active, new.email_verified, 0, 1)
    on conflict do update set users = users + 1;
end;
create trigger user_counts_update after update of role, is_active, email_verified on users
  when (old.role, old.is_active, old.email_verified) is not (new.role, new.is_active, new.email_verified)
begin
  insert into user_counts values (old.role, old.is_active, old.email_verified, 0, -1)
    on conflict do update set users = users - 1;
  insert into user_counts values (new.role, new.is_active, new.email_verified, 0, 1)
    on conflict do update set users = users + 1;
end;
create trigger user_counts_delete after delete on users begin
  insert into user_counts values (old.role, old.is_active, old.email_verified, 0, -1)
    on conflict do update set users = users - 1;
end;

create trigger adjustment_days_insert after insert on adjustments begin
  insert into adjustment_days
    values (new.created_at / 86400000, 1, max(new.delta_tokens, 0), max(-new.delta_tokens, 0))
    on conflict do update set adjustments = adjustments + 1,
      tokens_added = tokens_added + excluded.tokens_added,
      tokens_removed = tokens_removed + excluded.tokens_removed;
end;
`,
  // Whether the index of trigrams or users newest first is better depends on the text, so each is planned for: a
  // prepared statement would soon be planned for none.
  // A row that is updated often in one transaction gets slower each time, so what is added together is counted together.
  // Pages that end by a name or an address compare them as SQLite does, whatever the database's locale.
  // Without pg_trgm, which some servers don't have and some owners may not create, a search reads all users.
  postgres: `
${postgresSearchText()}
alter table users
  alter column email type text collate "C",
  add column name_key text collate "C"
    generated always as (translate(lower(name collate "C"), 'يك', 'یک')) stored,
  add column search text collate "C" generated always as (user_search_text(name, email)) stored;
create index idx_users_name_key on users (name_key, id);
do $$ begin
  create extension if not exists pg_trgm;
  create index idx_users_search on users using gin (search gin_trgm_ops) with (fastupdate = off);
exception when others then
  raise notice 'no index for searching users: %', sqlerrm;
end $$;

create function find_users(
  pattern text, roles text[], active bigint, verified bigint, before_id bigint, end_id bigint, most bigint
) returns setof bigint language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
  return query select id from users
    where search like pattern and id < before_id and id >= end_id
      and (roles is null or role = any (roles))
      and (active is null or is_active = active) and (verified is null or email_verified = verified)
    order by id desc limit most;
end $$;

create function count_added_users() returns trigger language plpgsql as $$
begin
  insert into user_counts
    select role, is_active, email_verified, pg_backend_pid() % 16, count(*) from added group by 1, 2, 3 order by 1, 2, 3
    on conflict (role, is_active, email_verified, slot) do update set users = user_counts.users + excluded.users;
  return null;
end $$;
create trigger user_counts_added after insert on users referencing new table as added
  for each statement execute function count_added_users();
create function count_moved_user() returns trigger language plpgsql as $$
begin
  insert into user_counts
    values (old.role, old.is_active, old.email_verified, pg_backend_pid() % 16, -1)
    on conflict (role, is_active, email_verified, slot) do update set users = user_counts.users - 1;
  if tg_op = 'UPDATE' then
    insert into user_counts
      values (new.role, new.is_active, new.email_verified, pg_backend_pid() % 16, 1)
      on conflict (role, is_active, email_verified, slot) do update set users = user_counts.users + 1;
  end if;
  return null;
end $$;
create trigger user_counts_deleted after delete on users for each row execute function count_moved_user();
create trigger user_counts_moved after update of role, is_active, email_verified on users for each row
  when ((old.role, old.is_active, old.email_verified)
    is distinct from (new.role, new.is_active, new.email_verified))
  execute function count_moved_user();

create function count_adjustment() returns trigger language plpgsql as $$
begin
  insert into adjustment_days
    values (new.created_at / 86400000, 1, greatest(new.delta_tokens, 0), greatest(-new.delta_tokens, 0))
    on conflict (day) do update set adjustments = adjustment_days.adjustments + 1,
      tokens_added = adjustment_days.tokens_added + excluded.tokens_added,
      tokens_removed = adjustment_days.tokens_removed + excluded.tokens_removed;
  return null;
end $$;
create trigger adjustment_days_kept after insert on adjustments
  for each row execute function count_adjustment();
`,
}
