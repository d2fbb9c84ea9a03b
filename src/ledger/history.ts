import { sql } from 'kysely'
import type { Times } from '../lib/days.ts'
import { cut } from '../lib/keyset.ts'
import { dayOf, iso, isoOrNull } from '../lib/time.ts'
import { idsWithin } from '../storage/ids-within.ts'
import type { Db } from '../storage/storage.ts'

/** Adjustments with whose they are and whose doing, newest first, in keyset pages: those with ids below `after`. */
export async function listAdjustments(
  db: Db,
  {
    userAutomationId,
    times,
    limit,
    after,
  }: { userAutomationId?: number; times: Times; limit: number; after: number | null },
) {
  const { least, below } = await idsWithin(db, 'adjustments', times)
  let page = db
    .selectFrom('adjustments')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(limit + 1)
  if (userAutomationId !== undefined) page = page.where('user_automation_id', '=', userAutomationId)
  for (const bound of [after, below]) if (bound !== null) page = page.where('id', '<', bound)
  if (least !== null) page = page.where('id', '>=', least)
  // The page first and then what it belongs to, which is always there: left to choose, PostgreSQL joins more.
  const query = db
    .selectFrom(page.as('adjustment'))
    .innerJoin('user_automations as subscription', 'subscription.id', 'adjustment.user_automation_id')
    .innerJoin('users', 'users.id', 'subscription.user_id')
    .innerJoin('automations', 'automations.id', 'subscription.automation_id')
    .leftJoin('users as staff', 'staff.id', 'adjustment.staff_id')
    .select([
      'adjustment.id',
      'adjustment.user_automation_id',
      'adjustment.delta_tokens',
      'adjustment.reason',
    ])
    .select(['adjustment.note', 'adjustment.staff_id', 'adjustment.balance_after', 'adjustment.created_at'])
    .select(['adjustment.lot_kind as kind', 'adjustment.lot_expires_at as expires_at'])
    .select(['users.id as user_id', 'users.name as user_name', 'staff.name as staff_name'])
    .select(['automations.id as automation_id', 'automations.name as automation_name'])
    .orderBy('adjustment.id', 'desc')
  const { rows, last } = cut(await query.execute(), limit)
  return {
    adjustments: rows.map((row) => ({
      ...row,
      expires_at: isoOrNull(row.expires_at),
      created_at: iso(row.created_at),
    })),
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
