import { sql } from 'kysely'
import { dayOf, dayText } from '../lib/time.ts'
import { amongList, listOf } from '../storage/among.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db } from '../storage/storage.ts'
import type { ExportRange } from './export.ts'
import { subscriptionIds } from './totals.ts'

const WEEK_DAYS = 7
const MONTHS = 6

export interface DayUsage {
  /** `YYYY-MM-DD`, UTC. */
  day: string
  /** Reversed usage is out of it. */
  tokens: number
  /** Consumes. */
  sessions: number
}

export interface MonthUsage {
  /** `YYYY-MM`, UTC. */
  month: string
  /** Tokens. */
  value: number
}

/** A customer's last seven days, today last, with a zero for a day without usage. */
export async function usageByDay(db: Db, userId: number, now: number): Promise<DayUsage[]> {
  const days = lastDays(now, WEEK_DAYS)
  const used = await usedPerDay(db, userId, days)
  return days.map((day) => {
    const found = used.get(day)
    return { day: dayText(day), tokens: found?.tokens ?? 0, sessions: found?.events ?? 0 }
  })
}

/**
 * A customer's usage on each day of a range, zeros included; of one subscription, when that is asked for: another
 * customer's has no usage here.
 */
export async function usageInRange(
  db: Db,
  userId: number,
  { from, before }: ExportRange,
  userAutomationId?: number,
): Promise<DayUsage[]> {
  const first = dayOf(from)
  const days = Array.from({ length: dayOf(before - 1) - first + 1 }, (_, index) => first + index)
  const used = await usedPerDay(db, userId, days, userAutomationId)
  return days.map((day) => {
    const found = used.get(day)
    return { day: dayText(day), tokens: found?.tokens ?? 0, sessions: found?.events ?? 0 }
  })
}

/** A customer's last six months, this one last, with a zero for a month without usage. */
export async function usageByMonth(db: Db, userId: number, now: number): Promise<MonthUsage[]> {
  const today = new Date(now)
  const first = dayOf(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - MONTHS + 1, 1))
  const days = lastDays(now, dayOf(now) - first + 1)
  const used = await usedPerDay(db, userId, days)
  const months = new Map<string, number>()
  for (const day of days) {
    const month = dayText(day).slice(0, 7)
    months.set(month, (months.get(month) ?? 0) + (used.get(day)?.tokens ?? 0))
  }
  return [...months].map(([month, value]) => ({ month, value }))
}

/** Tokens and consumes of a customer in the last `count` days, today included. */
export async function usageOfLastDays(db: Db, userId: number, now: number, count: number) {
  const sum = { tokens: 0, events: 0 }
  for (const { tokens, events } of (await usedPerDay(db, userId, lastDays(now, count))).values()) {
    sum.tokens += tokens
    sum.events += events
  }
  return sum
}

const lastDays = (now: number, count: number) =>
  Array.from({ length: count }, (_, index) => dayOf(now) - count + 1 + index)

interface Used {
  day: number
  tokens: number
  events: number
}

/**
 * Days are named one by one and not as a range: each (day, subscription) is then one look-up by primary key,
 * where a range would pass over everybody's rows of those days.
 */
async function usedPerDay(db: Db, userId: number, days: readonly number[], only?: number) {
  let ids = await subscriptionIds(db, userId)
  if (only !== undefined) ids = ids.filter((id) => id === only)
  if (ids.length === 0) return new Map<number, Used>()
  return new Map((await sumPerDay(db, ids, days)).map((row) => [row.day, row]))
}

export const sumPerDay = (db: Db, userAutomationIds: readonly number[], days: readonly number[]) =>
  selectSums(db, { ids: listOf(db, userAutomationIds), days: listOf(db, days) })

const selectSums = prepared((db, given: Given<{ ids: string; days: string }>) =>
  db
    .selectFrom('usage_days')
    .select('day')
    .select(sql<number>`cast(sum(tokens) as bigint)`.as('tokens'))
    .select(sql<number>`cast(sum(events) as bigint)`.as('events'))
    .where(amongList(db, 'day', given('days')))
    .where(amongList(db, 'user_automation_id', given('ids')))
    .groupBy('day'),
)
