import { SignJWT } from 'jose/jwt/sign'
import { jwtVerify } from 'jose/jwt/verify'
import { MINUTE_MS, SECOND_MS } from '../lib/time.ts'
import type { Role } from '../storage/tables.ts'
import { isAdmin } from './roles.ts'

export const ACCESS_TOKEN_MS = 15 * MINUTE_MS
const ALGORITHM = 'HS256'
const TYPE = 'JWT'
const ID = /^[1-9]\d{0,15}$/

export interface AccessClaims {
  userId: number
  sessionId: number
  /** Milliseconds UTC. */
  expiresAt: number
}

let imported: { secret: string; key: Promise<CryptoKey> } | undefined

/** A process has one secret: importing it again for each token would cost more than the signature. */
function keyOf(secret: string) {
  if (imported?.secret === secret) return imported.key
  const bytes = new TextEncoder().encode(secret)
  const key = crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ])
  imported = { secret, key }
  return key
}

/** @param until the end of the session in milliseconds UTC: no token outlives it. */
export async function signAccessToken(
  secret: string,
  { userId, sessionId, role }: { userId: number; sessionId: number; role: Role },
  { now, until }: { now: number; until: number },
) {
  return new SignJWT({ sid: sessionId, type: 'access', role, is_admin: isAdmin(role) })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .setSubject(String(userId))
    .setIssuedAt(Math.floor(now / SECOND_MS))
    .setExpirationTime(Math.floor(Math.min(now + ACCESS_TOKEN_MS, until) / SECOND_MS))
    .sign(await keyOf(secret))
}

/** What the token says, or null when it is not one of ours or its time has passed. */
export async function verifyAccessToken(
  secret: string,
  token: string,
  now: number,
): Promise<AccessClaims | null> {
  try {
    const { payload } = await jwtVerify(token, await keyOf(secret), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      requiredClaims: ['sub', 'sid', 'type', 'iat', 'exp'],
      currentDate: new Date(now),
    })
    const { sub, sid, type, exp } = payload
    if (type !== 'access' || !sub || !ID.test(sub) || !ID.test(String(sid)) || !exp) return null
    return { userId: Number(sub), sessionId: Number(sid), expiresAt: exp * SECOND_MS }
  } catch {
    return null
  }
}
