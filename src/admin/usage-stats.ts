import { sql } from 'kysely'
import { OPEN_DAYS, USED_BEFORE } from '../ledger/ledger.ts'
import { dayOf } from '../lib/time.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db, Tx } from '../storage/storage.ts'
import { newestUsage } from '../usage/usage.ts'

const RECENT = 10

/** Days that a number covers, today included. */
const SPANS = { today: 1, last_7_days: 7, last_30_days: 30 } as const
type Span = keyof typeof SPANS

export interface Used {
  tokens: number
  /** Consumes. */
  events: number
}

export type UsedPerSpan = Record<Span, Used>

export interface AutomationUsage extends UsedPerSpan {
  automation_id: number
  automation_name: string
}

/**
 * Tokens and consumes of today, 7 and 30 days, in all and per automation, the most used first, and the
 * newest usage of all; UTC days. Out of the roll-up per automation: at most 30 days of rows for each,
 * however much was used.
 */
export async function usageStats(db: Db, now: number) {
  const today = dayOf(now)
  const since = (span: Span) => today - SPANS[span] + 1
  const sum = (column: 'tokens' | 'events', span: Span) =>
    sql<number>`cast(coalesce(sum(case when totals.day >= ${since(span)}
      then ${sql.ref(`totals.${column}`)} else 0 end), 0) as bigint)`.as(`${column}_${span}`)
  const rows = await db
    .selectFrom('automations')
    .leftJoin('usage_totals as totals', (join) =>
      join
        .onRef('totals.automation_id', '=', 'automations.id')
        .on('totals.day', '>=', since('last_30_days'))
        .on('totals.day', '<=', today),
    )
    .select(['automations.id', 'automations.name'])
    .select([sum('tokens', 'today'), sum('tokens', 'last_7_days'), sum('tokens', 'last_30_days')])
    .select([sum('events', 'today'), sum('events', 'last_7_days'), sum('events', 'last_30_days')])
    .groupBy(['automations.id', 'automations.name'])
    .execute()
  const automations = rows.map((row): AutomationUsage => {
    const used = (span: Span): Used => ({ tokens: row[`tokens_${span}`], events: row[`events_${span}`] })
    return {
      automation_id: row.id,
      automation_name: row.name,
      today: used('today'),
      last_7_days: used('last_7_days'),
      last_30_days: used('last_30_days'),
    }
  })
  automations.sort(
    (a, b) => b.last_30_days.tokens - a.last_30_days.tokens || a.automation_id - b.automation_id,
  )
  const inAll = (span: Span): Used =>
    automations.reduce(
      (total, { [span]: used }) => ({
        tokens: total.tokens + used.tokens,
        events: total.events + used.events,
      }),
      { tokens: 0, events: 0 },
    )
  return {
    today: inAll('today'),
    last_7_days: inAll('last_7_days'),
    last_30_days: inAll('last_30_days'),
    automations,
    recent: await newestUsage(db, RECENT),
  }
}

/**
 * All tokens ever used, less what was reversed: those of closed days are summed up by `sumClosedDays`, unless a
 * reversal has dropped that sum.
 */
export async function tokensEverUsed(db: Db): Promise<number> {
  const [closed] = await selectClosed(db, {})
  const { day, tokens } = closed ? (JSON.parse(closed.value) as { day: number; tokens: number }) : NONE
  const [used] = await selectUsedSince(db, { day })
  return tokens + (used?.tokens ?? 0)
}

const selectClosed = prepared((db) => db.selectFrom('facts').select('value').where('name', '=', USED_BEFORE))

const selectUsedSince = prepared((db, given: Given<{ day: number }>) =>
  db
    .selectFrom('usage_totals')
    .select(sql<number>`cast(coalesce(sum(tokens), 0) as bigint)`.as('tokens'))
    .where('day', '>=', given('day')),
)

const NONE = { day: 0, tokens: 0 }

/** Once a day, all of them anew: then whatever was brought into an earlier day is in it too. */
export async function sumClosedDays(tx: Tx): Promise<void> {
  const day = dayOf(tx.now) - OPEN_DAYS
  const { tokens } = await tx
    .selectFrom('usage_totals')
    .select(sql<number>`cast(coalesce(sum(tokens), 0) as bigint)`.as('tokens'))
    .where('day', '<', day)
    .executeTakeFirstOrThrow()
  const value = JSON.stringify({ day, tokens })
  await tx
    .insertInto('facts')
    .values({ name: USED_BEFORE, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}
