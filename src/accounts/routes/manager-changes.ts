import Type from 'typebox'
import type { App } from '../../app.ts'
import { type Route, route } from '../../http/route.ts'
import { Refusal } from '../../lib/refusal.ts'
import { callers } from '../callers.ts'
import { staffById } from '../managers.ts'
import { updateProfile } from '../profile.ts'
import { deactivateStaff, setActive, setRole } from '../standing.ts'
import { emailTaken, isEmailTaken } from '../users.ts'
import { actorOf, MANAGERS, PATH } from './managers.ts'
import { Email, Id, IdParams, Name, Phone, RoleName, strict, UserAndMessage, userReply } from './schemas.ts'

export function managerChangeRoutes(app: App): Route[] {
  return [
    bulkDeactivateRoute(app),
    changeRoute(app),
    deactivateRoute(app),
    roleRoute(app),
    activateRoute(app),
  ]
}

const bulkDeactivateRoute = (app: App) =>
  route({
    ...MANAGERS,
    method: 'POST',
    path: `${PATH}/bulk-deactivate`,
    summary: 'Deactivate several staff accounts, all of them or none',
    caller: callers(app).managers,
    body: Type.Object({ ids: Type.Array(Id, { minItems: 1, maxItems: 100 }) }, strict),
    reply: Type.Object({
      message: Type.String(),
      deactivated: Type.Array(Id),
      unchanged: Type.Array(Id, { description: 'Were not active, or are no staff' }),
    }),
    handle: async ({ caller, body, request }) => {
      const ids = [...new Set(body.ids)]
      const deactivated = await app.write((tx) => deactivateStaff(tx, ids, actorOf(caller, request)))
      const unchanged = ids.filter((id) => !deactivated.includes(id))
      return { message: `${deactivated.length} deactivated`, deactivated, unchanged }
    },
  })

const changeRoute = (app: App) =>
  route({
    ...MANAGERS,
    method: 'PUT',
    path: `${PATH}/:id`,
    summary: 'Change the name, email or phone number of a staff account; what is left out stays',
    caller: callers(app).managers,
    params: IdParams,
    body: Type.Object(
      { name: Type.Optional(Name), email: Type.Optional(Email), phone_number: Type.Optional(Phone) },
      strict,
    ),
    reply: UserAndMessage,
    handle: async ({ caller, params, body, request }) => {
      const { name, email, phone_number: phoneNumber } = body
      try {
        const user = await app.write(async (tx) => {
          await staffById(tx, params.id)
          return updateProfile(tx, params.id, { name, email, phoneNumber }, actorOf(caller, request))
        })
        return { message: 'The account is saved', ...userReply(user) }
      } catch (error) {
        if (error instanceof Refusal || !email) throw error
        // Somebody took the address between our look and our write: the table's UNIQUE said so.
        throw (await isEmailTaken(app.db, email, params.id)) ? emailTaken() : error
      }
    },
  })

const deactivateRoute = (app: App) =>
  route({
    ...MANAGERS,
    method: 'DELETE',
    path: `${PATH}/:id`,
    summary: 'Deactivate a staff account: it is kept, and can do nothing',
    caller: callers(app).managers,
    params: IdParams,
    reply: UserAndMessage,
    handle: async ({ caller, params, request }) => {
      const user = await app.write(async (tx) => {
        await staffById(tx, params.id)
        return setActive(tx, { userId: params.id, isActive: false }, actorOf(caller, request))
      })
      return { message: 'The account is deactivated', ...userReply(user) }
    },
  })

const activateRoute = (app: App) =>
  route({
    ...MANAGERS,
    method: 'PUT',
    path: `${PATH}/:id/activate`,
    summary: 'Activate a staff account again',
    caller: callers(app).managers,
    params: IdParams,
    reply: UserAndMessage,
    handle: async ({ caller, params, request }) => {
      const user = await app.write(async (tx) => {
        await staffById(tx, params.id)
        return setActive(tx, { userId: params.id, isActive: true }, actorOf(caller, request))
      })
      return { message: 'The account is active', ...userReply(user) }
    },
  })

const roleRoute = (app: App) =>
  route({
    ...MANAGERS,
    method: 'PUT',
    path: `${PATH}/:id/role`,
    summary: 'Give a user another role: also a customer a job, or one of the staff none',
    caller: callers(app).managers,
    params: IdParams,
    body: Type.Object({ role: RoleName }, strict),
    reply: UserAndMessage,
    handle: async ({ caller, params, body, request }) => {
      const change = { userId: params.id, role: body.role }
      const user = await app.write((tx) => setRole(tx, change, actorOf(caller, request)))
      return { message: `The role is ${user.role}`, ...userReply(user) }
    },
  })
