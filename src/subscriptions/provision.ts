import { findAutomation, isWebUrl } from '../catalogue/catalogue.ts'
import { Refusal } from '../lib/refusal.ts'
import { MINUTE_MS } from '../lib/time.ts'
import type { Tx } from '../storage/storage.ts'
import { requireOwn } from './update.ts'

/** A claim older than this was left behind by a process that died. */
const LEASE_MS = MINUTE_MS
const MAX_URL = 2_000
const MAX_SAID = 200

export interface Claim {
  userAutomationId: number
  userId: number
  automationId: number
  provisionUrl: string
  /** For `openBotToken`. */
  sealedBotToken: string | null
}

/**
 * Marks the subscription as being provisioned; of several at once one gets it. Whoever has claimed calls the service
 * outside any transaction, and then settles.
 *
 * @throws Refusal `no_such_subscription` (missing).
 * @throws Refusal `subscription_not_active`, `provisioning_under_way`, `not_provisionable` (conflict).
 */
export async function claimProvisioning(
  tx: Tx,
  { id, userId }: { id: number; userId: number },
): Promise<Claim> {
  const claimed = await tx
    .updateTable('user_automations')
    .set({ integration_status: 'pending', updated_at: tx.now })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where('status', '=', 'active')
    .where(({ or, eb }) =>
      or([eb('integration_status', '<>', 'pending'), eb('updated_at', '<', tx.now - LEASE_MS)]),
    )
    .returning(['automation_id', 'telegram_bot_token'])
    .executeTakeFirst()
  if (!claimed) throw whyNot(await requireOwn(tx, { id, userId }))
  const { provision_url } = await findAutomation(tx, claimed.automation_id)
  if (provision_url === null) {
    throw new Refusal('conflict', 'not_provisionable', 'This automation needs no provisioning')
  }
  return {
    userAutomationId: id,
    userId,
    automationId: claimed.automation_id,
    provisionUrl: provision_url,
    sealedBotToken: claimed.telegram_bot_token,
  }
}

function whyNot({ status }: { status: string }) {
  if (status !== 'active') {
    return new Refusal('conflict', 'subscription_not_active', `This subscription is ${status}`)
  }
  return new Refusal('conflict', 'provisioning_under_way', 'It is being provisioned already; wait a moment', {
    retryAfterSeconds: 5,
  })
}

/** What came of calling the service. */
export type Outcome = { webhookUrl: string | null; message: string } | { failure: string }

/** Ends a claim. A failure leaves the webhook URL of an earlier success. */
export async function settleProvisioning(tx: Tx, claim: Claim, outcome: Outcome) {
  const result =
    'failure' in outcome
      ? ({ integration_status: 'failed' } as const)
      : ({
          integration_status: 'connected',
          provisioned_at: tx.now,
          ...(outcome.webhookUrl === null ? {} : { webhook_url: outcome.webhookUrl }),
        } as const)
  await tx
    .updateTable('user_automations')
    .set({ ...result, updated_at: tx.now })
    .where('id', '=', claim.userAutomationId)
    .where('integration_status', '=', 'pending')
    .execute()
  tx.touch(`user:${claim.userId}`)
}

/** Reads the service's answer: `{success, message, webhook_url?}` with a 2xx. */
export function outcomeOf({ status, body }: { status: number; body: string }): Outcome {
  const answer = parse(body)
  const message = said(answer?.message) ?? said(answer?.detail)
  const ok = status >= 200 && status < 300
  if (!ok || answer?.success !== true) {
    const why = !ok ? `it answered HTTP ${status}` : answer ? 'it refused' : 'its answer is no JSON object'
    return { failure: message ? `${why}: ${message}` : why }
  }
  const given = answer.webhook_url ?? null
  const isUrl = typeof given === 'string' && given.length <= MAX_URL && isWebUrl(given)
  if (given !== null && !isUrl) return { failure: 'its webhook_url is no http:// or https:// address' }
  return {
    webhookUrl: isUrl ? new URL(given).href : null,
    message: message ?? 'The service is connected',
  }
}

function parse(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

/** A service's words as they may be shown: short, one line, no markup. */
function said(text: unknown) {
  if (typeof text !== 'string') return null
  const plain = text
    .slice(0, 10 * MAX_SAID)
    .replace(/<[^>]*>/g, ' ')
    .replace(/[<>\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
  return plain.slice(0, MAX_SAID) || null
}
