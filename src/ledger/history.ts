import { sql } from 'kysely'
import { cut } from '../lib/keyset.ts'
import { DAY_MS, iso } from '../lib/time.ts'
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

/** Sums over all adjustments; there are as many as staff made by hand. */
export async function adjustmentStats(db: Db, now: number) {
  const since = now - 30 * DAY_MS
  const { rows } = await sql<Record<'count' | 'added' | 'removed' | 'added_30' | 'removed_30', number>>`
    select count(*) as count,
      cast(coalesce(sum(case when delta_tokens > 0 then delta_tokens end), 0) as bigint) as added,
      cast(coalesce(-sum(case when delta_tokens < 0 then delta_tokens end), 0) as bigint) as removed,
      cast(coalesce(sum(case when delta_tokens > 0 and created_at >= ${since} then delta_tokens end), 0) as bigint)
        as added_30,
      cast(coalesce(-sum(case when delta_tokens < 0 and created_at >= ${since} then delta_tokens end), 0) as bigint)
        as removed_30
    from adjustments`.execute(db)
  const [sums] = rows
  return {
    total_adjustments: sums?.count ?? 0,
    tokens_added: sums?.added ?? 0,
    tokens_removed: sums?.removed ?? 0,
    last_30_days: { tokens_added: sums?.added_30 ?? 0, tokens_removed: sums?.removed_30 ?? 0 },
  }
}
