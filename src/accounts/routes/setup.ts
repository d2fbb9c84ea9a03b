import Type from 'typebox'
import type { App } from '../../app.ts'
import { type Route, route } from '../../http/route.ts'
import { anyone } from '../callers.ts'
import { cleanEmail, cleanName } from '../fields.ts'
import { checkPassword, hashPassword } from '../password.ts'
import { startSession } from '../sessions.ts'
import { checkSetupToken, createFirstManager } from '../setup.ts'
import { deviceOf, giveRefreshToken } from './cookie.ts'
import { Email, Name, NewPassword, SignedUp, signedUpReply, strict } from './schemas.ts'
import { setupPage } from './setup-page.ts'

const TAG = 'Setup'
const TRIES = { points: 20, seconds: 900 }

export function setupRoutes(app: App): Route[] {
  return [pageRoute(), setupRoute(app)]
}

const pageRoute = () =>
  route({
    method: 'GET',
    path: '/setup',
    summary: 'The form for the first manager, which the first start links to',
    tag: TAG,
    caller: anyone,
    query: Type.Object({ token: Type.Optional(Type.String({ maxLength: 100 })) }, strict),
    produces: 'text/html',
    targetMs: 1_000,
    handle: () => {
      const { html, headers } = setupPage()
      return new Response(html, { headers: { ...headers, 'cache-control': 'no-store' } })
    },
  })

const setupRoute = (app: App) =>
  route({
    method: 'POST',
    path: '/api/setup',
    summary: 'Make the first manager with the token that the first start printed',
    tag: TAG,
    caller: anyone,
    body: Type.Object(
      {
        token: Type.String({ minLength: 1, maxLength: 100 }),
        email: Email,
        name: Name,
        password: NewPassword,
      },
      strict,
    ),
    reply: SignedUp,
    status: 201,
    limit: TRIES,
    targetMs: 1_000,
    handle: async ({ body, request, reply }) => {
      await checkSetupToken(app.db, body.token)
      const email = cleanEmail(body.email)
      const name = cleanName(body.name)
      checkPassword(body.password, { email, name })
      const manager = { email, name, passwordHash: await hashPassword(body.password) }
      const from = { ip: request.address, requestId: request.id }
      const { user, session } = await app.write(async (tx) => {
        const user = await createFirstManager(tx, body.token, manager, from)
        return { user, session: await startSession(tx, app.config.jwtSecret, user, deviceOf(request)) }
      })
      giveRefreshToken(app.config, request, reply, session.refreshToken)
      return signedUpReply(user, session.accessToken)
    },
  })
