import { existsSync, statSync } from 'node:fs'
import {
  COUNTED_ROWS,
  type IndexSeen,
  quoted,
  type SettingSeen,
  type Survey,
  type TableSeen,
} from './engine.ts'
import { type Database, PLAN_PRAGMAS, sqliteVersion } from './sqlite.ts'

const LEVELS = ['off', 'normal', 'full', 'extra']
const STORES = ['default', 'file', 'memory']

/** Reads the catalogue and a few pages; no table from end to end. */
export function surveySqlite(database: Database, file: string): Survey {
  const all = <Row>(sql: string, ...values: string[]) => database.query(sql).all(...values) as Row[]
  const pragma = (name: string) => Object.values(firstOf<object>(database, `pragma ${name}`) ?? {})[0]
  const named = all<{ name: string }>(
    `select name from sqlite_master where type = 'table' and name not like 'sqlite~_%' escape '~'
      and sql not like 'create virtual%' order by name`,
  )
  const names = named.map(({ name }) => name)
  const analyzed = analyzedRows(database)
  const pageSize = Number(pragma('page_size'))
  const migrations = all<{ name: string }>(`select name from pragma_table_info('migrations')`)
  return {
    dialect: 'sqlite',
    version: `SQLite ${sqliteVersion(database)}`,
    tables: names.map((name): TableSeen => {
      const keys = all<{ id: number; from: string }>(
        'select id, "from" from pragma_foreign_key_list(?) order by id, seq',
        name,
      )
      return {
        name,
        rows: rowsOf(database, name, analyzed.get(name)),
        // xinfo: computed columns can be indexed too, and info hides them.
        columns: all<{ name: string }>('select name from pragma_table_xinfo(?) where hidden <> 1', name).map(
          (row) => row.name,
        ),
        foreignKeys: [...Map.groupBy(keys, ({ id }) => id).values()].map((key) =>
          key.map(({ from }) => from),
        ),
        analyzedRows: analyzed.get(name) ?? null,
        changedRows: null,
        deadRows: null,
      }
    }),
    indexes: names.flatMap((name) => indexesOf(database, name)),
    settings: settingsOf(pragma),
    migrations: migrations.some(({ name }) => name === 'applied_at')
      ? all<{ name: string }>('select name from migrations order by name').map(({ name }) => name)
      : null,
    bytes: Number(pragma('page_count')) * pageSize,
    freeBytes: Number(pragma('freelist_count')) * pageSize,
    walBytes: existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0,
    countedForMs: null,
    extensions: [],
  }
}

export const firstOf = <Row>(database: Database, sql: string, ...values: (string | number)[]) =>
  database.query(sql).get(...values) as Row | null

/** As `analyze` last saw them. */
function analyzedRows(database: Database): Map<string, number> {
  if (!firstOf(database, `select 1 from sqlite_master where name = 'sqlite_stat1'`)) return new Map()
  const rows = database
    .query(`select tbl as name, max(cast(stat as integer)) as n from sqlite_stat1 group by tbl`)
    .all() as { name: string; n: number }[]
  return new Map(rows.map(({ name, n }) => [name, n]))
}

/** The span of the row ids says how many there may be; what has none is believed its statistics. */
function rowsOf(database: Database, table: string, analyzed: number | undefined): number {
  const name = quoted(table)
  let most = analyzed ?? 0
  try {
    const ends = firstOf<{ last: number | null; first: number | null }>(
      database,
      `select (select max(rowid) from ${name}) as last, (select min(rowid) from ${name}) as first`,
    )
    if (!ends || ends.last === null || ends.first === null) return 0
    most = ends.last - ends.first + 1
  } catch {
    // Without rowid.
  }
  const counted =
    firstOf<{ n: number }>(
      database,
      `select count(*) as n from (select 1 from ${name} limit ${COUNTED_ROWS + 1})`,
    )?.n ?? 0
  return counted <= COUNTED_ROWS ? counted : Math.max(most, counted)
}

function indexesOf(database: Database, table: string): IndexSeen[] {
  const listed = database
    .query(
      `select list.name, list."unique" as is_unique, list.origin, master.sql
        from pragma_index_list(?) list left join sqlite_master master on master.name = list.name
        order by list.name`,
    )
    .all(table) as { name: string; is_unique: number; origin: string; sql: string | null }[]
  const indexes = listed.map(({ name, is_unique, origin, sql }): IndexSeen => {
    const parts = database
      .query('select name, "desc" as down, coll from pragma_index_xinfo(?) where "key" = 1 order by seqno')
      .all(name) as { name: string | null; down: number; coll: string }[]
    const columns = parts.map((part, position) => part.name ?? `expression ${position} of ${sql}`)
    return {
      ...{ name, table, columns, sql },
      order: parts.map(({ down, coll }, position) => `${columns[position]} ${down} ${coll}`),
      unique: is_unique === 1,
      isKey: origin !== 'c',
      where: sql?.match(/\)\s*where\s+([\s\S]*)$/i)?.[1]?.trim() ?? null,
      valid: true,
      bytes: null,
      scans: null,
    }
  })
  return [...indexes, ...rowKey(database, table)]
}

/** An `integer primary key` is the order of the table itself, and in no list of indexes. */
function rowKey(database: Database, table: string): IndexSeen[] {
  const keys = database.query('select name, type from pragma_table_info(?) where pk > 0').all(table) as {
    name: string
    type: string
  }[]
  const [key] = keys
  if (!key || keys.length > 1 || key.type.toLowerCase() !== 'integer') return []
  const always = { unique: true, isKey: true, where: null, valid: true, bytes: null, scans: null, sql: null }
  return [{ name: `${table} rowid`, table, columns: [key.name], order: [`${key.name} 0 BINARY`], ...always }]
}

/** What a connection has that sets nothing: the file's own, and SQLite's defaults. */
function settingsOf(pragma: (name: string) => unknown): SettingSeen[] {
  const words: Record<string, readonly string[]> = { synchronous: LEVELS, temp_store: STORES }
  return Object.entries(PLAN_PRAGMAS).map(([name, wanted]) => {
    const value = pragma(name)
    return {
      name,
      value: words[name]?.[Number(value)] ?? String(value ?? ''),
      wanted: String(wanted),
      scope: name === 'journal_mode' ? 'file' : 'connection',
    }
  })
}
