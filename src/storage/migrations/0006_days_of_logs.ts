import type { Migration } from './migration.ts'

/** What staff did, and what they adjusted, is found by day. */
export const daysOfLogs: Migration = {
  name: '0006_days_of_logs',
  sql: `
create index idx_audit_log_created_at on audit_log (created_at, id);
create index idx_adjustments_created_at on adjustments (created_at, id);
`,
}
