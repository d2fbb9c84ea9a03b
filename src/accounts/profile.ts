import { Refusal } from '../lib/refusal.ts'
import type { Db, Tx } from '../storage/storage.ts'
import { type Actor, recordAction } from './audit.ts'
import { cleanEmail, cleanName, cleanPhone } from './fields.ts'
import { revokeSessions } from './sessions.ts'
import { emailTaken, isEmailTaken, lockUser, noSuchUser, type User } from './users.ts'

/** What is left out stays as it is. */
export interface ProfileChanges {
  name?: string
  phoneNumber?: string | null
  /** Another address is one that nobody has verified. */
  email?: string
}

/**
 * @param by who of the staff changes it, for the audit trail; null when users change their own.
 * @throws Refusal `no_such_user` (missing), `email_taken` (conflict), or invalid, naming the field.
 */
export async function updateProfile(
  tx: Tx,
  userId: number,
  changes: ProfileChanges,
  by: Actor | null,
): Promise<User> {
  const before = await lockUser(tx, userId)
  const after = { ...before }
  if (changes.name !== undefined) after.name = cleanName(changes.name)
  if (changes.phoneNumber !== undefined) after.phone_number = cleanPhone(changes.phoneNumber)
  if (changes.email !== undefined) after.email = cleanEmail(changes.email)
  if (after.email !== before.email) {
    if (await isEmailTaken(tx, after.email, userId)) throw emailTaken()
    after.email_verified = 0
  }
  const { name, email, phone_number, email_verified } = after
  await tx
    .updateTable('users')
    .set({ name, email, phone_number, email_verified })
    .where('id', '=', userId)
    .execute()
  tx.touch(`user:${userId}`, 'users')
  if (by) {
    const shown = (user: User) => ({ name: user.name, email: user.email, phone_number: user.phone_number })
    await recordAction(tx, {
      ...by,
      action: 'user.update',
      targetType: 'user',
      targetId: userId,
      before: shown(before),
      after: shown(after),
    })
  }
  return after
}

/** What `changePassword` is asked to compare with; null for who has no password. */
export async function passwordOf(db: Db, userId: number) {
  const user = await db
    .selectFrom('users')
    .select(['email', 'name', 'password_hash'])
    .where('id', '=', userId)
    .executeTakeFirst()
  if (!user) throw noSuchUser()
  return user
}

export const wrongPassword = () =>
  new Refusal('invalid', 'wrong_password', 'current_password: is not your password', {
    errors: [{ field: 'current_password', message: 'is not your password' }],
  })

/**
 * Sets a password in place of the one that was verified, and ends the user's other sessions.
 *
 * @param verifiedHash the hash that the current password was found to match.
 * @throws Refusal `password_changed_meanwhile` (conflict).
 */
export async function changePassword(
  tx: Tx,
  { userId, sessionId }: { userId: number; sessionId: number },
  { verifiedHash, newHash }: { verifiedHash: string; newHash: string },
): Promise<{ sessionsEnded: number }> {
  const { numUpdatedRows } = await tx
    .updateTable('users')
    .set({ password_hash: newHash, updated_at: tx.now })
    .where('id', '=', userId)
    .where('password_hash', '=', verifiedHash)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) {
    throw new Refusal(
      'conflict',
      'password_changed_meanwhile',
      'The password was changed just now; sign in again',
    )
  }
  return { sessionsEnded: await revokeSessions(tx, { userId, reason: 'password_changed', keep: sessionId }) }
}
