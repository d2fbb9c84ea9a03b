import Type, { type Static } from 'typebox'
import type { App } from '../app.ts'
import { service } from '../catalogue/callers.ts'
import type { Incoming } from '../http/incoming.ts'
import { type Route, route } from '../http/route.ts'
import { invalidField } from '../http/validate.ts'
import { canonicalJson } from '../lib/json.ts'
import { Refusal } from '../lib/refusal.ts'
import { consumption } from './consumption.ts'
import type { Consume, Outcome, Receipt } from './entry.ts'
import { MAX_TOKENS } from './ledger.ts'

const MAX_META_CHARACTERS = 2_048
const MAX_META_DEPTH = 8
const MAX_EVENTS = 1_000
const MAX_BATCH_BYTES = 4 * 1_048_576
const KEY = /^[\x21-\x7e]{1,255}$/

const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const Key = Type.String({ minLength: 1, maxLength: 255, pattern: KEY.source })
/** What `keyOf` reads. */
export const KEYED = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: KEY.source,
      description: 'The same key with the same body gets the first answer again, and nothing is done twice',
    }),
  ),
})

const fields = {
  user_automation_id: Id,
  units: Type.Integer({ minimum: 1, maximum: MAX_TOKENS, description: 'Whole tokens' }),
  usage_type: Type.String({ minLength: 1, maxLength: 64 }),
  meta: Type.Optional(
    Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      description: `Anything the service wants to find again; ${MAX_META_CHARACTERS} characters of JSON at most`,
    }),
  ),
}

const ConsumeBody = Type.Object(fields, { additionalProperties: false })

const EventBody = Type.Object(
  {
    ...fields,
    idempotency_key: Key,
    occurred_at: Type.Optional(
      Type.String({ maxLength: 40, description: 'ISO 8601; kept, not accounted by' }),
    ),
  },
  { additionalProperties: false },
)

const ReceiptReply = Type.Object({
  accepted: Type.Boolean(),
  remaining_demo_tokens: Type.Integer(),
  remaining_paid_tokens: Type.Integer(),
  message: Type.String(),
  code: Type.Union([Type.String(), Type.Null()], {
    description: 'Why it was not accepted: tokens_insufficient or subscription_inactive',
  }),
  usage_id: Type.Union([Type.Integer(), Type.Null()]),
})

const ItemError = Type.Object({
  accepted: Type.Literal(false),
  code: Type.String(),
  message: Type.String(),
  usage_id: Type.Null(),
})

const ANSWERS = {
  accepted: { message: 'Tokens consumed', code: null },
  insufficient: { message: 'Not enough tokens', code: 'tokens_insufficient' },
  inactive: { message: 'The subscription is not active', code: 'subscription_inactive' },
}

/** What automation services call. */
export function consumeRoutes(app: App): Route[] {
  const ledger = consumption(app)
  const caller = service(app, 'consume')
  return [
    route({
      method: 'POST',
      path: '/api/automation-usage/consume',
      quick: true,
      summary: 'Spend tokens of a subscription, at once and for good',
      tag: 'Consuming tokens',
      caller,
      headers: KEYED,
      body: ConsumeBody,
      reply: ReceiptReply,
      targetMs: 1_000,
      handle: async ({ caller: { automationId }, body, request }) => {
        const [outcome] = await ledger.consume([
          consumeOf(automationId, body, { key: keyOf(request), occurredAt: null, field: 'meta' }),
        ])
        if (outcome instanceof Error) throw outcome
        return receiptReply(outcome as Receipt)
      },
    }),
    route({
      method: 'POST',
      path: '/api/automation-usage/consume/batch',
      quick: true,
      summary: 'Spend tokens many times; each event has its own answer, in order',
      tag: 'Consuming tokens',
      caller,
      body: Type.Object(
        { events: Type.Array(EventBody, { minItems: 1, maxItems: MAX_EVENTS }) },
        { additionalProperties: false },
      ),
      reply: Type.Object({ results: Type.Array(Type.Union([ReceiptReply, ItemError])) }),
      targetMs: 1_000,
      maxBodyBytes: MAX_BATCH_BYTES,
      handle: async ({ caller: { automationId }, body }) => {
        const consumes = body.events.map((event, index) =>
          consumeOf(automationId, event, {
            key: event.idempotency_key,
            occurredAt: timeOf(event.occurred_at, `events.${index}.occurred_at`),
            field: `events.${index}.meta`,
          }),
        )
        const outcomes = await ledger.consume(consumes)
        const unwritten = outcomes.find((outcome) => outcome instanceof Refusal && outcome.kind === 'full')
        if (unwritten && outcomes.every((outcome) => outcome instanceof Error)) throw unwritten
        return { results: outcomes.map(itemReply) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/automation-usage/balance',
      quick: true,
      summary: 'What is left of a subscription',
      tag: 'Consuming tokens',
      caller,
      query: Type.Object({ user_automation_id: Id }, { additionalProperties: false }),
      reply: Type.Object({
        user_automation_id: Id,
        remaining_demo_tokens: Type.Integer(),
        remaining_paid_tokens: Type.Integer(),
        tokens_remaining: Type.Integer(),
      }),
      targetMs: 1_000,
      handle: async ({ caller: { automationId }, query: { user_automation_id } }) => {
        const { demo, paid, total } = await ledger.balance(automationId, user_automation_id)
        return {
          user_automation_id,
          remaining_demo_tokens: demo,
          remaining_paid_tokens: paid,
          tokens_remaining: total,
        }
      },
    }),
  ]
}

/** The Idempotency-Key header, or null without one; see KEYED. */
export function keyOf(request: Incoming) {
  const key = request.header('idempotency-key')
  if (key !== null && !KEY.test(key)) {
    throw invalidField('Idempotency-Key', 'must be 1 to 255 visible ASCII characters')
  }
  return key
}

function consumeOf(
  automationId: number,
  body: Static<typeof ConsumeBody>,
  { key, occurredAt, field }: { key: string | null; occurredAt: number | null; field: string },
): Consume {
  return {
    automationId,
    userAutomationId: body.user_automation_id,
    units: body.units,
    usageType: body.usage_type,
    meta: body.meta ? metaOf(body.meta, field) : null,
    key,
    occurredAt,
  }
}

function metaOf(meta: object, field: string) {
  const text = canonicalJson(meta, MAX_META_DEPTH)
  if (text === null) throw invalidField(field, `must not nest deeper than ${MAX_META_DEPTH}`)
  if (text.length > MAX_META_CHARACTERS)
    throw invalidField(field, `must not be longer than ${MAX_META_CHARACTERS}`)
  return text
}

/** Milliseconds UTC of an ISO 8601 time. */
export function timeOf(text: string | undefined, field: string) {
  if (text === undefined) return null
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw invalidField(field, 'must be a time such as 2026-01-31T12:00:00Z')
  return ms
}

function receiptReply({ accepted, demo, paid, usageId, reason }: Receipt) {
  return {
    accepted,
    remaining_demo_tokens: demo,
    remaining_paid_tokens: paid,
    ...ANSWERS[reason ?? 'accepted'],
    usage_id: usageId,
  }
}

function itemReply(outcome: Outcome) {
  if (!(outcome instanceof Error)) return receiptReply(outcome)
  const code = outcome instanceof Refusal ? outcome.code : 'internal'
  return { accepted: false as const, code, message: outcome.message, usage_id: null }
}
