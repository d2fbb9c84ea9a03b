import { randomToken, sha256 } from '../lib/secret.ts'
import { DAY_MS, HOUR_MS } from '../lib/time.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db, Tx } from '../storage/storage.ts'
import type { Role } from '../storage/tables.ts'
import { signAccessToken } from './access-token.ts'

/** A session that nobody refreshes for this long is over. */
export const SESSION_IDLE_MS = 2 * HOUR_MS
/** A session is over this long after its sign-in, however much it is used. */
export const SESSION_MS = 7 * DAY_MS
const USER_AGENT_MOST = 255
/** How long an ended session can still be looked up. */
const KEPT_MS = 30 * DAY_MS
const SESSIONS_MOST = 100

export interface SessionTokens {
  sessionId: number
  accessToken: string
  refreshToken: string
}

export interface Device {
  ip: string | null
  userAgent: string | null
}

/** Signs a user in: a new session with its first refresh token. */
export async function startSession(
  tx: Tx,
  jwtSecret: string,
  user: { id: number; role: Role },
  { ip, userAgent }: Device,
): Promise<SessionTokens> {
  const expiresAt = tx.now + SESSION_MS
  const { id: sessionId } = await tx
    .insertInto('sessions')
    .values({
      user_id: user.id,
      created_at: tx.now,
      last_used_at: tx.now,
      expires_at: expiresAt,
      revoked_at: null,
      revoked_reason: null,
      ip,
      user_agent: userAgent?.slice(0, USER_AGENT_MOST) ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const refreshToken = randomToken()
  await tx
    .insertInto('refresh_tokens')
    .values({ hash: sha256(refreshToken), session_id: sessionId, created_at: tx.now, used_at: null })
    .execute()
  const principal = { userId: user.id, sessionId, role: user.role }
  const accessToken = await signAccessToken(jwtSecret, principal, { now: tx.now, until: expiresAt })
  return { sessionId, accessToken, refreshToken }
}

/** The user's live sessions, newest first, at most `SESSIONS_MOST`. */
export const sessionsOf = (db: Db | Tx, userId: number, now: number) =>
  selectLive(db, { userId, now, idleFrom: now - SESSION_IDLE_MS })

const selectLive = prepared((db, given: Given<{ userId: number; now: number; idleFrom: number }>) =>
  db
    .selectFrom('sessions')
    .select(['id', 'created_at', 'last_used_at', 'expires_at', 'ip', 'user_agent'])
    .where('user_id', '=', given('userId'))
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', given('now'))
    .where('last_used_at', '>', given('idleFrom'))
    .orderBy('id', 'desc')
    .limit(SESSIONS_MOST),
)

export type RevokeReason = 'logout' | 'logout_all' | 'revoked' | 'password_changed' | 'deactivated' | 'reused'

/**
 * Ends a session of the user: its refresh tokens and its access tokens are refused from the next request on.
 *
 * @returns whether there was one to end.
 */
export async function revokeSession(
  tx: Tx,
  { userId, sessionId, reason }: { userId: number; sessionId: number; reason: RevokeReason },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('sessions')
    .set({ revoked_at: tx.now, revoked_reason: reason })
    .where('id', '=', sessionId)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow()
  tx.touch(`session:${sessionId}`)
  return numUpdatedRows > 0n
}

/**
 * Ends all sessions of the user (or of several), or all but `keep`.
 *
 * @returns how many live ones that were.
 */
export async function revokeSessions(
  tx: Tx,
  { userId, reason, keep = null }: { userId: number | number[]; reason: RevokeReason; keep?: number | null },
): Promise<number> {
  const userIds = [userId].flat()
  const ended = await tx
    .updateTable('sessions')
    .set({ revoked_at: tx.now, revoked_reason: reason })
    .where('user_id', 'in', userIds)
    .where('revoked_at', 'is', null)
    .$if(keep !== null, (query) => query.where('id', '<>', keep))
    .returning(['expires_at', 'last_used_at'])
    .execute()
  tx.touch(...userIds.map((id) => `user:${id}`))
  return ended.filter((session) => isLive(session, tx.now)).length
}

export const isLive = (session: { expires_at: number; last_used_at: number }, now: number) =>
  now < session.expires_at && now < session.last_used_at + SESSION_IDLE_MS

/**
 * Deletes some sessions that ended over 30 days ago, with their refresh tokens. Only the absolute end is asked,
 * which has an index: the real one was at most seven days before.
 *
 * @returns how many; fewer than `most` when none is left.
 */
export async function sweepSessions(tx: Tx, most: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('sessions')
    .where('id', 'in', (ids) =>
      ids
        .selectFrom('sessions')
        .select('id')
        .where('expires_at', '<', tx.now - KEPT_MS)
        .orderBy('expires_at')
        .limit(most),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
