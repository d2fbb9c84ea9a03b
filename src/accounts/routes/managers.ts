import Type from 'typebox'
import type { App } from '../../app.ts'
import type { Incoming } from '../../http/incoming.ts'
import { type Route, route } from '../../http/route.ts'
import type { Actor } from '../audit.ts'
import { callers, type Principal } from '../callers.ts'
import { cleanEmail, cleanName, cleanPhone } from '../fields.ts'
import { createStaff, listStaff, staffById, staffCounts } from '../managers.ts'
import { checkPassword, hashPassword } from '../password.ts'
import { STAFF_ROLES } from '../roles.ts'
import { emailTaken, isEmailTaken } from '../users.ts'
import {
  Email,
  IdParams,
  Name,
  NewPassword,
  Phone,
  StaffRoleName,
  strict,
  UserAndMessage,
  UserReply,
  userReply,
} from './schemas.ts'

export const PATH = '/api/admin/users/managers'
export const MANAGERS = { tag: 'Staff accounts', targetMs: 800 }
const OFFSET_MOST = 100_000

/** `managers` of the path are staff accounts, whatever their role; only managers manage them. */
export function managerRoutes(app: App): Route[] {
  return [listRoute(app), createRoute(app), statsRoute(app), oneRoute(app)]
}

export const actorOf = (caller: Principal, request: Incoming): Actor => ({
  staffId: caller.userId,
  ip: request.address,
  requestId: request.id,
})

const listRoute = (app: App) =>
  route({
    ...MANAGERS,
    method: 'GET',
    path: PATH,
    summary: 'Staff accounts, oldest first',
    caller: callers(app).managers,
    query: Type.Object(
      {
        search: Type.Optional(Type.String({ maxLength: 100, description: 'Part of a name or an email' })),
        role: Type.Optional(StaffRoleName),
        is_active: Type.Optional(Type.Boolean()),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: '20 unless given' })),
        offset: Type.Optional(Type.Integer({ minimum: 0, maximum: OFFSET_MOST })),
      },
      strict,
    ),
    reply: Type.Object({
      total_count: Type.Integer(),
      managers: Type.Array(UserReply),
      limit: Type.Integer(),
      offset: Type.Integer(),
    }),
    handle: async ({ query }) => {
      const { is_active, limit = 20, offset = 0, search, role } = query
      const { total, users } = await listStaff(app.db, { search, role, isActive: is_active, limit, offset })
      return { total_count: total, managers: users.map(userReply), limit, offset }
    },
  })

const createRoute = (app: App) =>
  route({
    ...MANAGERS,
    method: 'POST',
    path: PATH,
    summary: 'A new staff account',
    caller: callers(app).managers,
    body: Type.Object(
      {
        email: Email,
        name: Name,
        role: StaffRoleName,
        password: NewPassword,
        phone_number: Type.Optional(Phone),
      },
      strict,
    ),
    reply: UserAndMessage,
    status: 201,
    handle: async ({ caller, body, request }) => {
      const email = cleanEmail(body.email)
      const name = cleanName(body.name)
      const phoneNumber = cleanPhone(body.phone_number)
      checkPassword(body.password, { email, name })
      if (await isEmailTaken(app.db, email)) throw emailTaken()
      const passwordHash = await hashPassword(body.password, { forStaff: true })
      const staff = { email, name, phoneNumber, passwordHash, role: body.role }
      const user = await app.write(async (tx) => {
        const { id } = await createStaff(tx, staff, actorOf(caller, request))
        return staffById(tx, id)
      })
      return { message: 'The account is made', ...userReply(user) }
    },
  })

const statsRoute = (app: App) =>
  route({
    ...MANAGERS,
    method: 'GET',
    path: `${PATH}/stats`,
    summary: 'How many staff accounts there are, by role',
    caller: callers(app).managers,
    reply: Type.Object({
      total: Type.Integer(),
      active: Type.Integer(),
      inactive: Type.Integer(),
      by_role: Type.Object(
        Object.fromEntries(
          STAFF_ROLES.map((role) => [role, Type.Object({ total: Type.Integer(), active: Type.Integer() })]),
        ),
      ),
    }),
    handle: async () => {
      const rows = await staffCounts(app.db)
      const sum = (some: typeof rows) => some.reduce((all, { count }) => all + Number(count), 0)
      const counts = (some: typeof rows) => ({
        total: sum(some),
        active: sum(some.filter(({ is_active }) => is_active === 1)),
      })
      const { total, active } = counts(rows)
      const ofRole = (role: string) => counts(rows.filter((row) => row.role === role))
      const by_role = Object.fromEntries(STAFF_ROLES.map((role) => [role, ofRole(role)]))
      return { total, active, inactive: total - active, by_role }
    },
  })

const oneRoute = (app: App) =>
  route({
    ...MANAGERS,
    method: 'GET',
    path: `${PATH}/:id`,
    summary: 'One staff account',
    caller: callers(app).managers,
    params: IdParams,
    reply: UserReply,
    handle: async ({ params }) => userReply(await staffById(app.db, params.id)),
  })
