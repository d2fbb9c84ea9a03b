import { type RawBuilder, SqliteAdapter, sql } from 'kysely'
import type { Db, Tx } from './storage.ts'

export const isSqlite = (db: Db | Tx) => db.getExecutor().adapter instanceof SqliteAdapter

/** `column in (…)` with one parameter: the same statement however many numbers, and nothing to build for each. */
export function among(db: Db | Tx, column: string, numbers: Iterable<number>): RawBuilder<boolean> {
  const list = [...numbers].join()
  return isSqlite(db)
    ? sql`${sql.ref(column)} in (select value from json_each(${`[${list}]`}))`
    : sql`${sql.ref(column)} = any (cast(${`{${list}}`} as bigint[]))`
}
