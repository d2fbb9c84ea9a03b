import { hmac, sha256 } from '../lib/secret.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { Db, Tx } from '../storage/storage.ts'
import { signAccessToken } from './access-token.ts'
import { isLive, revokeSession, type SessionTokens } from './sessions.ts'

/** A reply may get lost: for this long after its first use a token gets the same successor again. */
export const RETRY_MS = 10 * SECOND_MS

export type Refreshed =
  | (SessionTokens & { outcome: 'refreshed' })
  /** No token of ours, or one of a session that has ended, of a user who may not sign in. */
  | { outcome: 'ended' }
  /** A used token came back: its whole family has just been ended, as somebody has stolen one of the two. */
  | { outcome: 'reused' }

/**
 * Trades a refresh token for its successor and an access token.
 *
 * The successor is derived from the token, so that a retry finds the same one though only hashes are stored.
 * Refusals are returned, not thrown: what `reused` has ended must stay ended.
 */
export async function refreshSession(tx: Tx, jwtSecret: string, token: string): Promise<Refreshed> {
  const hash = sha256(token)
  const found = await tx
    .selectFrom('refresh_tokens')
    .innerJoin('sessions', 'sessions.id', 'refresh_tokens.session_id')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['sessions.id', 'sessions.user_id', 'sessions.expires_at', 'sessions.last_used_at', 'users.role'])
    .where('refresh_tokens.hash', '=', hash)
    .where('sessions.revoked_at', 'is', null)
    .where('users.is_active', '=', 1)
    .executeTakeFirst()
  if (!found || !isLive(found, tx.now)) return { outcome: 'ended' }

  const successor = hmac(jwtSecret, `refresh:${token}`)
  const { numUpdatedRows: claimed } = await tx
    .updateTable('refresh_tokens')
    .set({ used_at: tx.now })
    .where('hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  if (claimed === 0n && !(await mayRetry(tx, hash, sha256(successor)))) {
    await revokeSession(tx, { userId: found.user_id, sessionId: found.id, reason: 'reused' })
    return { outcome: 'reused' }
  }
  if (claimed > 0n && !(await rotate(tx, found.id, sha256(successor)))) return { outcome: 'ended' }

  const principal = { userId: found.user_id, sessionId: found.id, role: found.role }
  const times = { now: tx.now, until: found.expires_at }
  const accessToken = await signAccessToken(jwtSecret, principal, times)
  return { outcome: 'refreshed', sessionId: found.id, accessToken, refreshToken: successor }
}

/** False when the session was ended while we looked. */
async function rotate(tx: Tx, sessionId: number, successorHash: string) {
  const { numUpdatedRows } = await tx
    .updateTable('sessions')
    .set({ last_used_at: tx.now })
    .where('id', '=', sessionId)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return false
  await tx
    .insertInto('refresh_tokens')
    .values({ hash: successorHash, session_id: sessionId, created_at: tx.now, used_at: null })
    .execute()
  return true
}

/** The token was used a moment ago, and what it was traded for not yet. */
async function mayRetry(tx: Tx, hash: string, successorHash: string) {
  const rows = await tx
    .selectFrom('refresh_tokens')
    .select(['hash', 'used_at'])
    .where('hash', 'in', [hash, successorHash])
    .execute()
  const usedAt = rows.find((row) => row.hash === hash)?.used_at ?? null
  const successor = rows.find((row) => row.hash === successorHash)
  return (
    usedAt !== null && tx.now <= usedAt + RETRY_MS && successor !== undefined && successor.used_at === null
  )
}

/** Whose session a refresh token belongs to, used or not. */
export function sessionOfRefreshToken(db: Db, token: string) {
  return db
    .selectFrom('refresh_tokens')
    .innerJoin('sessions', 'sessions.id', 'refresh_tokens.session_id')
    .select(['sessions.id as sessionId', 'sessions.user_id as userId'])
    .where('refresh_tokens.hash', '=', sha256(token))
    .executeTakeFirst()
}
