import Type from 'typebox'
import { recordAction, userById } from '../../accounts/accounts.ts'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { csvDownload, daysQuery } from '../../http/download.ts'
import { afterTime, cursorOf, limitOf, NextCursor, pageQuery } from '../../http/page.ts'
import { route } from '../../http/route.ts'
import { exportRange, tokensLeft, usageByDay, usageCsv, usagePage } from '../../usage/usage.ts'
import { usageStats } from '../admin.ts'
import { Id, Usage, Used } from './shapes.ts'
import { actorOf } from './users-query.ts'

const TAG = 'Staff: usage'
const PerSpan = { today: Used, last_7_days: Used, last_30_days: Used }

export function usageRoutes(app: App) {
  const { staff } = callers(app)
  return [
    route({
      method: 'GET',
      path: '/api/admin/usage/stats',
      summary: 'Tokens and consumes of today, 7 and 30 days, in all and per automation',
      tag: TAG,
      caller: staff,
      reply: Type.Object({
        ...PerSpan,
        automations: Type.Array(
          Type.Object({ automation_id: Type.Integer(), automation_name: Type.String(), ...PerSpan }),
        ),
        recent: Type.Array(Type.Object({ ...Usage.properties, user_id: Type.Integer() })),
      }),
      targetMs: 800,
      handle: () => usageStats(app.db, app.clock()),
    }),
    route({
      method: 'GET',
      path: '/api/admin/usage/export',
      summary: "A user's usage of at most 366 days as CSV",
      tag: TAG,
      caller: staff,
      query: Type.Object({ user_id: Id, ...daysQuery }, { additionalProperties: false }),
      produces: 'text/csv',
      targetMs: 800,
      handle: async ({ caller, query, request }) => {
        const range = exportRange(query, app.clock())
        const { user_id: userId, ...after } = query
        await userById(app.db, userId)
        return csvDownload(caller.userId, `user-${userId}-${range.fileName}`, async () => {
          const action = { action: 'usage.export', targetType: 'user', targetId: userId, after }
          await app.write((tx) => recordAction(tx, { ...actorOf(caller, request), ...action }))
          return usageCsv(app.db, userId, range)
        })
      },
    }),
    route({
      method: 'GET',
      path: '/api/admin/usage/:user_id',
      summary: "A user's tokens, last 7 days and usage, newest first",
      tag: TAG,
      caller: staff,
      params: Type.Object({ user_id: Id }, { additionalProperties: false }),
      query: Type.Object(pageQuery, { additionalProperties: false }),
      reply: Type.Object({
        user: Type.Object({ id: Type.Integer(), name: Type.String(), email: Type.String() }),
        total_tokens_remaining: Type.Integer(),
        total_demo_tokens: Type.Integer(),
        last_7_days: Type.Array(
          Type.Object({ day: Type.String(), tokens: Type.Integer(), sessions: Type.Integer() }),
        ),
        recent_usage: Type.Array(Usage),
        next_cursor: NextCursor,
      }),
      targetMs: 800,
      handle: async ({ params, query }) => {
        const page = { limit: limitOf(query), after: afterTime(query) }
        const now = app.clock()
        const { id, name, email } = await userById(app.db, params.user_id)
        const { usage, next } = await usagePage(app.db, id, page)
        return {
          user: { id, name, email },
          ...(await tokensLeft(app.db, id, now)),
          last_7_days: await usageByDay(app.db, id, now),
          recent_usage: usage,
          next_cursor: cursorOf(next),
        }
      },
    }),
  ]
}
