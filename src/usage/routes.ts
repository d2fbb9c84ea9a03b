import Type from 'typebox'
import { callers } from '../accounts/callers.ts'
import type { App } from '../app.ts'
import { csvDownload, daysQuery } from '../http/download.ts'
import { afterTime, cursorOf, limitOf, NextCursor, pageQuery } from '../http/page.ts'
import { type Route, route } from '../http/route.ts'
import { dashboard } from './dashboard.ts'
import {
  exportRange,
  tokensLeft,
  usageByDay,
  usageByMonth,
  usageCsv,
  usageDistribution,
  usageInRange,
  usagePage,
} from './usage.ts'

const RECENT = 10
const TAG = 'Usage'

const Used = Type.Object({
  id: Type.Integer(),
  tokens_used: Type.Integer({ description: 'Negative for the reversal of an earlier usage' }),
  usage_type: Type.String(),
  description: Type.String(),
  created_at: Type.String(),
})

const Totals = Type.Object({
  total_tokens_remaining: Type.Integer({ description: 'Over all automations, demo tokens among them' }),
  total_demo_tokens: Type.Integer(),
  recent_usage: Type.Array(Used, { maxItems: RECENT }),
})

const Days = Type.Array(
  Type.Object({ day: Type.String(), tokens: Type.Integer(), sessions: Type.Integer() }),
  { description: 'range=7d: seven UTC days, today last' },
)

const Months = Type.Array(Type.Object({ month: Type.String(), value: Type.Integer() }), {
  description: 'range=6m: six UTC months, this one last; value is tokens',
})

const Distribution = Type.Array(
  Type.Object({
    user_automation_id: Type.Integer(),
    automation_id: Type.Integer(),
    automation_name: Type.String(),
    tokens_remaining: Type.Integer(),
    tokens_used: Type.Integer(),
    total_tokens: Type.Integer(),
  }),
)

const Dashboard = Type.Object({
  user: Type.Object({ id: Type.Integer(), name: Type.String(), email: Type.String() }),
  automations: Type.Array(
    Type.Object({
      id: Type.Integer(),
      automation_id: Type.Integer(),
      name: Type.String(),
      description: Type.String(),
      pricing_type: Type.String(),
      price_per_token: Type.Integer(),
      currency: Type.String(),
      status: Type.String(),
      integration_status: Type.String(),
      tokens_remaining: Type.Integer({ description: 'Demo and paid together' }),
      demo_tokens: Type.Integer(),
      paid_tokens: Type.Integer(),
      is_demo_active: Type.Boolean(),
      demo_expired: Type.Boolean({ description: 'There were demo tokens, and they are spent or expired' }),
      dashboard_url: Type.Union([Type.String(), Type.Null()]),
      created_at: Type.String(),
    }),
  ),
  total_demo_tokens: Type.Integer(),
  total_paid_tokens: Type.Integer(),
  has_active_demo: Type.Boolean(),
  has_expired_demo: Type.Boolean(),
})

export function usageRoutes(app: App): Route[] {
  const { signedIn } = callers(app)
  return [
    route({
      method: 'GET',
      path: '/api/user/usage',
      summary: 'Tokens left and recent usage; with a range, usage per day or month',
      tag: TAG,
      caller: signedIn,
      query: Type.Object(
        { range: Type.Optional(Type.Enum(['7d', '6m'], { description: 'Changes the shape of the reply' })) },
        { additionalProperties: false },
      ),
      reply: Type.Union([Totals, Days, Months]),
      targetMs: 1_000,
      handle: async ({ caller, query }) => {
        const now = app.clock()
        if (query.range === '7d') return usageByDay(app.db, caller.userId, now)
        if (query.range === '6m') return usageByMonth(app.db, caller.userId, now)
        const { usage } = await usagePage(app.db, caller.userId, { limit: RECENT })
        return { ...(await tokensLeft(app.db, caller.userId, now)), recent_usage: usage }
      },
    }),
    route({
      method: 'GET',
      path: '/api/user/usage/distribution',
      summary: 'Tokens left and used per automation',
      tag: TAG,
      caller: signedIn,
      reply: Distribution,
      targetMs: 1_000,
      handle: ({ caller }) => usageDistribution(app.db, caller.userId, app.clock()),
    }),
    route({
      method: 'GET',
      path: '/api/user/usage/days',
      summary: 'Own usage per day, at most 366 of them, zeros included',
      tag: TAG,
      caller: signedIn,
      query: Type.Object(
        {
          ...daysQuery,
          user_automation_id: Type.Optional(
            Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Only of this one' }),
          ),
        },
        { additionalProperties: false },
      ),
      reply: Type.Object({
        days: Type.Array(
          Type.Object({ day: Type.String(), tokens: Type.Integer(), sessions: Type.Integer() }),
        ),
      }),
      targetMs: 1_000,
      handle: async ({ caller, query }) => {
        const range = exportRange(query, app.clock())
        return { days: await usageInRange(app.db, caller.userId, range, query.user_automation_id) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/user/usage/events',
      summary: 'Own usage one by one, newest first',
      tag: TAG,
      caller: signedIn,
      query: Type.Object({ ...pageQuery, ...daysQuery }, { additionalProperties: false }),
      reply: Type.Object({ usage: Type.Array(Used), next_cursor: NextCursor }),
      targetMs: 1_000,
      handle: async ({ caller, query }) => {
        const range = exportRange(query, app.clock())
        const page = { limit: limitOf(query), after: afterTime(query), range }
        const { usage, next } = await usagePage(app.db, caller.userId, page)
        return { usage, next_cursor: cursorOf(next) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/user/usage/export',
      summary: 'Own usage of at most 366 days as CSV',
      tag: TAG,
      caller: signedIn,
      query: Type.Object(daysQuery, { additionalProperties: false }),
      produces: 'text/csv',
      targetMs: 1_000,
      handle: async ({ caller, query }) => {
        const range = exportRange(query, app.clock())
        return csvDownload(caller.userId, range.fileName, () => usageCsv(app.db, caller.userId, range))
      },
    }),
    route({
      method: 'GET',
      path: '/api/user/dashboard',
      summary: 'The first page of a customer: automations and tokens',
      tag: TAG,
      caller: signedIn,
      reply: Dashboard,
      targetMs: 1_000,
      cache: {
        ttlSeconds: 120,
        tags: ({ caller: { userId } }) => [`user:${userId}`, `tokens:${userId}`, 'automations'],
      },
      handle: async ({ caller, reply }) => {
        const { shown, until } = await dashboard(app.db, caller.userId, app.clock())
        reply.freshUntil = until
        return shown
      },
    }),
  ]
}
