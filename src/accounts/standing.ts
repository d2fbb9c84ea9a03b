import { Refusal } from '../lib/refusal.ts'
import type { Tx } from '../storage/storage.ts'
import type { Role } from '../storage/tables.ts'
import { type Actor, recordAction, recordActions } from './audit.ts'
import { STAFF_ROLES } from './roles.ts'
import { revokeSessions } from './sessions.ts'
import { endSetup, lockUser, type User } from './users.ts'

/**
 * Whoever may take a manager away holds this row, so that they take turns: two managers who demote each other
 * at once would otherwise each still see the other.
 */
async function lockManagers(tx: Tx) {
  await tx
    .insertInto('facts')
    .values({ name: 'managers_lock', value: String(tx.now) })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: String(tx.now) }))
    .execute()
}

/** Call it after the change, under `lockManagers`. @throws Refusal `last_manager` (conflict). */
async function keepAManager(tx: Tx) {
  const manager = await tx
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'manager')
    .where('is_active', '=', 1)
    .limit(1)
    .executeTakeFirst()
  if (manager) return
  throw new Refusal(
    'conflict',
    'last_manager',
    'The last active manager cannot be deactivated or demoted: make another manager first',
  )
}

/**
 * Activates or deactivates a user. Who is deactivated is signed out everywhere, from the next request on.
 *
 * @throws Refusal `no_such_user` (missing), `last_manager` (conflict).
 */
export async function setActive(
  tx: Tx,
  { userId, isActive }: { userId: number; isActive: boolean },
  by: Actor,
): Promise<User> {
  await lockManagers(tx)
  const before = await lockUser(tx, userId)
  const is_active = isActive ? 1 : 0
  if (before.is_active === is_active) return before
  await tx.updateTable('users').set({ is_active }).where('id', '=', userId).execute()
  tx.touch(`user:${userId}`, 'users')
  if (!isActive) {
    await revokeSessions(tx, { userId, reason: 'deactivated' })
    if (before.role === 'manager') await keepAManager(tx)
  }
  await recordAction(tx, {
    ...by,
    action: isActive ? 'user.activate' : 'user.deactivate',
    targetType: 'user',
    targetId: userId,
    before: { is_active: !isActive },
    after: { is_active: isActive },
  })
  return { ...before, is_active }
}

/**
 * Gives a user another role; it counts from their next request on.
 *
 * @throws Refusal `no_such_user` (missing), `last_manager` (conflict).
 */
export async function setRole(
  tx: Tx,
  { userId, role }: { userId: number; role: Role },
  by: Actor,
): Promise<User> {
  await lockManagers(tx)
  const before = await lockUser(tx, userId)
  if (before.role === role) return before
  await tx.updateTable('users').set({ role }).where('id', '=', userId).execute()
  tx.touch(`user:${userId}`, 'users')
  if (before.role === 'manager' && before.is_active === 1) await keepAManager(tx)
  if (role === 'manager') await endSetup(tx)
  await recordAction(tx, {
    ...by,
    action: 'user.role',
    targetType: 'user',
    targetId: userId,
    before: { role: before.role },
    after: { role },
  })
  return { ...before, role }
}

/**
 * Deactivates staff, all of them or none.
 *
 * @returns the ids of those who were active; who was not, or is no staff, is left alone.
 * @throws Refusal `last_manager` (conflict).
 */
export async function deactivateStaff(tx: Tx, userIds: readonly number[], by: Actor): Promise<number[]> {
  await lockManagers(tx)
  const changed = await tx
    .updateTable('users')
    .set({ is_active: 0, updated_at: tx.now })
    .where('id', 'in', userIds)
    .where('role', 'in', STAFF_ROLES)
    .where('is_active', '=', 1)
    .returning(['id', 'role'])
    .execute()
  const ids = changed.map(({ id }) => id).sort((a, b) => a - b)
  if (ids.length === 0) return []
  await revokeSessions(tx, { userId: ids, reason: 'deactivated' })
  tx.touch('users')
  if (changed.some(({ role }) => role === 'manager')) await keepAManager(tx)
  await recordStanding(tx, ids, false, by)
  return ids
}

/**
 * Activates or deactivates customers; who is deactivated is signed out everywhere.
 *
 * @returns the ids of those whom it changed; who was so already, or is no customer, is left alone.
 */
export async function setCustomersActive(
  tx: Tx,
  { userIds, isActive }: { userIds: readonly number[]; isActive: boolean },
  by: Actor,
): Promise<number[]> {
  // One after the other, as `setActive`: two of these that lock the same users never wait for each other.
  await lockManagers(tx)
  const changed = await tx
    .updateTable('users')
    .set({ is_active: isActive ? 1 : 0, updated_at: tx.now })
    .where('id', 'in', userIds)
    .where('role', '=', 'customer')
    .where('is_active', '=', isActive ? 0 : 1)
    .returning('id')
    .execute()
  const ids = changed.map(({ id }) => id).sort((a, b) => a - b)
  if (ids.length === 0) return []
  if (!isActive) await revokeSessions(tx, { userId: ids, reason: 'deactivated' })
  tx.touch(...ids.map((id) => `user:${id}`), 'users')
  await recordStanding(tx, ids, isActive, by)
  return ids
}

const recordStanding = (tx: Tx, userIds: readonly number[], isActive: boolean, by: Actor) =>
  recordActions(
    tx,
    userIds.map((id) => ({
      ...by,
      action: isActive ? 'user.activate' : 'user.deactivate',
      targetType: 'user',
      targetId: id,
      before: { is_active: !isActive },
      after: { is_active: isActive },
    })),
  )
