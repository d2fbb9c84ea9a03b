import Type from 'typebox'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { afterTime, cursorOf, limitOf, NextCursor, pageQuery } from '../../http/page.ts'
import { route } from '../../http/route.ts'
import { setCustomerActive, updateCustomer, userInFull, usersPage, userTimeline } from '../admin.ts'
import { ById, UserFields, UserInFull } from './shapes.ts'
import { actorOf, afterUser, orderOf, usersQuery, usersQueryCursor } from './users-query.ts'

const TAG = 'Staff: users'
const User = Type.Object(UserFields)

const Event = Type.Object({
  type: Type.Enum(['sign_up', 'subscription', 'session', 'adjustment', 'staff_action', 'usage']),
  id: Type.Integer({ description: 'Unique together with type' }),
  created_at: Type.String(),
  details: Type.Record(Type.String(), Type.Unknown(), {
    description: 'By type: see the guide for operators',
  }),
})

export function userRoutes(app: App) {
  const { staff, admins } = callers(app)

  const activation = (verb: 'activate' | 'deactivate', summary: string) =>
    route({
      method: 'POST',
      path: `/api/admin/users/:id/${verb}`,
      summary,
      tag: TAG,
      caller: admins,
      params: ById,
      body: Type.Object({}, { additionalProperties: false }),
      reply: User,
      targetMs: 800,
      handle: ({ caller, params, request }) =>
        app.write((tx) => setCustomerActive(tx, params.id, verb === 'activate', actorOf(caller, request))),
    })

  return [
    route({
      method: 'GET',
      path: '/api/admin/users',
      summary: 'Users, newest first or in the order that is asked for',
      tag: TAG,
      caller: staff,
      query: Type.Object(
        {
          ...usersQuery,
          limit: pageQuery.limit,
          ...usersQueryCursor,
        },
        { additionalProperties: false },
      ),
      reply: Type.Object({
        total_count: Type.Integer({ description: 'Exact, but for a search that finds over 1,000' }),
        total_is_estimate: Type.Boolean(),
        users: Type.Array(
          Type.Object({
            ...UserFields,
            automations_count: Type.Integer(),
            tokens_remaining: Type.Integer(),
          }),
        ),
        next_cursor: NextCursor,
      }),
      targetMs: 800,
      cache: { ttlSeconds: 180, shared: true, tags: () => ['users'] },
      handle: async ({ query, reply }) => {
        const { limit, cursor, sort, order: direction, ...filters } = query
        const order = orderOf({ sort, order: direction })
        const page = {
          order,
          limit: limitOf({ limit }),
          after: afterUser({ cursor }, order),
          now: app.clock(),
        }
        const { shown, next, until } = await usersPage(app.db, filters, page)
        for (const { id } of shown.users) reply.tags.push(`user:${id}`, `tokens:${id}`, `login:${id}`)
        reply.freshUntil = until
        return { ...shown, next_cursor: cursorOf(next) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/admin/users/:id',
      summary: 'One user in full: automations, sessions, usage, adjustments',
      tag: TAG,
      caller: staff,
      params: ById,
      reply: UserInFull,
      targetMs: 800,
      handle: ({ params }) => userInFull(app.db, params.id, app.clock()),
    }),
    route({
      method: 'GET',
      path: '/api/admin/users/:id/timeline',
      summary: 'What happened to a user and what they did, newest first; a day of usage stands at its end',
      tag: TAG,
      caller: staff,
      params: ById,
      query: Type.Object(pageQuery, { additionalProperties: false }),
      reply: Type.Object({ events: Type.Array(Event), next_cursor: NextCursor }),
      targetMs: 800,
      handle: async ({ params, query }) => {
        const range = { limit: limitOf(query), after: afterTime(query) }
        const { events, next } = await userTimeline(app.db, params.id, range)
        return { events, next_cursor: cursorOf(next) }
      },
    }),
    route({
      method: 'PUT',
      path: '/api/admin/users/:id',
      summary: "Change a customer's name or phone number",
      tag: TAG,
      caller: admins,
      params: ById,
      body: Type.Object(
        {
          name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
          phone_number: Type.Optional(Type.Union([Type.String({ maxLength: 32 }), Type.Null()])),
        },
        { additionalProperties: false },
      ),
      reply: User,
      targetMs: 800,
      handle: ({ caller, params, body, request }) => {
        const changes = { name: body.name, phoneNumber: body.phone_number }
        return app.write((tx) => updateCustomer(tx, params.id, changes, actorOf(caller, request)))
      },
    }),
    activation('activate', 'Let a customer sign in again'),
    activation('deactivate', 'Sign a customer out everywhere and keep them out'),
  ]
}
