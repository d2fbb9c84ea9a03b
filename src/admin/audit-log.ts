import { cut } from '../lib/keyset.ts'
import { iso } from '../lib/time.ts'
import type { Db } from '../storage/storage.ts'

export interface AuditFilters {
  staff_id?: number
  action?: string
  target_type?: string
  /** Ids of different kinds of things are the same numbers: only together with `target_type`. */
  target_id?: number
}

/**
 * The audit trail newest first. By staff or by target it goes by an index; by action alone it passes over
 * entries until the page is full.
 */
export async function auditPage(
  db: Db,
  { staff_id, action, target_type, target_id }: AuditFilters,
  { limit, after }: { limit: number; after: number | null },
) {
  let query = db
    .selectFrom('audit_log as entry')
    .leftJoin('users as staff', 'staff.id', 'entry.staff_id')
    .selectAll('entry')
    .select('staff.name as staff_name')
    .orderBy('entry.id', 'desc')
    .limit(limit + 1)
  if (staff_id !== undefined) query = query.where('entry.staff_id', '=', staff_id)
  if (action !== undefined) query = query.where('entry.action', '=', action)
  if (target_type !== undefined) query = query.where('entry.target_type', '=', target_type)
  if (target_id !== undefined) query = query.where('entry.target_id', '=', target_id)
  if (after !== null) query = query.where('entry.id', '<', after)
  const { rows, last } = cut(await query.execute(), limit)
  const entries = rows.map(({ staff_id, staff_name, before, after, created_at, ...entry }) => ({
    ...entry,
    staff: staff_id === null ? null : { id: staff_id, name: staff_name ?? '' },
    before: parsed(before),
    after: parsed(after),
    created_at: iso(created_at),
  }))
  return { entries, next: last?.id ?? null }
}

const parsed = (json: string | null) => (json === null ? null : (JSON.parse(json) as Record<string, unknown>))
