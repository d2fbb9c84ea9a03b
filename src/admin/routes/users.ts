import Type from 'typebox'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import type { Incoming } from '../../http/incoming.ts'
import { afterId, afterValue, cursorOf, isKeyPart, limitOf, NextCursor, pageQuery } from '../../http/page.ts'
import { route } from '../../http/route.ts'
import {
  setCustomerActive,
  type UserKey,
  type UserOrder,
  updateCustomer,
  userInFull,
  usersPage,
} from '../admin.ts'
import { ById, UserFields, UserInFull } from './shapes.ts'

const TAG = 'Staff: users'
const User = Type.Object(UserFields)

const CURSOR = 'The next_cursor of the page before'

const usersQuery = {
  search: Type.Optional(
    Type.String({
      maxLength: 200,
      description:
        'Part of a name or an email, whatever the case, accents, and Arabic or Persian forms of letters; ' +
        'one or two letters are the beginning of a word',
    }),
  ),
  role: Type.Optional(Type.Enum(['manager', 'technical_team', 'support_staff', 'customer'])),
  is_active: Type.Optional(Type.Boolean()),
  is_admin: Type.Optional(Type.Boolean()),
  email_verified: Type.Optional(Type.Boolean()),
  sort: Type.Optional(
    Type.Enum(['created_at', 'name', 'email'], { description: 'By id, newest first, unless given' }),
  ),
  order: Type.Optional(
    Type.Enum(['asc', 'desc'], { description: 'desc for created_at, asc for others unless given' }),
  ),
}

type Sorted = { sort?: UserOrder['by']; order?: 'asc' | 'desc' }

function orderOf({ sort, order }: Sorted): UserOrder | null {
  if (sort === undefined && order === undefined) return null
  const by = sort ?? 'created_at'
  return { by, descending: (order ?? (by === 'created_at' ? 'desc' : 'asc')) === 'desc' }
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && /^[^\p{Cc}\p{Cs}]{0,254}$/u.test(value)
const isTime = (value: unknown): value is number => isKeyPart(value)

function afterUser(query: { cursor?: string }, order: UserOrder | null): UserKey | null {
  if (order === null) return afterId(query)
  return order.by === 'created_at' ? afterValue(query, isTime) : afterValue(query, isText)
}

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
      summary: 'Users, newest first or in the order that is asked for',
      tag: TAG,
      caller: staff,
      query: Type.Object(
        {
          ...usersQuery,
          limit: pageQuery.limit,
          // It holds the name or the address that the page before ended with.
          cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1_200, description: CURSOR })),
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
      handle: async ({ query }) => {
        const { limit, cursor, sort, order: direction, ...filters } = query
        const order = orderOf({ sort, order: direction })
        const page = {
          order,
          limit: limitOf({ limit }),
          after: afterUser({ cursor }, order),
          now: app.clock(),
        }
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
