import { userById } from '../accounts/accounts.ts'
import { iso } from '../lib/time.ts'
import type { Db } from '../storage/storage.ts'
import { subscriptionsOf } from '../subscriptions/subscriptions.ts'

/** A customer has at most one subscription for each automation: far fewer than this. */
const SUBSCRIPTIONS_MOST = 1_000

/**
 * A customer's first page: who they are, their automations, and what they have left over all of them.
 *
 * @returns it, and until when (milliseconds UTC) it stays so if nothing is written.
 */
export async function dashboard(db: Db, userId: number, now: number) {
  const { id, name, email } = await userById(db, userId)
  const subscriptions = await subscriptionsOf(db, { userId, limit: SUBSCRIPTIONS_MOST }, now)
  const automations = subscriptions.map(({ balance, had_demo, ...subscription }) => ({
    id: subscription.id,
    automation_id: subscription.automation_id,
    name: subscription.name,
    description: subscription.description,
    pricing_type: subscription.pricing_type,
    price_per_token: subscription.price_per_token,
    currency: subscription.currency,
    dashboard_url: subscription.dashboard_url,
    status: subscription.status,
    integration_status: subscription.integration_status,
    tokens_remaining: balance.total,
    demo_tokens: balance.demo,
    paid_tokens: balance.paid,
    is_demo_active: balance.demo > 0,
    demo_expired: had_demo && balance.demo === 0,
    created_at: iso(subscription.created_at),
  }))
  const until = Math.min(...subscriptions.map(({ balance }) => balance.until ?? Number.POSITIVE_INFINITY))
  const shown = {
    user: { id, name, email },
    automations,
    total_demo_tokens: automations.reduce((sum, { demo_tokens }) => sum + demo_tokens, 0),
    total_paid_tokens: automations.reduce((sum, { paid_tokens }) => sum + paid_tokens, 0),
    has_active_demo: automations.some(({ is_demo_active }) => is_demo_active),
    has_expired_demo: automations.some(({ demo_expired }) => demo_expired),
  }
  return { shown, until }
}
