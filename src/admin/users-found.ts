import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { User } from '../accounts/accounts.ts'
import { cut, type ValueKey } from '../lib/keyset.ts'
import { amongList, listOf } from '../storage/among.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import { needleOf, searchText } from '../storage/search-text.ts'
import type { Db } from '../storage/storage.ts'
import type { Tables } from '../storage/tables.ts'
import {
  ANY,
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
/** So many at a time: as many as the page should need. */
const STEPS = [64, 128, 256]
const STEP_MOST = 512

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
    if (!search.isAll) return walk(db, page, order, { text: search.text, kinds, share: search.share })
    return inOrder(db, page, order, search.ids)
  }
  if (isAny(kinds)) return inOrder(db, page, order, null)
  const count = await countOfKinds(db, kinds)
  if (count > SORT_MOST) {
    const share = count / (await countOfKinds(db, ANY))
    return walk(db, page, order, { text: '', kinds, share })
  }
  // All three by name, so that their common index is the one to go by.
  const few = users(db)
    .where('role', 'in', kinds.roles ?? ROLES)
    .where('is_active', 'in', flags(kinds.is_active))
    .where('email_verified', 'in', flags(kinds.email_verified))
  const rows = await sorted(few, order, placeOf(page.after))
    .limit(page.limit + 1)
    .execute()
  return pageOf(rows, page.limit, order)
}

const users = (db: Db) => db.selectFrom('users').select(COLUMNS)

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
  const [column] = KIND_COLUMNS.filter((one) => valueIn(kinds, one) !== null)
  const values = { before: before ?? Number.MAX_SAFE_INTEGER, value: column ? valueIn(kinds, column) : null }
  const rows = await selectNewest(db, values, { column: column ?? null, limit: limit + 1 })
  return pageOf(rows, limit, null)
}

const KIND_COLUMNS = ['role', 'is_active', 'email_verified'] as const
type KindColumn = (typeof KIND_COLUMNS)[number]

/** What the column has to be, if there is one such value. */
function valueIn({ roles, ...flags }: UserKinds, column: KindColumn) {
  if (column === 'role') return roles?.[0] ?? null
  const flag = flags[column]
  return flag === null ? null : Number(flag)
}

const selectNewest = prepared(
  (
    db,
    given: Given<{ before: number; value: string | number | null }>,
    { column, limit }: { column: KindColumn | null; limit: number },
  ) => {
    const newest = users(db).where('id', '<', given('before')).orderBy('id', 'desc').limit(limit)
    return column ? newest.where(sql.ref(column), '=', given('value')) : newest
  },
)

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
  const { ids, end } = await foundBelow(db, search, kinds, before ?? Number.POSITIVE_INFINITY, limit + 1)
  const rows = await selectById(db, { ids: listOf(db, ids) })
  const { rows: found, next } = pageOf(rows, limit, null)
  return { rows: found, next: next ?? (end || null) }
}

/** Of those that were found already, as far as they reach. */
async function foundBelow(db: Db, search: Search, kinds: UserKinds, before: number, limit: number) {
  const ids = search.ids.filter((id) => id < before).slice(0, limit)
  if (ids.length === limit || search.isAll) return { ids, end: 0 }
  if (before > search.end && search.end > 0) return { ids, end: search.end }
  return searchUsers(db, search.text, kinds, { before, limit })
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

/** Where a page begins in an order, or what stands for it in a prepared statement. */
interface Place {
  value: string | number | RawBuilder<string | number>
  id: number | RawBuilder<number>
}

const placeOf = (after: UserKey | null) => (after === null || typeof after === 'number' ? null : after)

function sorted<Found>(
  query: SelectQueryBuilder<Tables, 'users', Found>,
  { by, descending }: UserOrder,
  after: Place | null,
) {
  const direction = descending ? 'desc' : 'asc'
  const ordered = query.orderBy(KEYS[by], direction).orderBy('id', direction)
  if (after === null) return ordered
  const { value, id } = after
  return ordered.where(({ eb, refTuple, tuple }) =>
    eb(refTuple(KEYS[by], 'id'), descending ? '<' : '>', tuple(value, id)),
  )
}

type SortedValues = { value: string | number; id: number; ids: string }
type Shape = Pick<UserOrder, keyof UserOrder> & { goesOn: boolean; limit: number }

const placeIn = (given: Given<SortedValues>, goesOn: boolean) =>
  goesOn ? { value: given('value'), id: given('id') } : null

/** Of all users, or of those with some ids. */
const selectSorted = prepared(
  (
    db,
    given: Given<SortedValues>,
    { goesOn, limit, of, ...order }: Shape & { of: 'all' | 'few ids' | 'many ids' },
  ) => {
    const isThere = amongList(db, 'id', given('ids'))
    const all = sorted(users(db), order, placeIn(given, goesOn)).limit(limit)
    if (of === 'all') return all
    // With the + SQLite looks up no id, and walks the order: only there so many are found.
    return all.where(of === 'few ids' ? isThere : sql<boolean>`+${isThere}`)
  },
)

async function inOrder(
  db: Db,
  { limit, after }: Pick<UserPage, 'limit' | 'after'>,
  order: UserOrder,
  ids: readonly number[] | null,
) {
  const place = placeOf(after)
  // What a search found has the newest first; SQLite makes its set in half the time when they go up.
  const values = {
    ids: ids ? listOf(db, ids.toReversed()) : '',
    value: place?.value ?? '',
    id: place?.id ?? 0,
  }
  const of = !ids ? 'all' : ids.length > SORT_MOST ? 'many ids' : 'few ids'
  const rows = await selectSorted(db, values, { ...order, goesOn: place !== null, limit: limit + 1, of })
  return pageOf(rows, limit, order)
}

interface Wanted {
  text: string
  kinds: UserKinds
  /** Of all users, as far as is known. */
  share: number
}

/** Users in the order of an index, until there is a page of those that match, or 5,000 were looked at. */
function walk(db: Db, page: UserPage, order: UserOrder, wanted: Wanted) {
  return hasFoldedTexts(db) ? walkThere(db, page, order, wanted) : walkHere(db, page, order, wanted)
}

/** Some at a time: SQLite is in this process, and folds no text of a row. */
async function walkHere(db: Db, page: UserPage, order: UserOrder, { text, kinds, share }: Wanted) {
  const matches = matcher(text, kinds)
  const step = STEPS.find((rows) => rows * share > page.limit) ?? STEP_MOST
  const found: Looked[] = []
  let { after } = page
  for (let seen = 0; seen < WALK_MOST && found.length <= page.limit; seen += step) {
    const place = placeOf(after)
    const values = { ids: '', value: place?.value ?? '', id: place?.id ?? 0 }
    const rows = await selectLooked(db, values, { ...order, goesOn: place !== null, limit: step })
    found.push(...rows.filter(matches))
    const last = rows.at(-1)
    after = last && rows.length === step ? keyOf(last, order) : null
    if (after === null) break
  }
  const { rows, last } = cut(found, page.limit)
  const ids = rows.map(({ id }) => id)
  const shown = await inOrder(db, { limit: page.limit, after: null }, order, ids)
  return { rows: shown.rows, next: last ? keyOf(last, order) : after }
}

const selectLooked = prepared((db, given: Given<SortedValues>, { goesOn, limit, ...order }: Shape) =>
  sorted(db.selectFrom('users').select([...LOOKED_AT, KEYS[order.by]]), order, placeIn(given, goesOn)).limit(
    limit,
  ),
)

/** In one statement: PostgreSQL sends only those that match. */
async function walkThere(db: Db, page: UserPage, order: UserOrder, { text, kinds }: Wanted) {
  const { limit } = page
  const after = placeOf(page.after)
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
  const found = pageOf(await query.limit(limit + 1).execute(), limit, order)
  if (found.next) return found
  const [end] = await sorted(users(db), order, after)
    .limit(1)
    .offset(WALK_MOST - 1)
    .execute()
  return { ...found, next: end ? keyOf(end, order) : null }
}

function matcher(text: string, { roles, is_active, email_verified }: UserKinds) {
  const needle = needleOf(text) ?? ''
  return (row: Looked) =>
    (roles?.includes(row.role) ?? true) &&
    (is_active === null || row.is_active === Number(is_active)) &&
    (email_verified === null || row.email_verified === Number(email_verified)) &&
    searchText(row.name, row.email).includes(needle)
}
