import Type from 'typebox'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { afterId, cursorOf, limitOf, NextCursor, pageQuery, timesQuery } from '../../http/page.ts'
import { route } from '../../http/route.ts'
import { invalidField } from '../../http/validate.ts'
import { timesOf } from '../../lib/days.ts'
import { auditPage, dashboard, dashboardStats, recentActivity, subscriptionsPage } from '../admin.ts'
import { Id, UserAutomation } from './shapes.ts'

const Text = Type.Union([Type.String(), Type.Null()])
const Fields = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])

export function overviewRoutes(app: App) {
  const { staff } = callers(app)
  // They say that the system is healthy.
  const stands = () => app.storage.answersNow()
  return [
    route({
      method: 'GET',
      path: '/api/admin/dashboard',
      summary: 'Numbers of the installation',
      tag: 'Staff: dashboard',
      caller: staff,
      reply: Type.Object({
        status: Type.Literal('success'),
        data: Type.Object({
          total_users: Type.Integer(),
          total_users_is_estimate: Type.Boolean(),
          total_automations: Type.Integer(),
          total_tickets: Type.Integer(),
          system_status: Type.String(),
        }),
      }),
      targetMs: 800,
      cache: { ttlSeconds: 120, shared: true, tags: () => ['users', 'automations'], stands },
      handle: async () => ({ status: 'success' as const, data: await dashboard(app.db) }),
    }),
    route({
      method: 'GET',
      path: '/api/admin/dashboard/stats',
      summary: 'Users, tickets, tokens used and revenue',
      tag: 'Staff: dashboard',
      caller: staff,
      reply: Type.Object({
        total_users: Type.Integer(),
        total_users_is_estimate: Type.Boolean(),
        active_tickets: Type.Integer(),
        tokens_used: Type.Integer(),
        monthly_revenue: Type.Integer(),
      }),
      targetMs: 800,
      cache: { ttlSeconds: 120, shared: true, tags: () => ['users', 'usage'] },
      handle: () => dashboardStats(app.db),
    }),
    route({
      method: 'GET',
      path: '/api/admin/dashboard/activity',
      summary: 'What happened last: sign-ups, subscriptions, adjustments, staff actions',
      tag: 'Staff: dashboard',
      caller: staff,
      query: Type.Object({ limit: pageQuery.limit }, { additionalProperties: false }),
      reply: Type.Array(
        Type.Object({
          id: Type.Integer({ description: 'Unique together with type' }),
          type: Type.String(),
          message: Type.String(),
          details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Null()]), {
            description: 'What the message is made of: names, ids, tokens',
          }),
          created_at: Type.String(),
        }),
      ),
      targetMs: 800,
      handle: ({ query }) => recentActivity(app.db, limitOf(query)),
    }),
    route({
      method: 'GET',
      path: '/api/admin/user-automations',
      summary: 'Subscriptions with their balances, newest first',
      tag: 'Staff: subscriptions',
      caller: staff,
      query: Type.Object(
        {
          status: Type.Optional(Type.Enum(['active', 'paused', 'cancelled'])),
          automation_id: Type.Optional(Id),
          user_id: Type.Optional(Id),
          ...pageQuery,
        },
        { additionalProperties: false },
      ),
      reply: Type.Object({ user_automations: Type.Array(UserAutomation), next_cursor: NextCursor }),
      targetMs: 800,
      handle: async ({ query }) => {
        const { limit, cursor, ...filters } = query
        const page = { limit: limitOf({ limit }), after: afterId({ cursor }), now: app.clock() }
        const { user_automations, next } = await subscriptionsPage(app.db, filters, page)
        return { user_automations, next_cursor: cursorOf(next) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/admin/audit',
      summary: 'What staff did, newest first',
      tag: 'Staff: audit',
      caller: staff,
      query: Type.Object(
        {
          staff_id: Type.Optional(Id),
          action: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
          target_type: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
          target_id: Type.Optional(Id),
          ...timesQuery,
          ...pageQuery,
        },
        { additionalProperties: false },
      ),
      reply: Type.Object({
        entries: Type.Array(
          Type.Object({
            id: Type.Integer(),
            staff: Type.Union([Type.Object({ id: Type.Integer(), name: Type.String() }), Type.Null()]),
            action: Type.String(),
            target_type: Type.String(),
            target_id: Type.Union([Type.Integer(), Type.Null()]),
            before: Fields,
            after: Fields,
            ip: Text,
            request_id: Text,
            created_at: Type.String(),
          }),
        ),
        next_cursor: NextCursor,
      }),
      targetMs: 800,
      handle: async ({ query }) => {
        const { limit, cursor, from, to, ...filters } = query
        if (filters.target_id !== undefined && filters.target_type === undefined) {
          throw invalidField('target_id', 'needs target_type: ids of different things are the same numbers')
        }
        const page = { limit: limitOf({ limit }), after: afterId({ cursor }), times: timesOf(query) }
        const { entries, next } = await auditPage(app.db, filters, page)
        return { entries, next_cursor: cursorOf(next) }
      },
    }),
  ]
}
