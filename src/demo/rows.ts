import type { Insertable } from 'kysely'
import { dayOf, hourOf } from '../lib/time.ts'
import type { Tx } from '../storage/storage.ts'
import type { Tables } from '../storage/tables.ts'

export type UsageRow = Insertable<Tables['token_usage']>
type DayRow = Insertable<Tables['usage_days']>
type TotalRow = Insertable<Tables['usage_totals']>

/** A statement may have so many values on both databases. */
const MOST_VALUES = 10_000

/** Inserts many rows, some hundreds at a time. */
export async function insertAll<T extends keyof Tables>(
  tx: Tx,
  table: T,
  rows: readonly Insertable<Tables[T]>[],
  onRows: (done: number, total: number) => void = () => {},
) {
  const columns = Object.keys(rows[0] ?? {}).length || 1
  const size = Math.floor(MOST_VALUES / columns)
  for (let start = 0; start < rows.length; start += size) {
    const some = rows.slice(start, start + size)
    await tx.insertInto(table).values(some).execute()
    onRows(start + some.length, rows.length)
    // A transaction that is made without a pause would leave no turn to the progress line and to signals.
    await new Promise(setImmediate)
  }
}

/** The daily roll-ups of usage rows, per subscription and per automation. */
export function rollUps(rows: readonly UsageRow[]): { days: DayRow[]; totals: TotalRow[] } {
  const days = new Map<string, DayRow>()
  const totals = new Map<string, TotalRow>()
  for (const row of rows) {
    const day = dayOf(row.created_at)
    const bySubscription = `${day}:${row.user_automation_id}`
    const byAutomation = `${day}:${row.automation_id}`
    const fresh = () => ({ day, tokens: 0, events: 0, ...NO_HOURS })
    if (!days.has(bySubscription))
      days.set(bySubscription, { ...fresh(), user_automation_id: row.user_automation_id })
    if (!totals.has(byAutomation))
      totals.set(byAutomation, { ...fresh(), automation_id: row.automation_id, slot: 0 })
    for (const sum of [days.get(bySubscription), totals.get(byAutomation)]) {
      if (!sum) continue
      const hour = `h${hourOf(row.created_at)}` as const
      sum.tokens += row.tokens
      sum.events += 1
      sum[hour] = (sum[hour] ?? 0) + row.tokens
    }
  }
  return { days: [...days.values()], totals: [...totals.values()] }
}

const NO_HOURS = Object.fromEntries(Array.from({ length: 24 }, (_, hour) => [`h${hour}`, 0])) as {
  [hour in `h${number}`]: number
}
