import type { Times } from '../lib/days.ts'
import { cut } from '../lib/keyset.ts'
import { iso } from '../lib/time.ts'
import { idsWithin } from '../storage/ids-within.ts'
import type { Db } from '../storage/storage.ts'

export interface AuditFilters {
  staff_id?: number
  action?: string
  target_type?: string
  /** Ids of different kinds of things are the same numbers: only together with `target_type`. */
  target_id?: number
}

/** Entries that are looked at for one page when no index has all that is asked for. */
const WALK_MOST = 5_000

/**
 * The audit trail newest first. One filter (or a target) goes by its index; of several the narrowest one does, and
 * the others are looked for among its newest 5,000. So a page may have fewer entries than asked for, or none, and
 * still a key to go on from.
 */
export async function auditPage(
  db: Db,
  filters: AuditFilters,
  { limit, after, times }: { limit: number; after: number | null; times: Times },
) {
  const { least, below } = await idsWithin(db, 'audit_log', times)
  const { target_id, target_type, staff_id, action } = filters
  const hasTarget = target_type !== undefined && target_id !== undefined
  let walked = db.selectFrom('audit_log').selectAll().orderBy('id', 'desc')
  for (const bound of [after, below]) if (bound !== null) walked = walked.where('id', '<', bound)
  if (least !== null) walked = walked.where('id', '>=', least)
  if (hasTarget) {
    walked = walked.where('target_type', '=', target_type).where('target_id', '=', target_id)
  } else if (staff_id !== undefined) walked = walked.where('staff_id', '=', staff_id)
  else if (action !== undefined) walked = walked.where('action', '=', action)
  else if (target_type !== undefined) walked = walked.where('target_type', '=', target_type)
  const asked = [target_type, staff_id, action].filter((one) => one !== undefined)
  const isOneIndex = asked.length < 2
  let query = db
    .selectFrom(walked.limit(isOneIndex ? limit + 1 : WALK_MOST).as('entry'))
    .leftJoin('users as staff', 'staff.id', 'entry.staff_id')
    .selectAll('entry')
    .select('staff.name as staff_name')
    .orderBy('entry.id', 'desc')
    .limit(limit + 1)
  for (const column of ['staff_id', 'action', 'target_type', 'target_id'] as const) {
    const value = filters[column]
    if (value !== undefined) query = query.where(`entry.${column}`, '=', value)
  }
  const { rows, last } = cut(await query.execute(), limit)
  const entries = rows.map(({ staff_id, staff_name, before, after, created_at, ...entry }) => ({
    ...entry,
    staff: staff_id === null ? null : { id: staff_id, name: staff_name ?? '' },
    before: parsed(before),
    after: parsed(after),
    created_at: iso(created_at),
  }))
  if (last || isOneIndex) return { entries, next: last?.id ?? null }
  const end = await walked
    .clearSelect()
    .select('id')
    .limit(1)
    .offset(WALK_MOST - 1)
    .executeTakeFirst()
  return { entries, next: end?.id ?? null }
}

const parsed = (json: string | null) => (json === null ? null : (JSON.parse(json) as Record<string, unknown>))
