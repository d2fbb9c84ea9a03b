import { Refusal } from '../lib/refusal.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db, Storage, Tx } from '../storage/storage.ts'
import type { Role } from '../storage/tables.ts'
import { cleanEmail, cleanName, cleanPhone, foldEmail } from './fields.ts'

export interface NewUser {
  email: string
  name: string
  phoneNumber?: string | null
  /** argon2id, or null for who can't sign in with a password. */
  passwordHash: string | null
  role: Role
}

export const emailTaken = () => new Refusal('conflict', 'email_taken', 'This email is registered already')

/**
 * @throws Refusal `email_taken` (conflict).
 * @throws Refusal invalid, naming the field: an email, a name or a phone number that can't be one.
 */
export async function createUser(
  tx: Tx,
  { email, name, phoneNumber, passwordHash, role }: NewUser,
): Promise<{ id: number; email: string; name: string; role: Role }> {
  const user = await tx
    .insertInto('users')
    .values({
      email: cleanEmail(email),
      name: cleanName(name),
      phone_number: cleanPhone(phoneNumber),
      password_hash: passwordHash,
      role,
      last_login_at: null,
      created_at: tx.now,
      updated_at: tx.now,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning(['id', 'email', 'name', 'role'])
    .executeTakeFirst()
  if (!user) throw emailTaken()
  tx.touch('users')
  if (role === 'manager') await endSetup(tx)
  return user
}

export const noSuchUser = () => new Refusal('missing', 'no_such_user', 'There is no user with this id')

/** A user as others see them: all but the password. */
export const USER_COLUMNS = [
  'id',
  'email',
  'name',
  'phone_number',
  'role',
  'is_active',
  'email_verified',
  'last_login_at',
  'created_at',
] as const

/** @throws Refusal `no_such_user` (missing). */
export async function userById(db: Db | Tx, userId: number) {
  const [user] = await selectUser(db, { userId })
  if (!user) throw noSuchUser()
  return user
}

const selectUser = prepared((db, given: Given<{ userId: number }>) =>
  db.selectFrom('users').select(USER_COLUMNS).where('id', '=', given('userId')),
)

export type User = Awaited<ReturnType<typeof userById>>

/**
 * As `userById`, for what every page asks first: a statement by hand costs a fifth of a built one.
 *
 * @throws Refusal `no_such_user` (missing).
 */
export function userFinder({ statement }: Pick<Storage, 'statement'>) {
  const find = statement<User>('user_by_id', `select ${USER_COLUMNS.join(', ')} from users where id = $1`)
  return async (userId: number): Promise<User> => {
    const [user] = await find(userId)
    if (!user) throw noSuchUser()
    return user
  }
}

/**
 * The user as they are, and as they stay until the transaction ends: what is decided on it holds.
 *
 * @throws Refusal `no_such_user` (missing).
 */
export async function lockUser(tx: Tx, userId: number): Promise<User> {
  const user = await tx
    .updateTable('users')
    .set({ updated_at: tx.now })
    .where('id', '=', userId)
    .returning(USER_COLUMNS)
    .executeTakeFirst()
  if (!user) throw noSuchUser()
  return user
}

/** Whether somebody other than `except` has the address. */
export async function isEmailTaken(db: Db | Tx, email: string, except: number | null = null) {
  const other = await db
    .selectFrom('users')
    .select('id')
    .where('email', '=', foldEmail(email))
    .$if(except !== null, (query) => query.where('id', '<>', except))
    .executeTakeFirst()
  return other !== undefined
}

/** Whoever can make managers is here: the link of the first start is of no more use. */
export async function endSetup(tx: Tx) {
  await tx.deleteFrom('facts').where('name', '=', 'setup_token').execute()
}
