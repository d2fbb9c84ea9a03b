import type { Migration } from './migration.ts'

/**
 * A subscription's usage of many days is found without asking for each of them. The sums are not in it: a consume
 * changes nothing here but on a subscription's first of a day.
 */
export const usageBySubscription: Migration = {
  name: '0007_usage_by_subscription',
  sql: `
create index idx_usage_days_user_automation_id on usage_days (user_automation_id, day);
`,
}
