import { Refusal } from '../lib/refusal.ts'
import type { Db, Tx } from '../storage/storage.ts'
import { foldEmail } from './fields.ts'
import { type Device, type SessionTokens, startSession } from './sessions.ts'

const invalidCredentials = () =>
  new Refusal('unauthenticated', 'invalid_credentials', 'Invalid email or password')

/** Who has the address, with what a sign-in asks of them; undefined for nobody. */
export function candidateFor(db: Db, email: string) {
  return db
    .selectFrom('users')
    .select(['id', 'email', 'name', 'role', 'is_active', 'email_verified', 'password_hash'])
    .where('email', '=', foldEmail(email))
    .executeTakeFirst()
}

export type Candidate = NonNullable<Awaited<ReturnType<typeof candidateFor>>>

/**
 * An unknown email, a wrong password, a deactivated user and one without a password are refused alike.
 *
 * @throws Refusal `invalid_credentials` (unauthenticated).
 */
export function refuseUnlessRight(candidate: Candidate | undefined, isRight: boolean): Candidate {
  if (!candidate || !isRight || candidate.is_active === 0) throw invalidCredentials()
  return candidate
}

/**
 * Starts a session for a candidate whose password was found right. Their password and standing are asked again
 * in the claim, as both may have changed while the password was hashed.
 *
 * @throws Refusal `invalid_credentials` (unauthenticated).
 */
export async function signIn(
  tx: Tx,
  jwtSecret: string,
  candidate: Candidate,
  device: Device,
): Promise<SessionTokens> {
  const user = await tx
    .updateTable('users')
    .set({ last_login_at: tx.now })
    .where('id', '=', candidate.id)
    .where('is_active', '=', 1)
    .where('password_hash', '=', candidate.password_hash)
    .returning(['id', 'role'])
    .executeTakeFirst()
  if (!user) throw invalidCredentials()
  tx.touch(`login:${user.id}`)
  return startSession(tx, jwtSecret, user, device)
}
