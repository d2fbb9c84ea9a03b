import { sql } from 'kysely'
import { isAdmin } from '../accounts/accounts.ts'
import { isSqlite } from '../storage/among.ts'
import { prepared } from '../storage/prepared.ts'
import { needleOf } from '../storage/search-text.ts'
import type { Db } from '../storage/storage.ts'
import type { Role } from '../storage/tables.ts'
import { countFound, flags, ROLES, searchUsers, type UserKinds } from '../storage/user-search.ts'

export interface UserFilters {
  /** Part of the name or the email: see `needleOf`. */
  search?: string
  role?: Role
  is_active?: boolean
  is_admin?: boolean
  email_verified?: boolean
}

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

/** A few rows, however many users. */
const selectCounts = prepared((db) =>
  db
    .selectFrom('user_counts')
    .select(['role', 'is_active', 'email_verified'])
    .select(sql<number>`cast(sum(users) as bigint)`.as('users'))
    .groupBy(['role', 'is_active', 'email_verified']),
)

/** How many users of these kinds there are. */
export async function countOfKinds(db: Db, { roles, is_active, email_verified }: UserKinds): Promise<number> {
  const counts = await selectCounts(db, {})
  return counts
    .filter(
      (one) =>
        (roles?.includes(one.role) ?? true) &&
        flags(is_active).includes(one.is_active) &&
        flags(email_verified).includes(one.email_verified),
    )
    .reduce((sum, { users }) => sum + users, 0)
}

export interface Total {
  total_count: number
  total_is_estimate: boolean
}

/** The newest users that a search finds. */
export interface Search {
  text: string
  /** At most as many as it may find, and one. */
  ids: readonly number[]
  /** There are no others. */
  isAll: boolean
  /** It did not look below; 0 when there was no need to. */
  end: number
  /** Of all users; by how close together these are, where there are others. */
  share: number
  /** The highest id that there is. */
  newest: number
}

/** Beyond, how many users a search finds is estimated. */
const COUNTED_MOST = 10_000
/** To count is quicker than to hand over ids, so that it is asked for as many as a page has. */
const FOUND_MOST = 100
/** So many are put in order; where there are more, the order is walked. */
const ORDERED_MOST = 1_000

/**
 * More on SQLite, which takes microseconds for one more, while a walk for a page looks at fewer users the more are
 * found: 13 times the root of how many there are is where both cost the same.
 */
function orderedMost(db: Db, users: number) {
  if (!isSqlite(db)) return ORDERED_MOST
  return Math.min(Math.max(ORDERED_MOST, 13 * Math.round(Math.sqrt(users))), 5_000)
}

/**
 * Null when nothing is searched for.
 *
 * @param isOrdered by something else than ids.
 */
export async function searchFor(
  db: Db,
  { search }: UserFilters,
  kinds: UserKinds,
  isOrdered: boolean,
): Promise<Search | null> {
  if (search === undefined || needleOf(search) === null) return null
  const newest = await newestId(db)
  const most = isOrdered ? orderedMost(db, newest) : FOUND_MOST
  const { ids, end } = await searchUsers(db, search, kinds, { before: newest + 1, limit: most + 1 })
  const isAll = end === 0 && ids.length <= most
  const last = ids.length > most ? (ids.at(-1) as number) : end
  return { text: search, ids, isAll, end, share: ids.length / (newest - last + 1), newest }
}

/**
 * How many users there are: exact, but for a search that finds more than 10,000, or that looks no further (see
 * `countFound`). Then it is told from how close together the newest of them are.
 */
export async function countUsers(db: Db, kinds: UserKinds, search: Search | null): Promise<Total> {
  if (search === null) return { total_count: await countOfKinds(db, kinds), total_is_estimate: false }
  const { text, ids, isAll, end, newest } = search
  if (isAll) return { total_count: ids.length, total_is_estimate: false }
  const before = end || (ids.at(-1) as number)
  const { count, last } = await countFound(db, text, kinds, { before, limit: COUNTED_MOST + 1 - ids.length })
  const total = ids.length + count
  if (total <= COUNTED_MOST && last === 1) return { total_count: total, total_is_estimate: false }
  const estimate = rounded((total / (newest - last + 1)) * newest)
  return { total_count: Math.max(total, estimate), total_is_estimate: true }
}

/** To two digits: more would look as if it were counted. */
const rounded = (count: number) => Number(count.toPrecision(2))

const selectNewestId = prepared((db) =>
  db.selectFrom('users').select(({ fn }) => fn.max<number | null>('id').as('newest')),
)

/** 0 when there is nobody. */
const newestId = async (db: Db) => (await selectNewestId(db, {}))[0]?.newest ?? 0
