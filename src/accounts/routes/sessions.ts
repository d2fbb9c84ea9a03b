import Type from 'typebox'
import type { App } from '../../app.ts'
import type { Incoming } from '../../http/incoming.ts'
import { type Route, route } from '../../http/route.ts'
import { Refusal } from '../../lib/refusal.ts'
import { hmac } from '../../lib/secret.ts'
import { iso } from '../../lib/time.ts'
import { anyone, callers } from '../callers.ts'
import { refreshSession, sessionOfRefreshToken } from '../refresh.ts'
import { revokeSession, revokeSessions, sessionsOf } from '../sessions.ts'
import { giveRefreshToken, refreshTokenOf, refuseForeignOrigin, takeRefreshTokenBack } from './cookie.ts'
import { Id, IdParams, Nothing, Ok, Time } from './schemas.ts'

const TAG = 'Sessions'
const TARGET_MS = 800
const REFRESHES = { points: 300, seconds: 60 }

const SessionReply = Type.Object({
  id: Id,
  created_at: Time,
  last_used_at: Time,
  expires_at: Time,
  ip: Type.Union([Type.String(), Nothing]),
  user_agent: Type.Union([Type.String(), Nothing]),
  current: Type.Boolean({ description: 'The one that asks' }),
})

export function sessionRoutes(app: App): Route[] {
  return [
    refreshRoute(app),
    logoutRoute(app),
    logoutAllRoute(app),
    csrfRoute(app),
    listRoute(app),
    revokeRoute(app),
  ]
}

const refreshRoute = (app: App) =>
  route({
    method: 'POST',
    path: '/api/auth/refresh',
    summary: 'Trade the cookie refresh_token for an access token and another cookie',
    tag: TAG,
    caller: anyone,
    reply: Type.Object({ access_token: Type.String(), token_type: Type.Literal('bearer') }),
    limit: REFRESHES,
    targetMs: TARGET_MS,
    vital: true,
    handle: async ({ request, reply }) => {
      refuseForeignOrigin(app.config, request)
      const token = refreshTokenOf(request)
      if (!token) throw noSession()
      const refreshed = await app.write((tx) => refreshSession(tx, app.config.jwtSecret, token))
      // No later request gets further with this cookie either.
      if (refreshed.outcome !== 'refreshed') takeRefreshTokenBack(app.config, request, reply)
      if (refreshed.outcome === 'reused') throw reused()
      if (refreshed.outcome === 'ended') throw noSession()
      giveRefreshToken(app.config, request, reply, refreshed.refreshToken)
      return { access_token: refreshed.accessToken, token_type: 'bearer' as const }
    },
  })

const noSession = () =>
  new Refusal(
    'unauthenticated',
    'not_signed_in',
    'There is no cookie refresh_token of a session that still runs: sign in again',
  )

const reused = () =>
  new Refusal(
    'unauthenticated',
    'refresh_token_reused',
    'This refresh token was used before, so its session has been ended: sign in again',
  )

/** Ends what it is shown: the session of the cookie, of the access token, of both, or of neither. */
function logoutRoute(app: App) {
  const { signedIn } = callers(app)

  async function sessionsShown(request: Incoming) {
    const token = refreshTokenOf(request)
    const ofCookie = token ? await sessionOfRefreshToken(app.db, token) : undefined
    const ofBearer = request.bearer ? await principalOrNull(request) : null
    return [ofCookie, ofBearer].filter((session) => session !== undefined && session !== null)
  }

  async function principalOrNull(request: Incoming) {
    try {
      return await signedIn.resolve(request)
    } catch (error) {
      if (error instanceof Refusal) return null
      throw error
    }
  }

  return route({
    method: 'POST',
    path: '/api/auth/logout',
    summary: 'End this session',
    tag: TAG,
    caller: anyone,
    reply: Ok,
    targetMs: TARGET_MS,
    handle: async ({ request, reply }) => {
      refuseForeignOrigin(app.config, request)
      const sessions = await sessionsShown(request)
      if (sessions.length > 0) {
        await app.write(async (tx) => {
          for (const { userId, sessionId } of sessions) {
            await revokeSession(tx, { userId, sessionId, reason: 'logout' })
          }
        })
      }
      takeRefreshTokenBack(app.config, request, reply)
      return { ok: true, message: 'You are signed out' }
    },
  })
}

const logoutAllRoute = (app: App) =>
  route({
    method: 'POST',
    path: '/api/auth/logout-all',
    summary: 'End all sessions of mine, this one too',
    tag: TAG,
    caller: callers(app).signedIn,
    reply: Type.Object({ ok: Type.Boolean(), message: Type.String(), revoked: Type.Integer() }),
    targetMs: TARGET_MS,
    handle: async ({ caller, request, reply }) => {
      const { userId } = caller
      const revoked = await app.write((tx) => revokeSessions(tx, { userId, reason: 'logout_all' }))
      takeRefreshTokenBack(app.config, request, reply)
      return { ok: true, message: 'You are signed out everywhere', revoked }
    },
  })

const csrfRoute = (app: App) =>
  route({
    method: 'GET',
    path: '/api/auth/csrf',
    summary: 'A token that only pages of this session know',
    tag: TAG,
    caller: callers(app).signedIn,
    reply: Type.Object({ csrf_token: Type.String() }),
    targetMs: TARGET_MS,
    handle: ({ caller }) => ({ csrf_token: hmac(app.config.jwtSecret, `csrf:${caller.sessionId}`) }),
  })

const listRoute = (app: App) =>
  route({
    method: 'GET',
    path: '/api/auth/sessions',
    summary: 'Where I am signed in, newest first, 100 at most',
    tag: TAG,
    caller: callers(app).signedIn,
    reply: Type.Array(SessionReply),
    targetMs: TARGET_MS,
    handle: async ({ caller }) => {
      const sessions = await sessionsOf(app.db, caller.userId, app.clock())
      return sessions.map((session) => ({
        id: session.id,
        created_at: iso(session.created_at),
        last_used_at: iso(session.last_used_at),
        expires_at: iso(session.expires_at),
        ip: session.ip,
        user_agent: session.user_agent,
        current: session.id === caller.sessionId,
      }))
    },
  })

const revokeRoute = (app: App) =>
  route({
    method: 'DELETE',
    path: '/api/auth/sessions/:id',
    summary: 'End one of my sessions',
    tag: TAG,
    caller: callers(app).signedIn,
    params: IdParams,
    reply: Ok,
    targetMs: TARGET_MS,
    handle: async ({ caller, params }) => {
      const session = { userId: caller.userId, sessionId: params.id, reason: 'revoked' as const }
      if (await app.write((tx) => revokeSession(tx, session)))
        return { ok: true, message: 'The session is ended' }
      throw new Refusal('missing', 'no_such_session', 'You have no running session with this id')
    },
  })
