import { isAdmin, type User } from '../accounts/accounts.ts'
import { balancesOf } from '../ledger/ledger.ts'
import { iso, isoOrNull } from '../lib/time.ts'
import { amongList, listOf } from '../storage/among.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db } from '../storage/storage.ts'
import type { Role } from '../storage/tables.ts'
import { countUsers, kindsOf, searchFor, type UserFilters } from './user-kinds.ts'
import { foundUsers, type UserPage } from './users-found.ts'

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
 * Users with what each has, and how many there are in all: as many statements for a page of 50 as for one of 1.
 *
 * @returns also until when (milliseconds UTC) it stays so if nothing is written.
 */
export async function usersPage(db: Db, filters: UserFilters, page: UserPage & { now: number }) {
  const kinds = kindsOf(filters)
  const search = await searchFor(db, filters, kinds, page.order !== null)
  const { rows, next } = await foundUsers(db, kinds, search, page)
  const ids = rows.map(({ id }) => id)
  const { holdings, until } = await holdingsOf(db, ids, page.now)
  const users = rows.map((row): ListedUser => ({ ...shownUser(row), ...holdings(row.id) }))
  return { shown: { ...(await countUsers(db, kinds, search)), users }, next, until }
}

/** How many subscriptions and tokens each of the users has, for all of them in two statements; until when. */
export async function holdingsOf(db: Db, userIds: readonly number[], now: number) {
  const subscriptions =
    userIds.length === 0 ? [] : await selectSubscriptions(db, { userIds: listOf(db, userIds) })
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
  const ends = Array.from(balances.values(), ({ until }) => until ?? Number.POSITIVE_INFINITY)
  return { holdings: (userId: number) => holdings.get(userId) ?? NOTHING, until: Math.min(...ends) }
}

const selectSubscriptions = prepared((db, given: Given<{ userIds: string }>) =>
  db
    .selectFrom('user_automations')
    .select(['id', 'user_id'])
    .where(amongList(db, 'user_id', given('userIds'))),
)

const NOTHING = { automations_count: 0, tokens_remaining: 0 }
