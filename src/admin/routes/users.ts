import Type from 'typebox'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import type { Incoming } from '../../http/incoming.ts'
import { afterId, cursorOf, limitOf, NextCursor, pageQuery } from '../../http/page.ts'
import { route } from '../../http/route.ts'
import { setCustomerActive, updateCustomer, userInFull, usersPage } from '../admin.ts'
import { ById, UserFields, UserInFull } from './shapes.ts'

const TAG = 'Staff: users'
const User = Type.Object(UserFields)

const by = (caller: { userId: number }, request: Incoming) => ({
  staffId: caller.userId,
  ip: request.address,
  requestId: request.id,
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
        app.write((tx) => setCustomerActive(tx, params.id, verb === 'activate', by(caller, request))),
    })

  return [
    route({
      method: 'GET',
      path: '/api/admin/users',
      summary: 'Users, newest first',
      tag: TAG,
      caller: staff,
      query: Type.Object(
        {
          search: Type.Optional(Type.String({ maxLength: 100, description: 'Part of a name or an email' })),
          role: Type.Optional(Type.Enum(['manager', 'technical_team', 'support_staff', 'customer'])),
          is_active: Type.Optional(Type.Boolean()),
          is_admin: Type.Optional(Type.Boolean()),
          email_verified: Type.Optional(Type.Boolean()),
          ...pageQuery,
        },
        { additionalProperties: false },
      ),
      reply: Type.Object({
        total_count: Type.Integer({ description: 'Exact up to 10,000' }),
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
      handle: async ({ query }) => {
        const { limit, cursor, ...filters } = query
        const page = { limit: limitOf({ limit }), after: afterId({ cursor }), now: app.clock() }
        const { next, ...found } = await usersPage(app.db, filters, page)
        return { ...found, next_cursor: cursorOf(next) }
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
        return app.write((tx) => updateCustomer(tx, params.id, changes, by(caller, request)))
      },
    }),
    activation('activate', 'Let a customer sign in again'),
    activation('deactivate', 'Sign a customer out everywhere and keep them out'),
  ]
}
