import { Refusal } from '../lib/refusal.ts'
import type { Tx } from '../storage/storage.ts'

export interface Update {
  id: number
  userId: number
  /** As `sealBotToken` makes it; null forgets it. */
  sealedBotToken?: string | null
  status?: 'active' | 'paused'
}

/**
 * What a customer may change of a subscription; never its balance.
 *
 * @throws Refusal `no_such_subscription` (missing): none, or another's.
 * @throws Refusal `subscription_cancelled` (conflict): adding the automation again takes it up.
 */
export async function updateSubscription(tx: Tx, { id, userId, sealedBotToken, status }: Update) {
  const updated = await tx
    .updateTable('user_automations')
    .set({
      ...(sealedBotToken === undefined ? {} : { telegram_bot_token: sealedBotToken }),
      ...(status === undefined ? {} : { status }),
      updated_at: tx.now,
    })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where('status', '<>', 'cancelled')
    .returning(['id', 'automation_id'])
    .executeTakeFirst()
  if (!updated) {
    await requireOwn(tx, { id, userId })
    const message = 'This subscription is cancelled; add the automation again to take it up'
    throw new Refusal('conflict', 'subscription_cancelled', message)
  }
  tx.touch(`user:${userId}`, `balance:${id}`)
  return updated
}

/** @throws Refusal `no_such_subscription` (missing): none, or another's. */
export async function requireOwn(tx: Tx, { id, userId }: { id: number; userId: number }) {
  const own = await tx
    .selectFrom('user_automations')
    .select(['status', 'integration_status'])
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  if (!own) throw new Refusal('missing', 'no_such_subscription', 'You have no such subscription')
  return own
}
