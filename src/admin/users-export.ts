import { cell, csvStream, line } from '../lib/csv.ts'
import type { Db } from '../storage/storage.ts'
import { kindsOf, searchFor, type UserFilters } from './user-kinds.ts'
import { holdingsOf, shownUser } from './users.ts'
import { foundUsers, type UserKey, type UserOrder } from './users-found.ts'

const PAGE_ROWS = 500
const COLUMNS = [
  ...['id', 'created_at', 'email', 'name', 'phone_number', 'role', 'is_active', 'email_verified'],
  ...['last_login_at', 'automations_count', 'tokens_remaining'],
]

/** All users whom the filters find, as CSV (UTF-8), in the order of the list. */
export const usersCsv = (db: Db, filters: UserFilters, order: UserOrder | null, now: number) =>
  csvStream(csvPages(db, filters, order, now))

async function* csvPages(
  db: Db,
  filters: UserFilters,
  order: UserOrder | null,
  now: number,
): AsyncGenerator<string, undefined> {
  const kinds = kindsOf(filters)
  const search = await searchFor(db, filters, kinds, order !== null)
  let text = line(COLUMNS)
  let after: UserKey | null = null
  do {
    const { rows, next } = await foundUsers(db, kinds, search, { order, limit: PAGE_ROWS, after })
    const { holdings } = await holdingsOf(
      db,
      rows.map(({ id }) => id),
      now,
    )
    for (const row of rows) {
      const user = shownUser(row)
      const { automations_count, tokens_remaining } = holdings(row.id)
      text += line([
        ...[String(user.id), user.created_at, cell(user.email), cell(user.name)],
        ...[cell(user.phone_number ?? ''), user.role, String(user.is_active), String(user.email_verified)],
        ...[user.last_login_at ?? '', String(automations_count), String(tokens_remaining)],
      ])
    }
    yield text
    text = ''
    after = next
  } while (after !== null)
}
