import { type SelectQueryBuilder, sql } from 'kysely'
import type { User } from '../accounts/accounts.ts'
import { cut, type ValueKey } from '../lib/keyset.ts'
import { among, amongList, listOf } from '../storage/among.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import { needleOf, searchText } from '../storage/search-text.ts'
import type { Db } from '../storage/storage.ts'
import type { Role, Tables } from '../storage/tables.ts'
import {
  flags,
  hasFoldedTexts,
  isAny,
  isFound,
  ROLES,
  searchUsers,
  type UserKinds,
} from '../storage/user-search.ts'
import { countOfKinds, type Search } from './user-kinds.ts'

/** Without one: by id, newest first. */
export interface UserOrder {
  by: 'created_at' | 'name' | 'email'
  descending: boolean
}

/** Where a page ended: at an id, or at a value of the order's column and an id. */
export type UserKey = number | ValueKey

export interface UserPage {
  order: UserOrder | null
  limit: number
  after: UserKey | null
}

/** So many are looked up one by one and sorted; more are picked out of the order's index. */
const SORT_MOST = 1_000
/** Users that a walk looks at for one page. */
const WALK_MOST = 5_000
const STEP = 250

type Row = User & { name_key: string }
/** What a walk has to know of a user. */
type Looked = Omit<Row, 'phone_number' | 'last_login_at'>

const COLUMNS = [
  'id',
  'email',
  'name',
  'name_key',
  'phone_number',
  'role',
  'is_active',
  'email_verified',
  'last_login_at',
  'created_at',
] as const

const LOOKED_AT = ['id', 'email', 'name', 'role', 'is_active', 'email_verified'] as const

/**
 * The users that are asked for. What it costs has an end, whatever the number of users: so where few of very many
 * are found in the order of something else than ids, a page may have fewer users than asked for, or none, and still
 * a key to go on from.
 */
export async function foundUsers(
  db: Db,
  kinds: UserKinds,
  search: Search | null,
  page: UserPage,
): Promise<{ rows: User[]; next: UserKey | null }> {
  if (kinds.roles?.length === 0) return { rows: [], next: null }
  const { order } = page
  if (order === null) return search ? newestFound(db, search, kinds, page) : newestOfKinds(db, kinds, page)
  if (search) {
    if (!search.isAll) return walk(db, page, order, { text: search.text, kinds })
    const isFound = among(db, 'id', search.ids)
    // With the + SQLite looks up no id, and walks the order: only there so many are found.
    const isThere = search.ids.length > SORT_MOST ? sql<boolean>`+${isFound}` : isFound
    return inOrder(users(db).where(isThere), page, order)
  }
  if (isAny(kinds)) return inOrder(users(db), page, order)
  if ((await countOfKinds(db, kinds)) > SORT_MOST) return walk(db, page, order, { text: '', kinds })
  // All three by name, so that their common index is the one to go by.
  const few = users(db)
    .where('role', 'in', kinds.roles ?? ROLES)
    .where('is_active', 'in', flags(kinds.is_active))
    .where('email_verified', 'in', flags(kinds.email_verified))
  return inOrder(few, page, order)
}

const users = (db: Db) => db.selectFrom('users').select(COLUMNS)
type Users = SelectQueryBuilder<Tables, 'users', Row>

const selectById = prepared((db, given: Given<{ ids: string }>) =>
  users(db)
    .where(amongList(db, 'id', given('ids')))
    .orderBy('id', 'desc'),
)

/** One index has the order when at most one thing is asked for; else there is one stream for each kind. */
async function newestOfKinds(db: Db, kinds: UserKinds, { limit, after }: UserPage) {
  const { roles, is_active, email_verified } = kinds
  const before = idOf(after)
  const asked = [roles, is_active, email_verified].filter((one) => one !== null).length
  if (asked > 1 || (roles && roles.length > 1)) {
    const ids = await idsOfKinds(db, kinds, before, limit + 1)
    return pageOf(await selectById(db, { ids: listOf(db, ids) }), limit, null)
  }
  let query = users(db)
    .orderBy('id', 'desc')
    .limit(limit + 1)
  if (before !== null) query = query.where('id', '<', before)
  if (roles) query = query.where('role', '=', roles[0] as Role)
  if (is_active !== null) query = query.where('is_active', '=', is_active ? 1 : 0)
  if (email_verified !== null) query = query.where('email_verified', '=', email_verified ? 1 : 0)
  return pageOf(await query.execute(), limit, null)
}

async function idsOfKinds(db: Db, kinds: UserKinds, before: number | null, limit: number) {
  const streams = []
  const below = before === null ? sql`` : sql`and id < ${before}`
  for (const role of kinds.roles ?? ROLES) {
    for (const active of flags(kinds.is_active)) {
      for (const verified of flags(kinds.email_verified)) {
        streams.push(sql`select * from (select id from users where role = ${role} and is_active = ${active}
          and email_verified = ${verified} ${below} order by id desc limit ${limit}) as kind`)
      }
    }
  }
  const { rows } = await sql<{ id: number }>`select id from (${sql.join(streams, sql` union all `)}) as kinds
    order by id desc limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

async function newestFound(db: Db, search: Search, kinds: UserKinds, { limit, after }: UserPage) {
  const before = idOf(after)
  const { ids, end } =
    before === null
      ? { ids: search.ids.slice(0, limit + 1), end: search.ids.length > limit ? 0 : search.end }
      : await searchUsers(db, search.text, kinds, { before, limit: limit + 1 })
  const rows = await selectById(db, { ids: listOf(db, ids) })
  const { rows: found, next } = pageOf(rows, limit, null)
  return { rows: found, next: next ?? (end || null) }
}

const KEYS = { created_at: 'created_at', name: 'name_key', email: 'email' } as const

const keyOf = (row: Looked, order: UserOrder | null): UserKey =>
  order ? { value: row[KEYS[order.by]], id: row.id } : row.id

const idOf = (key: UserKey | null) => (key === null || typeof key === 'number' ? key : key.id)

const withoutKey = ({ name_key: _, ...user }: Row): User => user

function pageOf(found: Row[], limit: number, order: UserOrder | null) {
  const { rows, last } = cut(found, limit)
  return { rows: rows.map(withoutKey), next: last && keyOf(last, order) }
}

function sorted<Found>(
  query: SelectQueryBuilder<Tables, 'users', Found>,
  { by, descending }: UserOrder,
  after: UserKey | null,
) {
  const direction = descending ? 'desc' : 'asc'
  const ordered = query.orderBy(KEYS[by], direction).orderBy('id', direction)
  if (after === null || typeof after === 'number') return ordered
  const { value, id } = after
  return ordered.where(({ eb, refTuple, tuple }) =>
    eb(refTuple(KEYS[by], 'id'), descending ? '<' : '>', tuple(value, id)),
  )
}

const inOrder = async (query: Users, { limit, after }: UserPage, order: UserOrder) =>
  pageOf(
    await sorted(query, order, after)
      .limit(limit + 1)
      .execute(),
    limit,
    order,
  )

interface Wanted {
  text: string
  kinds: UserKinds
}

/** Users in the order of an index, until there is a page of those that match, or 5,000 were looked at. */
function walk(db: Db, page: UserPage, order: UserOrder, wanted: Wanted) {
  return hasFoldedTexts(db) ? walkThere(db, page, order, wanted) : walkHere(db, page, order, wanted)
}

/** A few hundred at a time: SQLite is in this process, and folds no text of a row. */
async function walkHere(db: Db, page: UserPage, order: UserOrder, { text, kinds }: Wanted) {
  const matches = matcher(text, kinds)
  const found: Looked[] = []
  let { after } = page
  for (let seen = 0; seen < WALK_MOST && found.length <= page.limit; seen += STEP) {
    const looked = db.selectFrom('users').select([...LOOKED_AT, KEYS[order.by]])
    const rows = await sorted(looked, order, after).limit(STEP).execute()
    found.push(...rows.filter(matches))
    const last = rows.at(-1)
    after = last && rows.length === STEP ? keyOf(last, order) : null
    if (after === null) break
  }
  const { rows, last } = cut(found, page.limit)
  const ids = rows.map(({ id }) => id)
  const shown = await sorted(users(db).where(among(db, 'id', ids)), order, null).execute()
  return { rows: shown.map(withoutKey), next: last ? keyOf(last, order) : after }
}

/** In one statement: PostgreSQL sends only those that match. */
async function walkThere(db: Db, { limit, after }: UserPage, order: UserOrder, { text, kinds }: Wanted) {
  const { roles, is_active, email_verified } = kinds
  const walked = sorted(users(db).select(isFound(text).as('is_found')), order, after).limit(WALK_MOST)
  let query = sorted(
    db.selectFrom(walked.as('users')).select(COLUMNS).where(sql<boolean>`is_found`),
    order,
    null,
  )
  if (roles) query = query.where('role', 'in', roles)
  if (is_active !== null) query = query.where('is_active', '=', is_active ? 1 : 0)
  if (email_verified !== null) query = query.where('email_verified', '=', email_verified ? 1 : 0)
  const page = pageOf(await query.limit(limit + 1).execute(), limit, order)
  if (page.next) return page
  const [end] = await sorted(users(db), order, after)
    .limit(1)
    .offset(WALK_MOST - 1)
    .execute()
  return { ...page, next: end ? keyOf(end, order) : null }
}

function matcher(text: string, { roles, is_active, email_verified }: UserKinds) {
  const needle = needleOf(text) ?? ''
  return (row: Looked) =>
    (roles?.includes(row.role) ?? true) &&
    (is_active === null || row.is_active === Number(is_active)) &&
    (email_verified === null || row.email_verified === Number(email_verified)) &&
    searchText(row.name, row.email).includes(needle)
}
