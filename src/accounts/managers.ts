import { sql } from 'kysely'
import { Refusal } from '../lib/refusal.ts'
import type { Db, Tx } from '../storage/storage.ts'
import { type Actor, recordAction } from './audit.ts'
import { STAFF_ROLES, type StaffRole } from './roles.ts'
import { createUser, USER_COLUMNS, type User } from './users.ts'

export interface StaffFilter {
  /** Part of a name or an email, in any case. */
  search?: string
  role?: StaffRole
  isActive?: boolean
  limit: number
  offset: number
}

const ESCAPE = '!'
const containing = (text: string) => `%${text.replaceAll(/[%_!]/g, (sign) => ESCAPE + sign)}%`

/** A page of the staff, oldest account first, and how many the filter finds in all. */
export async function listStaff(db: Db, { search, role, isActive, limit, offset }: StaffFilter) {
  const pattern = search ? containing(search) : null
  const found = db
    .selectFrom('users')
    .where('role', 'in', role ? [role] : STAFF_ROLES)
    .$if(isActive !== undefined, (query) => query.where('is_active', '=', isActive ? 1 : 0))
    .$if(pattern !== null, (query) =>
      query.where(
        sql<boolean>`(lower(name) like lower(${pattern}) escape ${sql.lit(ESCAPE)}
          or lower(email) like lower(${pattern}) escape ${sql.lit(ESCAPE)})`,
      ),
    )
  const { total } = await found
    .select((select) => select.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const users = await found.select(USER_COLUMNS).orderBy('id').limit(limit).offset(offset).execute()
  return { total, users }
}

/** @throws Refusal `no_such_manager` (missing): nobody, or a customer. */
export async function staffById(db: Db | Tx, userId: number): Promise<User> {
  const user = await db
    .selectFrom('users')
    .select(USER_COLUMNS)
    .where('id', '=', userId)
    .where('role', 'in', STAFF_ROLES)
    .executeTakeFirst()
  if (!user) throw new Refusal('missing', 'no_such_manager', 'There is no staff account with this id')
  return user
}

/** How many there are of each role, active or not. */
export async function staffCounts(db: Db) {
  return db
    .selectFrom('users')
    .select((select) => ['role', 'is_active', select.fn.countAll<number>().as('count')])
    .where('role', 'in', STAFF_ROLES)
    .groupBy(['role', 'is_active'])
    .execute()
}

export interface NewStaff {
  email: string
  name: string
  phoneNumber?: string | null
  passwordHash: string
  role: StaffRole
}

/** @throws Refusal `email_taken` (conflict), or invalid, naming the field. */
export async function createStaff(tx: Tx, staff: NewStaff, by: Actor) {
  const user = await createUser(tx, staff)
  await recordAction(tx, {
    ...by,
    action: 'user.create',
    targetType: 'user',
    targetId: user.id,
    after: { email: user.email, name: user.name, role: user.role },
  })
  return user
}
