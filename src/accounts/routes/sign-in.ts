import Type, { type Static } from 'typebox'
import type { App } from '../../app.ts'
import type { Incoming } from '../../http/incoming.ts'
import { type Route, route } from '../../http/route.ts'
import { anyone } from '../callers.ts'
import { cleanEmail, cleanName, cleanPhone, foldEmail, wrongField } from '../fields.ts'
import { checkPassword, hashPassword, verifyPassword } from '../password.ts'
import { isAdmin, isStaff } from '../roles.ts'
import { startSession } from '../sessions.ts'
import { candidateFor, refuseUnlessRight, signIn } from '../sign-in.ts'
import { createUser, emailTaken, isEmailTaken } from '../users.ts'
import { Attempts } from './attempts.ts'
import { deviceOf, giveRefreshToken } from './cookie.ts'
import {
  Email,
  GivenPassword,
  Id,
  Name,
  NewPassword,
  Phone,
  RoleName,
  SignedUp,
  signedUpReply,
  strict,
} from './schemas.ts'

const TAG = 'Signing in'
const TARGET_MS = 800
/** Per address: a household signs up a few times, a script thousands. */
const SIGN_UPS = { points: 20, seconds: 3_600 }

const Signup = Type.Object(
  {
    email: Email,
    password: NewPassword,
    name: Name,
    confirm_password: Type.String({ maxLength: 1_024 }),
    phone_number: Type.Optional(Phone),
  },
  strict,
)

const Register = Type.Object(
  { name: Name, email: Email, phone_number: Type.Optional(Phone), password: NewPassword },
  strict,
)

const Registered = Type.Object({
  message: Type.String(),
  user_id: Id,
  email: Type.String(),
  access_token: Type.String(),
})

const LoggedIn = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('bearer'),
  user: Type.Object({
    id: Id,
    email: Type.String(),
    name: Type.String(),
    role: RoleName,
    is_admin: Type.Boolean(),
    email_verified: Type.Boolean(),
  }),
})

/** A new customer, signed in. Whatever can be refused is refused before a password is hashed for it. */
async function signUp(app: App, body: Static<typeof Register>, request: Incoming) {
  const fields = {
    email: cleanEmail(body.email),
    name: cleanName(body.name),
    phoneNumber: cleanPhone(body.phone_number),
  }
  checkPassword(body.password, fields)
  if (await isEmailTaken(app.db, fields.email)) throw emailTaken()
  const passwordHash = await hashPassword(body.password)
  return app.write(async (tx) => {
    const user = await createUser(tx, { ...fields, passwordHash, role: 'customer' })
    return { user, session: await startSession(tx, app.config.jwtSecret, user, deviceOf(request)) }
  })
}

export function signInRoutes(app: App): Route[] {
  return [signupRoute(app), registerRoute(app), loginRoute(app)]
}

const signupRoute = (app: App) =>
  route({
    method: 'POST',
    path: '/api/auth/signup',
    summary: 'Become a customer',
    tag: TAG,
    caller: anyone,
    body: Signup,
    reply: SignedUp,
    status: 201,
    limit: SIGN_UPS,
    targetMs: TARGET_MS,
    handle: async ({ body, request, reply }) => {
      if (body.password !== body.confirm_password) {
        throw wrongField('confirm_password', 'must be the same as password')
      }
      const { user, session } = await signUp(app, body, request)
      giveRefreshToken(app.config, request, reply, session.refreshToken)
      return signedUpReply(user, session.accessToken)
    },
  })

const registerRoute = (app: App) =>
  route({
    method: 'POST',
    path: '/api/auth/register',
    summary: 'Become a customer: the older form of signup',
    tag: TAG,
    caller: anyone,
    body: Register,
    reply: Registered,
    status: 201,
    limit: SIGN_UPS,
    targetMs: TARGET_MS,
    handle: async ({ body, request, reply }) => {
      const { user, session } = await signUp(app, body, request)
      giveRefreshToken(app.config, request, reply, session.refreshToken)
      return {
        message: 'You are registered',
        user_id: user.id,
        email: user.email,
        access_token: session.accessToken,
      }
    },
  })

function loginRoute(app: App) {
  const attempts = new Attempts(app.config)

  async function login(email: string, password: string, request: Incoming) {
    const found = await candidateFor(app.db, email)
    const forStaff = found !== undefined && isStaff(found.role) && found.is_active === 1
    const isRight = await verifyPassword(password, found?.password_hash ?? null, { forStaff })
    const user = refuseUnlessRight(found, isRight)
    const session = await app.write((tx) => signIn(tx, app.config.jwtSecret, user, deviceOf(request)))
    return { user, session }
  }

  return route({
    method: 'POST',
    path: '/api/auth/login',
    summary: 'Sign in with a password',
    tag: TAG,
    caller: anyone,
    body: Type.Object(
      { email: Type.String({ minLength: 1, maxLength: 254 }), password: GivenPassword },
      strict,
    ),
    reply: LoggedIn,
    targetMs: TARGET_MS,
    vital: true,
    handle: async ({ body, request, reply }) => {
      const account = foldEmail(body.email)
      const guesser = { account, network: request.network }
      const { user, session } = await attempts.run(guesser, () => login(account, body.password, request))
      giveRefreshToken(app.config, request, reply, session.refreshToken)
      const { id, email, name, role } = user
      return {
        access_token: session.accessToken,
        token_type: 'bearer' as const,
        user: { id, email, name, role, is_admin: isAdmin(role), email_verified: user.email_verified === 1 },
      }
    },
  })
}
