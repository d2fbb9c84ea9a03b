import { sql } from 'kysely'
import { balancesOf } from '../ledger/ledger.ts'
import { among } from '../storage/among.ts'
import type { Db } from '../storage/storage.ts'

/** What a customer has left over all subscriptions: all tokens, and those of them that are demo tokens. */
export async function tokensLeft(db: Db, userId: number, now: number) {
  const subscriptions = await db
    .selectFrom('user_automations')
    .select('id')
    .where('user_id', '=', userId)
    .execute()
  const balances = await balancesOf(
    db,
    subscriptions.map(({ id }) => id),
    now,
  )
  let total = 0
  let demo = 0
  for (const balance of balances.values()) {
    total += balance.total
    demo += balance.demo
  }
  return { total_tokens_remaining: total, total_demo_tokens: demo }
}

export interface Share {
  user_automation_id: number
  automation_id: number
  automation_name: string
  /** Expired tokens don't count. */
  tokens_remaining: number
  /** Since the subscription began; reversed usage is out of it. */
  tokens_used: number
  /** Used and remaining. */
  total_tokens: number
}

/**
 * Where a customer's tokens are and went, per automation, the most used first. Used is what left the lots
 * and was not taken by staff: so it is told by a few lots, not by all the days since the subscription began.
 */
export async function usageDistribution(db: Db, userId: number, now: number): Promise<Share[]> {
  const subscriptions = await db
    .selectFrom('user_automations as subscription')
    .innerJoin('automations', 'automations.id', 'subscription.automation_id')
    .select(['subscription.id', 'automations.id as automation_id', 'automations.name'])
    .where('subscription.user_id', '=', userId)
    .orderBy('subscription.id')
    .execute()
  if (subscriptions.length === 0) return []
  const ids = subscriptions.map(({ id }) => id)
  const balances = await balancesOf(db, ids, now)
  const gone = await sumOf(db, 'lots', sql`tokens - remaining`, ids)
  const takenByStaff = await sumOf(
    db,
    'adjustments',
    sql`case when delta_tokens < 0 then -delta_tokens else 0 end`,
    ids,
  )
  const shares = subscriptions.map(({ id, automation_id, name }) => {
    const remaining = balances.get(id)?.total ?? 0
    const used = (gone.get(id) ?? 0) - (takenByStaff.get(id) ?? 0)
    return {
      user_automation_id: id,
      automation_id,
      automation_name: name,
      tokens_remaining: remaining,
      tokens_used: used,
      total_tokens: remaining + used,
    }
  })
  return shares.sort((a, b) => b.tokens_used - a.tokens_used)
}

async function sumOf(
  db: Db,
  table: 'lots' | 'adjustments',
  what: ReturnType<typeof sql>,
  userAutomationIds: readonly number[],
): Promise<Map<number, number>> {
  const rows = await db
    .selectFrom(table)
    .select('user_automation_id as id')
    .select(sql<number>`cast(sum(${what}) as bigint)`.as('total'))
    .where(among(db, 'user_automation_id', userAutomationIds))
    .groupBy('user_automation_id')
    .execute()
  return new Map(rows.map(({ id, total }) => [id, total]))
}
