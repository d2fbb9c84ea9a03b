import { sql } from 'kysely'
import { DAY_MS } from '../lib/time.ts'
import type { Db } from '../storage/storage.ts'
import { sumPerDay } from './series.ts'

/**
 * A customer's last days with usage, newest first. It steps from each to the one before along the index of usage by
 * customer and time, so that neither the days without usage nor the usage of a day are passed over.
 *
 * @param before only days below it, as days since 1970 UTC.
 */
export async function usageOfDays(
  db: Db,
  { userId, before, limit }: { userId: number; before: number | null; limit: number },
) {
  const end = before === null ? Number.MAX_SAFE_INTEGER : before * DAY_MS
  const lastBefore = (time: ReturnType<typeof sql>) =>
    sql`(select max(created_at) / ${sql.lit(DAY_MS)} from token_usage where user_id = ${userId} and created_at < ${time})`
  const { rows } = await sql<{ day: number }>`with recursive days (day) as (
      select ${lastBefore(sql`${end}`)}
      union all
      select ${lastBefore(sql`days.day * ${sql.lit(DAY_MS)}`)} from days where days.day is not null
    ) select day from days where day is not null limit ${limit}`.execute(db)
  const [last, first] = [rows[0]?.day, rows.at(-1)?.day]
  if (last === undefined || first === undefined) return []
  const sums = await sumPerDay(db, userId, { first, last })
  return sums.sort((a, b) => b.day - a.day)
}
