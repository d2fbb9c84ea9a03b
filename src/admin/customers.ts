import {
  type Actor,
  isStaff,
  type ProfileChanges,
  setActive,
  updateProfile,
  userById,
} from '../accounts/accounts.ts'
import { Refusal } from '../lib/refusal.ts'
import type { Tx } from '../storage/storage.ts'
import type { Role } from '../storage/tables.ts'
import { shownUser } from './users.ts'

/**
 * Changes a customer's name or phone number.
 *
 * @throws Refusal `no_such_user` (missing), `staff_account` (forbidden), or invalid, naming the field.
 */
export async function updateCustomer(tx: Tx, userId: number, changes: ProfileChanges, by: Actor) {
  customerOnly(await userById(tx, userId))
  return shownUser(customerOnly(await updateProfile(tx, userId, changes, by)))
}

/**
 * Activates or deactivates a customer; who is deactivated is signed out everywhere.
 *
 * @throws Refusal `no_such_user` (missing), `staff_account` (forbidden).
 */
export async function setCustomerActive(tx: Tx, userId: number, isActive: boolean, by: Actor) {
  customerOnly(await userById(tx, userId))
  return shownUser(customerOnly(await setActive(tx, { userId, isActive }, by)))
}

/**
 * Asked before, so that a refusal is about this, and after the change, when the row is held and nobody can
 * promote the customer any more: a refusal then rolls the change back.
 */
function customerOnly<U extends { role: Role }>(user: U): U {
  if (!isStaff(user.role)) return user
  throw new Refusal(
    'forbidden',
    'staff_account',
    'This is a staff account: managers change those under /api/admin/users/managers',
  )
}
