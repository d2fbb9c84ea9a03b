import type { Times } from '../lib/days.ts'
import type { Db } from './storage.ts'

/** Tables whose rows are only added: their ids are given in the order of time. */
type Log = 'audit_log' | 'adjustments'

/** The ids from `least` on and below `below`; null has no end. */
export interface Ids {
  least: number | null
  below: number | null
}

/** The ids of the rows of that time: with them a list goes by whatever index it has, and costs what it shows. */
export async function idsWithin(db: Db, log: Log, { from, before }: Times): Promise<Ids> {
  const [least, below] = await Promise.all([firstSince(db, log, from), firstSince(db, log, before)])
  // Nothing is that new.
  if (from !== null && least === null) return { least: null, below: 0 }
  return { least, below }
}

async function firstSince(db: Db, log: Log, time: number | null) {
  if (time === null) return null
  const first = await db
    .selectFrom(log)
    .select('id')
    .where('created_at', '>=', time)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return first?.id ?? null
}
