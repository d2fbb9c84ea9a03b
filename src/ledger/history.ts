import { sql } from 'kysely'
import { cut } from '../lib/keyset.ts'
import { dayOf, iso } from '../lib/time.ts'
import type { Db } from '../storage/storage.ts'

/** Adjustments, newest first, in keyset pages: those with ids below `after`. */
export async function listAdjustments(
  db: Db,
  { userAutomationId, limit, after }: { userAutomationId?: number; limit: number; after: number | null },
) {
  let query = db
    .selectFrom('adjustments')
    .select([
      'id',
      'user_automation_id',
      'delta_tokens',
      'reason',
      'note',
      'staff_id',
      'balance_after',
      'created_at',
    ])
    .orderBy('id', 'desc')
    .limit(limit + 1)
  if (userAutomationId !== undefined) query = query.where('user_automation_id', '=', userAutomationId)
  if (after !== null) query = query.where('id', '<', after)
  const { rows, last } = cut(await query.execute(), limit)
  return {
    adjustments: rows.map((row) => ({ ...row, created_at: iso(row.created_at) })),
    next: last?.id ?? null,
  }
}

/** What adjustments added and took, in all and in the last 30 UTC days, today included: a row for each day is read. */
export async function adjustmentStats(db: Db, now: number) {
  const sum = (column: string, since: number) =>
    sql<number>`cast(coalesce(sum(case when day >= ${since} then ${sql.ref(column)} end), 0) as bigint)`
  const first = dayOf(now) - 29
  const sums = await db
    .selectFrom('adjustment_days')
    .select([
      sum('adjustments', 0).as('count'),
      sum('tokens_added', 0).as('added'),
      sum('tokens_removed', 0).as('removed'),
      sum('tokens_added', first).as('added_30'),
      sum('tokens_removed', first).as('removed_30'),
    ])
    .executeTakeFirstOrThrow()
  return {
    total_adjustments: sums.count,
    tokens_added: sums.added,
    tokens_removed: sums.removed,
    last_30_days: { tokens_added: sums.added_30, tokens_removed: sums.removed_30 },
  }
}
