import type { Selectable } from 'kysely'
import Type from 'typebox'
import { recordAction } from '../accounts/accounts.ts'
import { callers } from '../accounts/callers.ts'
import type { App } from '../app.ts'
import { afterId, cursorOf, limitOf, NextCursor, pageQuery, timesQuery } from '../http/page.ts'
import { type Route, route } from '../http/route.ts'
import { invalidField } from '../http/validate.ts'
import { timesOf } from '../lib/days.ts'
import { iso, isoOrNull } from '../lib/time.ts'
import type { AdjustmentsTable } from '../storage/tables.ts'
import { consumeRoutes, KEYED, keyOf, timeOf } from './consume.routes.ts'
import { consumption } from './consumption.ts'
import { adjustmentStats, listAdjustments } from './history.ts'
import { ADJUSTMENT_KINDS, type AdjustmentKind, adjust, MAX_TOKENS, reverseUsage } from './ledger.ts'

const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const Reason = Type.String({ minLength: 1, maxLength: 200, description: 'The customer can read it' })

const AdjustmentReply = Type.Object({
  id: Id,
  user_automation_id: Id,
  delta_tokens: Type.Integer(),
  reason: Type.String(),
  note: Type.Union([Type.String(), Type.Null()]),
  staff_id: Type.Union([Id, Type.Null()]),
  balance_after: Type.Integer(),
  kind: Type.Union([Type.Enum([...ADJUSTMENT_KINDS]), Type.Null()], {
    description: 'Of the tokens that it added; null when it took some',
  }),
  expires_at: Type.Union([Type.String(), Type.Null()]),
  created_at: Type.String(),
})

const AdjustmentInHistory = Type.Object({
  ...AdjustmentReply.properties,
  user_id: Id,
  user_name: Type.String(),
  automation_id: Id,
  automation_name: Type.String(),
  staff_name: Type.Union([Type.String(), Type.Null()]),
})

export function ledgerRoutes(app: App): Route[] {
  const { staff, admins } = callers(app)
  const ledger = consumption(app)
  return [
    ...consumeRoutes(app),
    route({
      method: 'POST',
      path: '/api/admin/tokens/adjust',
      summary: 'Add tokens to a balance, or take some, by hand',
      tag: 'Staff: tokens',
      caller: admins,
      headers: KEYED,
      body: Type.Object(
        {
          user_automation_id: Id,
          delta_tokens: Type.Integer({ minimum: -MAX_TOKENS, maximum: MAX_TOKENS, not: { const: 0 } }),
          reason: Reason,
          note: Type.Optional(Type.String({ maxLength: 2_000 })),
          kind: Type.Optional(
            Type.Enum([...ADJUSTMENT_KINDS], {
              description:
                'Of tokens that are added; promotional ones are spent first. adjustment unless given',
            }),
          ),
          expires_at: Type.Optional(
            Type.String({
              maxLength: 40,
              description: 'ISO 8601; from then on what is left of them counts no more',
            }),
          ),
          idempotency_key: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
        },
        { additionalProperties: false },
      ),
      reply: Type.Object({ message: Type.String(), adjustment: AdjustmentReply }),
      targetMs: 800,
      handle: async ({ caller: { userId }, body, request }) => {
        const lot = lotOf(body, app.clock())
        const { adjustment } = await ledger.exclusively(body.user_automation_id, () =>
          app.write(async (tx) => {
            const made = await adjust(tx, {
              userAutomationId: body.user_automation_id,
              deltaTokens: body.delta_tokens,
              reason: body.reason,
              note: body.note ?? null,
              staffId: userId,
              key: body.idempotency_key ?? keyOf(request),
              ...lot,
            })
            if (made.isNew) {
              await recordAction(tx, {
                staffId: userId,
                action: 'tokens.adjust',
                targetType: 'user_automation',
                targetId: body.user_automation_id,
                before: { tokens_remaining: made.adjustment.balance_after - body.delta_tokens },
                after: {
                  tokens_remaining: made.adjustment.balance_after,
                  reason: body.reason,
                  ...shown(lot),
                },
                ip: request.address,
                requestId: request.id,
              })
            }
            return made
          }),
        )
        return {
          message: 'Tokens adjusted',
          adjustment: adjustmentReply(adjustment),
        }
      },
    }),
    route({
      method: 'POST',
      path: '/api/admin/usage/:id/reverse',
      summary: 'Give the tokens of a mistaken consume back; once',
      tag: 'Staff: tokens',
      caller: admins,
      params: Type.Object({ id: Id }),
      body: Type.Object({ reason: Reason }, { additionalProperties: false }),
      reply: Type.Object({
        message: Type.String(),
        reversal: Type.Object({
          id: Id,
          reverses_id: Id,
          user_automation_id: Id,
          tokens: Type.Integer(),
          remaining_demo_tokens: Type.Integer(),
          remaining_paid_tokens: Type.Integer(),
          created_at: Type.String(),
        }),
      }),
      targetMs: 800,
      handle: async ({ caller: { userId }, params: { id }, body, request }) => {
        const userAutomationId = await subscriptionOf(app, id)
        const newId = await ledger.newUsageId()
        const { reversal } = await ledger.exclusively(userAutomationId, () =>
          app.write(async (tx) => {
            const made = await reverseUsage(tx, { usageId: id, newId, reason: body.reason })
            if (made.isNew) {
              await recordAction(tx, {
                staffId: userId,
                action: 'usage.reverse',
                targetType: 'token_usage',
                targetId: id,
                after: { tokens: made.reversal.tokens, reason: body.reason },
                ip: request.address,
                requestId: request.id,
              })
            }
            return made
          }),
        )
        return {
          message: 'Usage reversed',
          reversal: {
            id: reversal.id,
            reverses_id: id,
            user_automation_id: reversal.user_automation_id,
            tokens: reversal.tokens,
            remaining_demo_tokens: reversal.demo_after,
            remaining_paid_tokens: reversal.paid_after,
            created_at: iso(reversal.created_at),
          },
        }
      },
    }),
    route({
      method: 'GET',
      path: '/api/admin/tokens/history',
      summary: 'Adjustments, newest first',
      tag: 'Staff: tokens',
      caller: staff,
      query: Type.Object(
        {
          user_automation_id: Type.Optional(Id),
          ...timesQuery,
          ...pageQuery,
        },
        { additionalProperties: false },
      ),
      reply: Type.Object({
        adjustments: Type.Array(AdjustmentInHistory),
        next_cursor: NextCursor,
      }),
      targetMs: 800,
      handle: async ({ query }) => {
        const { adjustments, next } = await listAdjustments(app.db, {
          userAutomationId: query.user_automation_id,
          times: timesOf(query),
          limit: limitOf(query),
          after: afterId(query),
        })
        return { adjustments, next_cursor: cursorOf(next) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/admin/tokens/stats',
      summary: 'What adjustments added and took, in all and in the last 30 days',
      tag: 'Staff: tokens',
      caller: staff,
      reply: Type.Object({
        total_adjustments: Type.Integer(),
        tokens_added: Type.Integer(),
        tokens_removed: Type.Integer(),
        last_30_days: Type.Object({ tokens_added: Type.Integer(), tokens_removed: Type.Integer() }),
      }),
      targetMs: 800,
      handle: () => adjustmentStats(app.db, app.clock()),
    }),
  ]
}

async function subscriptionOf(app: App, usageId: number) {
  const usage = await app.db
    .selectFrom('token_usage')
    .select('user_automation_id')
    .where('id', '=', usageId)
    .executeTakeFirst()
  // For a usage that isn't there the verb finds the words.
  return usage?.user_automation_id ?? 0
}

interface AddedLot {
  kind: AdjustmentKind
  expiresAt: number | null
}

interface AdjustBody {
  delta_tokens: number
  kind?: AdjustmentKind
  expires_at?: string
}

/** @throws Refusal invalid for what only tokens that are added can have, and for a time that has passed. */
function lotOf({ delta_tokens, kind, expires_at }: AdjustBody, now: number): AddedLot {
  if (delta_tokens < 0 && kind) throw invalidField('kind', 'is for tokens that are added')
  const expiresAt = timeOf(expires_at, 'expires_at')
  if (expiresAt !== null && delta_tokens < 0) throw invalidField('expires_at', 'is for tokens that are added')
  if (expiresAt !== null && expiresAt <= now) throw invalidField('expires_at', 'must be in the future')
  return { kind: kind ?? 'adjustment', expiresAt }
}

/** In the audit trail, where it is not the usual. */
const shown = ({ kind, expiresAt }: AddedLot) => ({
  ...(kind !== 'adjustment' && { kind }),
  ...(expiresAt !== null && { expires_at: iso(expiresAt) }),
})

function adjustmentReply(adjustment: Selectable<AdjustmentsTable>) {
  const { idempotency_key: _, lot_kind, lot_expires_at, ...rest } = adjustment
  return { ...rest, kind: lot_kind, expires_at: isoOrNull(lot_expires_at), created_at: iso(rest.created_at) }
}
