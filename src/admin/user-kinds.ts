import { sql } from 'kysely'
import { isAdmin } from '../accounts/accounts.ts'
import { needleOf } from '../storage/search-text.ts'
import type { Db } from '../storage/storage.ts'
import type { Role } from '../storage/tables.ts'
import { searchUsers, type UserKinds } from '../storage/user-search.ts'

export interface UserFilters {
  /** Part of the name or the email: see `needleOf`. */
  search?: string
  role?: Role
  is_active?: boolean
  is_admin?: boolean
  email_verified?: boolean
}

const ROLES: readonly Role[] = ['manager', 'technical_team', 'support_staff', 'customer']

/** Users of every kind. */
export const ANY: UserKinds = { roles: null, is_active: null, email_verified: null }

/** With no roles at all when the filters contradict each other. */
export function kindsOf({ role, is_active, is_admin, email_verified }: UserFilters): UserKinds {
  const roles = ROLES.filter(
    (one) => (role ?? one) === one && (is_admin === undefined || isAdmin(one) === is_admin),
  )
  return {
    roles: roles.length === ROLES.length ? null : roles,
    is_active: is_active ?? null,
    email_verified: email_verified ?? null,
  }
}

/** How many users of these kinds there are: a sum over a few rows, however many users. */
export async function countOfKinds(db: Db, kinds: UserKinds): Promise<number> {
  let query = db
    .selectFrom('user_counts')
    .select(sql<number>`cast(coalesce(sum(users), 0) as bigint)`.as('users'))
  if (kinds.roles?.length === 0) return 0
  if (kinds.roles) query = query.where('role', 'in', kinds.roles)
  for (const column of ['is_active', 'email_verified'] as const) {
    const value = kinds[column]
    if (value !== null) query = query.where(column, '=', value ? 1 : 0)
  }
  return (await query.executeTakeFirstOrThrow()).users
}

export interface Total {
  total_count: number
  total_is_estimate: boolean
}

const exactly = (total_count: number): Total => ({ total_count, total_is_estimate: false })

/** The newest users that a search finds, and where it ended. */
export interface Search {
  text: string
  /** At most `FOUND_MOST` and one, which says that there are more. */
  ids: readonly number[]
  /** It did not look below; 0 when there was no need to. */
  end: number
  /** The highest id of all. */
  newest: number
}

/** A search counts, and puts in order, so many; what is beyond is estimated, and walked. */
export const FOUND_MOST = 1_000

/** Null when nothing is searched for. */
export async function searchFor(db: Db, { search }: UserFilters, kinds: UserKinds): Promise<Search | null> {
  if (search === undefined || needleOf(search) === null) return null
  const newest = await newestId(db)
  const { ids, end } = await searchUsers(db, search, kinds, { before: newest + 1, limit: FOUND_MOST + 1 })
  return { text: search, ids, end, newest }
}

/**
 * How many users there are: exact, but for a search that finds more than 1,000. Then it is told from how close
 * together the newest 1,000 are.
 */
export async function countUsers(db: Db, kinds: UserKinds, search: Search | null): Promise<Total> {
  if (search === null) return exactly(await countOfKinds(db, kinds))
  const { ids, end, newest } = search
  if (end === 0 && ids.length <= FOUND_MOST) return exactly(ids.length)
  const oldest = ids.length > FOUND_MOST ? (ids.at(-1) as number) : end
  const estimate = rounded((ids.length * newest) / (newest - oldest + 1))
  return { total_count: Math.max(ids.length, estimate), total_is_estimate: true }
}

/** To two digits: more would look as if it were counted. */
const rounded = (count: number) => Number(count.toPrecision(2))

/** 0 when there is nobody. */
async function newestId(db: Db): Promise<number> {
  const { newest } = await db
    .selectFrom('users')
    .select(({ fn }) => fn.max<number | null>('id').as('newest'))
    .executeTakeFirstOrThrow()
  return newest ?? 0
}
