import type { Config } from '../../config.ts'
import type { Incoming } from '../../http/incoming.ts'
import type { Outgoing } from '../../http/route.ts'
import { Refusal } from '../../lib/refusal.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { type Device, SESSION_MS } from '../sessions.ts'

const NAME = 'refresh_token'
const TOKEN = /^[\w-]{43}$/

const attributes = (config: Config, request: Incoming, maxAgeSeconds: number) => {
  const secure = request.isSecure || config.publicUrl?.startsWith('https:') ? '; Secure' : ''
  return `Max-Age=${maxAgeSeconds}; Path=/api/auth; HttpOnly; SameSite=Lax${secure}`
}

/** Only scripts of nobody and only /api/auth get to see it. */
export function giveRefreshToken(config: Config, request: Incoming, reply: Outgoing, token: string) {
  reply.header('set-cookie', `${NAME}=${token}; ${attributes(config, request, SESSION_MS / SECOND_MS)}`)
}

export function takeRefreshTokenBack(config: Config, request: Incoming, reply: Outgoing) {
  reply.header('set-cookie', `${NAME}=; ${attributes(config, request, 0)}`)
}

/** The token of the cookie, when it can be one of ours. */
export function refreshTokenOf(request: Incoming): string | null {
  const token = request.cookie(NAME)
  return token && TOKEN.test(token) ? token : null
}

/**
 * Browsers send the cookie by themselves, and say from which origin: another one's page may not use it.
 * @throws Refusal `foreign_origin` (forbidden).
 */
export function refuseForeignOrigin(config: Config, request: Incoming) {
  const origin = request.header('origin')
  if (!origin || config.corsOrigins.includes(origin)) return
  const host = request.header('host')
  const own = URL.canParse(origin) ? new URL(origin) : null
  if (own && (own.host === host || own.origin === originOf(config.publicUrl))) return
  throw new Refusal(
    'forbidden',
    'foreign_origin',
    'A page of another origin may not use this: add the origin to ZIMMER_CORS_ORIGINS if it is yours',
  )
}

const originOf = (url: string | null) => (url ? new URL(url).origin : null)

export const deviceOf = (request: Incoming): Device => ({
  ip: request.address,
  userAgent: request.header('user-agent'),
})
