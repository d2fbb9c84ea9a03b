import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { isAdmin, type User } from '../accounts/accounts.ts'
import { balancesOf } from '../ledger/ledger.ts'
import { cut } from '../lib/keyset.ts'
import { iso, isoOrNull } from '../lib/time.ts'
import type { Db } from '../storage/storage.ts'
import type { Role, Tables } from '../storage/tables.ts'

/** Counting stops here: what is beyond is estimated. */
const COUNT_MOST = 10_000

export interface UserFilters {
  /** Part of the name or the email, in any case (of ASCII letters: SQLite knows only those). */
  search?: string
  role?: Role
  is_active?: boolean
  is_admin?: boolean
  email_verified?: boolean
}

const USER_COLUMNS = [
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

/** A user as staff see one. */
export interface ShownUser {
  id: number
  email: string
  name: string
  phone_number: string | null
  role: Role
  is_admin: boolean
  is_active: boolean
  email_verified: boolean
  last_login_at: string | null
  created_at: string
}

export interface ListedUser extends ShownUser {
  automations_count: number
  /** Over all automations, demo and paid together; expired ones don't count. */
  tokens_remaining: number
}

export function shownUser({
  is_active,
  email_verified,
  last_login_at,
  created_at,
  ...user
}: User): ShownUser {
  return {
    ...user,
    is_admin: isAdmin(user.role),
    is_active: is_active === 1,
    email_verified: email_verified === 1,
    last_login_at: isoOrNull(last_login_at),
    created_at: iso(created_at),
  }
}

/**
 * Users newest first, with what each has: three statements and the count, whatever the size of the page.
 * A search has no index to go by: it passes over users, newest first, until the page is full.
 */
export async function usersPage(
  db: Db,
  filters: UserFilters,
  { limit, after, now }: { limit: number; after: number | null; now: number },
) {
  const found = await usersAfter(db, filters, { limit: limit + 1, after }).execute()
  const { rows, last } = cut(found, limit)
  const ids = rows.map(({ id }) => id)
  const holdings = await holdingsOf(db, ids, now)
  const users = rows.map((row): ListedUser => ({ ...shownUser(row), ...holdings(row.id) }))
  return { ...(await countUsers(db, filters)), users, next: last?.id ?? null }
}

/** Apart from its caller so that a test can look at its plan. */
export function usersAfter(
  db: Db,
  filters: UserFilters,
  { limit, after }: { limit: number; after: number | null },
) {
  const query = db
    .selectFrom('users')
    .select(USER_COLUMNS)
    .where(matching(filters))
    .orderBy('id', 'desc')
    .limit(limit)
  return after === null ? query : query.where('id', '<', after)
}

/**
 * How many users there are, exact up to 10,000. Beyond, and with `total_is_estimate`, it is the highest id
 * when nothing is filtered (users are never deleted, so few ids are missing), else 10,000, a lower bound.
 */
export async function countUsers(db: Db, filters: UserFilters = {}) {
  const some = db
    .selectFrom('users')
    .select(sql<number>`1`.as('one'))
    .where(matching(filters))
    .limit(COUNT_MOST + 1)
  const { count } = await db
    .selectFrom(some.as('some'))
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count <= COUNT_MOST) return { total_count: count, total_is_estimate: false }
  const isFiltered = Object.values(filters).some((value) => value !== undefined && value !== '')
  if (isFiltered) return { total_count: COUNT_MOST, total_is_estimate: true }
  const { highest } = await db
    .selectFrom('users')
    .select(({ fn }) => fn.max('id').as('highest'))
    .executeTakeFirstOrThrow()
  return { total_count: highest, total_is_estimate: true }
}

const matching =
  ({ search, role, is_active, is_admin, email_verified }: UserFilters) =>
  (where: ExpressionBuilder<Tables, 'users'>) => {
    const all: Expression<SqlBool>[] = []
    if (search) all.push(where.or([contains('name', search), contains('email', search)]))
    if (role !== undefined) all.push(where('role', '=', role))
    if (is_admin !== undefined) {
      const admins = ['manager', 'technical_team'] as const satisfies Role[]
      all.push(where('role', is_admin ? 'in' : 'not in', admins))
    }
    if (is_active !== undefined) all.push(where('is_active', '=', is_active ? 1 : 0))
    if (email_verified !== undefined) all.push(where('email_verified', '=', email_verified ? 1 : 0))
    return where.and(all)
  }

/** The text itself: `%` and `_` in it are no wildcards. */
function contains(column: 'name' | 'email', text: string) {
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
  return sql<SqlBool>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`
}

/** How many subscriptions and tokens each of the users has, for all of them in two statements. */
async function holdingsOf(db: Db, userIds: readonly number[], now: number) {
  const subscriptions =
    userIds.length === 0
      ? []
      : await db
          .selectFrom('user_automations')
          .select(['id', 'user_id'])
          .where('user_id', 'in', userIds)
          .execute()
  const balances = await balancesOf(
    db,
    subscriptions.map(({ id }) => id),
    now,
  )
  const holdings = new Map<number, { automations_count: number; tokens_remaining: number }>()
  for (const { id, user_id } of subscriptions) {
    const { automations_count, tokens_remaining } = holdings.get(user_id) ?? NOTHING
    holdings.set(user_id, {
      automations_count: automations_count + 1,
      tokens_remaining: tokens_remaining + (balances.get(id)?.total ?? 0),
    })
  }
  return (userId: number) => holdings.get(userId) ?? NOTHING
}

const NOTHING = { automations_count: 0, tokens_remaining: 0 }
