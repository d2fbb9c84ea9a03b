import type { Migration } from './migration.ts'

/** What kind of lot an adjustment added, and until when it counts. Those of before added the kind `adjustment`. */
export const adjustmentLots: Migration = {
  name: '0005_adjustment_lots',
  sql: `
alter table adjustments add column lot_kind text
  check (lot_kind in ('adjustment', 'paid', 'promotional'));
alter table adjustments add column lot_expires_at {int};
`,
}
