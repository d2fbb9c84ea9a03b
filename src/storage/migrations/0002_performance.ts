import type { Migration } from './migration.ts'

/** What the server has measured, and which targets it missed: see performance/README.md. */
export const performance: Migration = {
  name: '0002_performance',
  sql: `
create table performance_samples (
  id {id},
  kind text not null check (kind in ('route', 'statement', 'database', 'cache', 'process')),
  at {int} not null,
  seconds {int} not null check (seconds > 0),
  node text not null,
  name text not null,
  count {int} not null check (count >= 0),
  good {int} not null check (good >= 0),
  failed {int} not null check (failed >= 0),
  total {int} not null,
  largest {int} not null,
  target_ms {int},
  buckets text not null
) {strict};
create index idx_performance_samples_kind_at on performance_samples (kind, at);
create index idx_performance_samples_seconds_at on performance_samples (seconds, at);

create table performance_statements (
  name text primary key,
  sql text not null,
  seen_at {int} not null
) {strict}{clustered};

create table target_misses (
  id {id},
  target text not null,
  goal {int} not null,
  unit text not null,
  since {int} not null,
  last_at {int} not null,
  until {int},
  worst {int} not null,
  check (last_at > since and (until is null or until >= last_at))
) {strict};
create unique index idx_target_misses_open on target_misses (target) where until is null;
create index idx_target_misses_last_at on target_misses (last_at);
`,
}
