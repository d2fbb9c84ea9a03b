import { sql } from 'kysely'
import { balancesOf } from '../ledger/ledger.ts'
import { amongList, listOf } from '../storage/among.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db } from '../storage/storage.ts'

const selectIds = prepared((db, given: Given<{ userId: number }>) =>
  db.selectFrom('user_automations').select('id').where('user_id', '=', given('userId')),
)

/** Of all that a customer has added. */
export const subscriptionIds = async (db: Db, userId: number) =>
  (await selectIds(db, { userId })).map(({ id }) => id)

/** What a customer has left over all subscriptions: all tokens, and those of them that are demo tokens. */
export async function tokensLeft(db: Db, userId: number, now: number) {
  const balances = await balancesOf(db, await subscriptionIds(db, userId), now)
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

const selectNamed = prepared((db, given: Given<{ userId: number }>) =>
  db
    .selectFrom('user_automations as subscription')
    .innerJoin('automations', 'automations.id', 'subscription.automation_id')
    .select(['subscription.id', 'automations.id as automation_id', 'automations.name'])
    .where('subscription.user_id', '=', given('userId'))
    .orderBy('subscription.id'),
)

/**
 * Where a customer's tokens are and went, per automation, the most used first. Used is what left the lots
 * and was not taken by staff: so it is told by a few lots, not by all the days since the subscription began.
 */
export async function usageDistribution(db: Db, userId: number, now: number): Promise<Share[]> {
  const subscriptions = await selectNamed(db, { userId })
  if (subscriptions.length === 0) return []
  const ids = subscriptions.map(({ id }) => id)
  const balances = await balancesOf(db, ids, now)
  const gone = await sumsOf(db, 'lots', ids)
  const takenByStaff = await sumsOf(db, 'adjustments', ids)
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

const SUMMED = {
  lots: sql`tokens - remaining`,
  adjustments: sql`case when delta_tokens < 0 then -delta_tokens else 0 end`,
}

const selectSums = prepared((db, given: Given<{ ids: string }>, { table }: { table: keyof typeof SUMMED }) =>
  db
    .selectFrom(table)
    .select('user_automation_id as id')
    .select(sql<number>`cast(sum(${SUMMED[table]}) as bigint)`.as('total'))
    .where(amongList(db, 'user_automation_id', given('ids')))
    .groupBy('user_automation_id'),
)

async function sumsOf(db: Db, table: keyof typeof SUMMED, userAutomationIds: readonly number[]) {
  const rows = await selectSums(db, { ids: listOf(db, userAutomationIds) }, { table })
  return new Map(rows.map(({ id, total }) => [id, total]))
}
