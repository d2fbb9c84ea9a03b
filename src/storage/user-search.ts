import { sql } from 'kysely'
import { isSqlite } from './among.ts'
import { asAscii, needleOf } from './search-text.ts'
import type { Db } from './storage.ts'
import type { Role } from './tables.ts'

/** Users of these kinds; null is any. */
export interface UserKinds {
  roles: readonly Role[] | null
  is_active: boolean | null
  email_verified: boolean | null
}

/** Users of every kind. */
export const ANY: UserKinds = { roles: null, is_active: null, email_verified: null }

export const isAny = ({ roles, is_active, email_verified }: UserKinds) =>
  roles === null && is_active === null && email_verified === null

export const ROLES: readonly Role[] = ['customer', 'support_staff', 'technical_team', 'manager']
export const flags = (flag: boolean | null): readonly (0 | 1)[] => (flag === null ? [1, 0] : [flag ? 1 : 0])

/** The columns of SQLite's index that have the texts of these. */
const columnsOf = ({ roles, is_active, email_verified }: UserKinds) =>
  (roles ?? ROLES).flatMap((role) =>
    flags(is_active).flatMap((active) =>
      flags(email_verified).map((verified) => `${role}_${active}${verified}`),
    ),
  )

/**
 * A search looks at so many ids, so that its cost has an end when its letters are common and its text is not.
 * PostgreSQL's statistics mostly tell it which of two ways is the shorter.
 */
const SPAN = { sqlite: 1_000_000, postgres: 4_000_000 }

/** Users below an id whom a search may find, at most so many. */
interface Below {
  before: number
  limit: number
}

/**
 * The ids of the users of these kinds whom a text finds (see `needleOf`), newest first.
 *
 * SQLite walks one list of users for each three letters, all at once and in order; their kind is in it, so that no row
 * is read. PostgreSQL chooses by its statistics: its index of trigrams, or users newest first.
 *
 * @param text one of which `needleOf` leaves something.
 * @returns `end`, below which it did not look; 0 when it looked at all or `ids` are as many as `limit`.
 */
export async function searchUsers(
  db: Db,
  text: string,
  kinds: UserKinds,
  below: Below,
): Promise<{ ids: number[]; end: number }> {
  if (kinds.roles?.length === 0) return { ids: [], end: 0 }
  const { found, end } = searched(db, text, kinds, below)
  const { rows } = await found.execute(db)
  return { ids: rows.map(({ id }) => id), end: rows.length < below.limit ? end : 0 }
}

/** How many `searchUsers` would find. `last` is the lowest id that was looked at; 1 when all were. */
export async function countFound(
  db: Db,
  text: string,
  kinds: UserKinds,
  below: Below,
): Promise<{ count: number; last: number }> {
  if (kinds.roles?.length === 0) return { count: 0, last: 1 }
  const { found, end } = searched(db, text, kinds, below)
  const counted = sql<{ count: number; last: number | null }>`select count(*) as count, min(id) as last
    from (${found}) as found`
  const { count = 0, last = null } = (await counted.execute(db)).rows[0] ?? {}
  return { count, last: count === below.limit ? (last ?? 1) : Math.max(end, 1) }
}

function searched(db: Db, text: string, kinds: UserKinds, { before, limit }: Below) {
  const isThere = hasFoldedTexts(db)
  const lowest = before - (isThere ? SPAN.postgres : SPAN.sqlite)
  // The first id is 1.
  const end = lowest > 1 ? lowest : 0
  const range = { before, end, limit }
  const needle = needleOf(text) ?? ''
  return { found: (isThere ? postgresSearch : sqliteSearch)(needle, kinds, range), end }
}

interface Range extends Below {
  end: number
}

const phrase = (text: string) => `"${text.replaceAll('"', '""')}"`

function sqliteSearch(needle: string, kinds: UserKinds, { before, end, limit }: Range) {
  const inColumns = isAny(kinds) ? '' : `{${columnsOf(kinds).join(' ')}} : `
  return sql<{
    id: number
  }>`select -rowid as id from users_search where users_search match ${inColumns + phrase(needle)}
    and rowid > ${-before} and rowid <= ${-end} order by rowid limit ${limit}`
}

/** On PostgreSQL each user's row has what it is found by. */
export const hasFoldedTexts = (db: Db) => !isSqlite(db)

/** What those texts of PostgreSQL are `like`. */
const patternOf = (needle: string) => `%${asAscii(needle).replaceAll(/[\\%_]/g, '\\$&')}%`

/** Whether a row of PostgreSQL's users is found; every row is by a text of which nothing is left. */
export function isFound(text: string) {
  const needle = needleOf(text)
  return needle === null ? sql<boolean>`true` : sql<boolean>`search like ${patternOf(needle)}`
}

function postgresSearch(needle: string, { roles, is_active, email_verified }: UserKinds, range: Range) {
  const pattern = patternOf(needle)
  const flag = (value: boolean | null) => (value === null ? null : Number(value))
  const wanted = roles && `{${roles.join(',')}}`
  return sql<{
    id: number
  }>`select id from find_users(${pattern}, cast(${wanted} as text[]), ${flag(is_active)},
    ${flag(email_verified)}, ${range.before}, ${range.end}, ${range.limit}) as found (id) order by id desc`
}
