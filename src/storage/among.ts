import { type RawBuilder, SqliteAdapter, sql } from 'kysely'
import type { Db, Tx } from './storage.ts'

export const isSqlite = (db: Db | Tx) => db.getExecutor().adapter instanceof SqliteAdapter

/**
 * `column in (…)` with one parameter: the same statement however many numbers, and nothing to build for each.
 *
 * @param list what `listOf` makes, or what stands for it.
 */
export const amongList = (
  db: Db | Tx,
  column: string,
  list: string | RawBuilder<string>,
): RawBuilder<boolean> =>
  isSqlite(db)
    ? sql`${sql.ref(column)} in (select value from json_each(${list}))`
    : sql`${sql.ref(column)} = any (cast(${list} as bigint[]))`

/** Numbers as one parameter. */
export const listOf = (db: Db | Tx, numbers: Iterable<number>) =>
  isSqlite(db) ? `[${[...numbers].join()}]` : `{${[...numbers].join()}}`
