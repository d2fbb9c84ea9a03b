import { sql } from 'kysely'
import { dayOf, dayText } from '../lib/time.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db } from '../storage/storage.ts'
import type { ExportRange } from './export.ts'

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
  return usageOfEach(db, userId, lastDays(now, WEEK_DAYS))
}

/**
 * A customer's usage on each day of a range, zeros included; of one subscription, when that is asked for: another
 * customer's has no usage here.
 */
export const usageInRange = (
  db: Db,
  userId: number,
  { from, before }: ExportRange,
  userAutomationId?: number,
): Promise<DayUsage[]> =>
  usageOfEach(db, userId, { first: dayOf(from), last: dayOf(before - 1) }, userAutomationId)

async function usageOfEach(db: Db, userId: number, days: Days, userAutomationId?: number) {
  const used = new Map((await sumPerDay(db, userId, days, userAutomationId)).map((row) => [row.day, row]))
  return eachOf(days).map((day) => {
    const found = used.get(day)
    return { day: dayText(day), tokens: found?.tokens ?? 0, sessions: found?.events ?? 0 }
  })
}

/** A customer's last six months, this one last, with a zero for a month without usage. */
export async function usageByMonth(db: Db, userId: number, now: number): Promise<MonthUsage[]> {
  const today = new Date(now)
  const starts = Array.from({ length: MONTHS }, (_, index) =>
    dayOf(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - MONTHS + 1 + index, 1)),
  )
  const months = new Map(starts.map((day) => [monthOf(day), 0]))
  for (const { day, tokens } of await sumPerDay(db, userId, {
    first: starts[0] as number,
    last: dayOf(now),
  })) {
    const month = monthOf(day)
    months.set(month, (months.get(month) ?? 0) + tokens)
  }
  return [...months].map(([month, value]) => ({ month, value }))
}

/** Tokens and consumes of a customer in the last `count` days, today included. */
export async function usageOfLastDays(db: Db, userId: number, now: number, count: number) {
  const sum = { tokens: 0, events: 0 }
  for (const { tokens, events } of await sumPerDay(db, userId, lastDays(now, count))) {
    sum.tokens += tokens
    sum.events += events
  }
  return sum
}

/** Both included, as days since 1970 UTC. */
interface Days {
  first: number
  last: number
}

const lastDays = (now: number, count: number): Days => ({ first: dayOf(now) - count + 1, last: dayOf(now) })

const eachOf = ({ first, last }: Days) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** `YYYY-MM` of a day number. */
const monthOf = (day: number) => dayText(day).slice(0, 7)

/**
 * The days of a range on which a customer used something, in no order; of one subscription, when that is asked for.
 */
export const sumPerDay = (db: Db, userId: number, days: Days, userAutomationId?: number) =>
  selectSums(db, { userId, ...days, only: userAutomationId ?? 0 }, { isOne: userAutomationId !== undefined })

const selectSums = prepared(
  (
    db,
    given: Given<{ userId: number; first: number; last: number; only: number }>,
    { isOne }: { isOne: boolean },
  ) =>
    db
      .selectFrom('user_automations as subscription')
      .innerJoin('usage_days as used', 'used.user_automation_id', 'subscription.id')
      .select('used.day')
      .select(sql<number>`cast(sum(used.tokens) as bigint)`.as('tokens'))
      .select(sql<number>`cast(sum(used.events) as bigint)`.as('events'))
      .where('subscription.user_id', '=', given('userId'))
      .$if(isOne, (query) => query.where('subscription.id', '=', given('only')))
      .where('used.day', '>=', given('first'))
      .where('used.day', '<=', given('last'))
      .groupBy('used.day'),
)
