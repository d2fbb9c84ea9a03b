import Type from 'typebox'
import { PublicAutomation, publicAutomation } from '../../catalogue/catalogue.ts'
import { iso, isoOrNull } from '../../lib/time.ts'
import type { Subscription } from '../list.ts'

export const TAG = 'My automations'

export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

/** In the path of these routes `:id` is the automation's or the subscription's, as the contract has it. */
export const idParam = (description: string) =>
  Type.Object({ id: { ...Id, description } }, { additionalProperties: false })

export const BotToken = Type.Union(
  [Type.String({ minLength: 1, maxLength: 200, pattern: '^[!-~]+$' }), Type.Null()],
  { description: 'A secret of the customer: never shown again' },
)

const MaybeText = Type.Union([Type.String(), Type.Null()])

const state = {
  status: Type.Enum(['active', 'paused', 'cancelled']),
  integration_status: Type.Enum(['not_configured', 'pending', 'connected', 'failed']),
  tokens_remaining: Type.Integer({ description: 'Demo and paid together; expired ones do not count' }),
  demo_tokens: Type.Integer({ description: 'Demo tokens left' }),
  paid_tokens: Type.Integer({ description: 'All other tokens left' }),
  is_demo_active: Type.Boolean(),
  demo_expired: Type.Boolean({ description: 'There were demo tokens, and none is left' }),
  webhook_url: MaybeText,
  has_telegram_bot_token: Type.Boolean(),
  provisioned_at: MaybeText,
  created_at: Type.String(),
}

const stateOf = (subscription: Subscription) => ({
  status: subscription.status,
  integration_status: subscription.integration_status,
  tokens_remaining: subscription.balance.total,
  demo_tokens: subscription.balance.demo,
  paid_tokens: subscription.balance.paid,
  is_demo_active: subscription.balance.demo > 0,
  demo_expired: subscription.had_demo && subscription.balance.demo === 0,
  webhook_url: subscription.webhook_url,
  has_telegram_bot_token: subscription.has_bot_token,
  provisioned_at: isoOrNull(subscription.provisioned_at),
  created_at: iso(subscription.created_at),
})

export const Mine = Type.Object({
  id: Type.Integer({ description: 'The user automation' }),
  automation_id: Type.Integer(),
  name: Type.String(),
  description: Type.String(),
  pricing_type: Type.String(),
  price_per_token: Type.Integer({ description: 'Minor units of the currency' }),
  currency: Type.String(),
  dashboard_url: MaybeText,
  health_status: Type.String(),
  ...state,
})

export const mine = (subscription: Subscription) => ({
  id: subscription.id,
  automation_id: subscription.automation_id,
  name: subscription.name,
  description: subscription.description,
  pricing_type: subscription.pricing_type,
  price_per_token: subscription.price_per_token,
  currency: subscription.currency,
  dashboard_url: subscription.dashboard_url,
  health_status: subscription.health_status,
  ...stateOf(subscription),
})

export const MyActive = Type.Object({
  id: Type.Integer({ description: 'The user automation' }),
  automation_id: Type.Integer(),
  automation_name: Type.String(),
  automation_description: Type.String(),
  ...state,
})

export const myActive = (subscription: Subscription) => ({
  id: subscription.id,
  automation_id: subscription.automation_id,
  automation_name: subscription.name,
  automation_description: subscription.description,
  ...stateOf(subscription),
})

export const UserAutomation = Type.Object({
  id: Type.Integer(),
  automation_id: Type.Integer(),
  user_id: Type.Integer(),
  ...state,
})

export const userAutomation = (subscription: Subscription, userId: number) => ({
  id: subscription.id,
  automation_id: subscription.automation_id,
  user_id: userId,
  ...stateOf(subscription),
})

export const AutomationOfMine = Type.Object({
  ...PublicAutomation.properties,
  dashboard_url: MaybeText,
})

export const automationOf = (subscription: Subscription) => ({
  ...publicAutomation({
    ...subscription,
    id: subscription.automation_id,
    demo_tokens: subscription.automation_demo_tokens,
    created_at: subscription.automation_created_at,
  }),
  dashboard_url: subscription.dashboard_url,
})
