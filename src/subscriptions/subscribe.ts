import { holdAutomation } from '../catalogue/catalogue.ts'
import { grant } from '../ledger/ledger.ts'
import { Refusal } from '../lib/refusal.ts'
import type { Tx } from '../storage/storage.ts'

export interface Subscribe {
  userId: number
  automationId: number
  /** As `sealBotToken` makes it. */
  sealedBotToken?: string | null
}

/**
 * Adds an automation to a customer, with its demo tokens; at most one per customer and automation. A cancelled one
 * is taken up again, with the tokens that it had.
 *
 * @throws Refusal `no_such_automation` (missing).
 * @throws Refusal `automation_unavailable` (conflict): not listed, or not healthy.
 * @throws Refusal `already_added` (conflict).
 */
export async function subscribe(tx: Tx, { userId, automationId, sealedBotToken }: Subscribe) {
  const automation = await holdAutomation(tx, automationId)
  const added = await tx
    .insertInto('user_automations')
    .values({
      user_id: userId,
      automation_id: automationId,
      status: 'active',
      integration_status: 'not_configured',
      telegram_bot_token: sealedBotToken ?? null,
      created_at: tx.now,
      updated_at: tx.now,
    })
    .onConflict((conflict) => conflict.columns(['user_id', 'automation_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  const { id } = added ?? (await takeUpAgain(tx, { userId, automationId, sealedBotToken }))
  // Thrown last, for who has it already is told so; what was written is rolled back.
  if (automation.is_listed === 0 || automation.health_status !== 'healthy') {
    const message = 'This automation is not on sale at the moment'
    throw new Refusal('conflict', 'automation_unavailable', message)
  }
  if (added && automation.demo_tokens > 0) {
    await grant(tx, { userAutomationId: id, userId, kind: 'demo', tokens: automation.demo_tokens })
  }
  tx.touch(`user:${userId}`, `balance:${id}`)
  return { id }
}

async function takeUpAgain(tx: Tx, { userId, automationId, sealedBotToken }: Subscribe) {
  const cancelled = await tx
    .updateTable('user_automations')
    .set({
      status: 'active',
      updated_at: tx.now,
      ...(sealedBotToken === undefined ? {} : { telegram_bot_token: sealedBotToken }),
    })
    .where('user_id', '=', userId)
    .where('automation_id', '=', automationId)
    .where('status', '=', 'cancelled')
    .returning('id')
    .executeTakeFirst()
  if (cancelled) return cancelled
  throw new Refusal('conflict', 'already_added', 'You have added this automation already')
}
