import Type from 'typebox'
import type { App } from '../../app.ts'
import { type Route, route } from '../../http/route.ts'
import { callers, type Principal } from '../callers.ts'
import { wrongField } from '../fields.ts'
import { checkPassword, hashPassword, verifyPassword } from '../password.ts'
import { changePassword, passwordOf, updateProfile, wrongPassword } from '../profile.ts'
import { isAdmin, isStaff } from '../roles.ts'
import { userFinder } from '../users.ts'
import { Attempts } from './attempts.ts'
import {
  GivenPassword,
  Id,
  Message,
  Name,
  NewPassword,
  Phone,
  strict,
  UserAndMessage,
  UserReply,
  userReply,
} from './schemas.ts'

const TAG = 'Profile'
const TARGET_MS = 500
/** As long as signing in: it hashes two passwords. */
const PASSWORD_TARGET_MS = 800

const ofCaller = { ttlSeconds: 300, tags: ({ caller }: { caller: Principal }) => [`user:${caller.userId}`] }

export function meRoutes(app: App): Route[] {
  const findUser = userFinder(app.storage)
  return [authMeRoute(app, findUser), meRoute(app, findUser), profileRoute(app), passwordRoute(app)]
}

type FindUser = ReturnType<typeof userFinder>

const authMeRoute = (app: App, findUser: FindUser) =>
  route({
    method: 'GET',
    path: '/api/auth/me',
    summary: 'Who is signed in, in short',
    tag: TAG,
    caller: callers(app).signedIn,
    reply: Type.Object({ id: Id, email: Type.String(), name: Type.String(), is_admin: Type.Boolean() }),
    targetMs: TARGET_MS,
    cache: ofCaller,
    handle: async ({ caller }) => {
      const { id, email, name, role } = await findUser(caller.userId)
      return { id, email, name, is_admin: isAdmin(role) }
    },
  })

const meRoute = (app: App, findUser: FindUser) =>
  route({
    method: 'GET',
    path: '/api/me',
    summary: 'The signed-in user',
    tag: TAG,
    caller: callers(app).signedIn,
    reply: UserReply,
    targetMs: TARGET_MS,
    cache: ofCaller,
    handle: async ({ caller }) => userReply(await findUser(caller.userId)),
  })

const profileRoute = (app: App) =>
  route({
    method: 'PUT',
    path: '/api/user/profile',
    summary: 'Change my name or phone number; what is left out stays',
    tag: TAG,
    caller: callers(app).signedIn,
    body: Type.Object({ name: Type.Optional(Name), phone_number: Type.Optional(Phone) }, strict),
    reply: UserAndMessage,
    targetMs: TARGET_MS,
    handle: async ({ caller, body }) => {
      const changes = {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.phone_number === undefined ? {} : { phoneNumber: body.phone_number }),
      }
      const user = await app.write((tx) => updateProfile(tx, caller.userId, changes, null))
      return { message: 'Your profile is saved', ...userReply(user) }
    },
  })

function passwordRoute(app: App) {
  const attempts = new Attempts(app.config)

  async function verified({ userId, role }: Principal, password: string) {
    const user = await passwordOf(app.db, userId)
    const isRight = await verifyPassword(password, user.password_hash, { forStaff: isStaff(role) })
    if (!isRight || !user.password_hash) throw wrongPassword()
    return { ...user, verifiedHash: user.password_hash }
  }

  return route({
    method: 'POST',
    path: '/api/user/password',
    summary: 'Change my password, which ends my other sessions',
    tag: TAG,
    caller: callers(app).signedIn,
    body: Type.Object(
      {
        current_password: GivenPassword,
        new_password: NewPassword,
        confirm_password: Type.String({ maxLength: 1_024 }),
      },
      strict,
    ),
    reply: Message,
    targetMs: PASSWORD_TARGET_MS,
    handle: async ({ caller, body }) => {
      const { current_password, new_password, confirm_password } = body
      if (new_password !== confirm_password) {
        throw wrongField('confirm_password', 'must be the same as new_password')
      }
      const guesser = { account: String(caller.userId), network: null }
      const { email, name, verifiedHash } = await attempts.run(guesser, () =>
        verified(caller, current_password),
      )
      checkPassword(new_password, { email, name }, 'new_password')
      const newHash = await hashPassword(new_password, { forStaff: isStaff(caller.role) })
      await app.write((tx) => changePassword(tx, caller, { verifiedHash, newHash }))
      return { message: 'Your password is changed; your other sessions are ended' }
    },
  })
}
