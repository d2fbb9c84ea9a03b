import { userById } from '../accounts/accounts.ts'
import { balancesOf } from '../ledger/ledger.ts'
import { iso } from '../lib/time.ts'
import type { Db } from '../storage/storage.ts'

/** A customer's first page: who they are, their automations newest first, and what they have left over all of them. */
export async function dashboard(db: Db, userId: number, now: number) {
  const { id, name, email } = await userById(db, userId)
  const subscriptions = await db
    .selectFrom('user_automations as subscription')
    .innerJoin('automations', 'automations.id', 'subscription.automation_id')
    .select(['subscription.id', 'subscription.automation_id', 'automations.name', 'automations.description'])
    .select(['automations.pricing_type', 'automations.price_per_token', 'automations.currency'])
    .select(['automations.dashboard_url', 'subscription.status', 'subscription.created_at'])
    .where('subscription.user_id', '=', userId)
    .orderBy('subscription.id', 'desc')
    .execute()
  const ids = subscriptions.map(({ id }) => id)
  const balances = await balancesOf(db, ids, now)
  const withDemo = await hadDemo(db, ids)
  const automations = subscriptions.map((subscription) => {
    const { demo, paid, total } = balances.get(subscription.id) ?? { demo: 0, paid: 0, total: 0 }
    return {
      ...subscription,
      tokens_remaining: total,
      demo_tokens: demo,
      paid_tokens: paid,
      is_demo_active: demo > 0,
      demo_expired: demo === 0 && withDemo.has(subscription.id),
      created_at: iso(subscription.created_at),
    }
  })
  return {
    user: { id, name, email },
    automations,
    total_demo_tokens: automations.reduce((sum, { demo_tokens }) => sum + demo_tokens, 0),
    total_paid_tokens: automations.reduce((sum, { paid_tokens }) => sum + paid_tokens, 0),
    has_active_demo: automations.some(({ is_demo_active }) => is_demo_active),
    has_expired_demo: automations.some(({ demo_expired }) => demo_expired),
  }
}

/** Those of the subscriptions that were given demo tokens. */
async function hadDemo(db: Db, userAutomationIds: readonly number[]) {
  if (userAutomationIds.length === 0) return new Set<number>()
  const rows = await db
    .selectFrom('lots')
    .select('user_automation_id')
    .where('user_automation_id', 'in', userAutomationIds)
    .where('kind', '=', 'demo')
    .execute()
  return new Set(rows.map(({ user_automation_id }) => user_automation_id))
}
