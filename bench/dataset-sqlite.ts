import { Database, type Statement } from 'bun:sqlite'
import { migrateSqlite } from '../src/storage/migrate.ts'
import type { Cell } from './cells.ts'
import type { Filling, Target } from './filling.ts'
import { MARK, type Manifest, markOf } from './mark.ts'
import { DAYS, type DayGroups } from './roll-ups.ts'
import { fill } from './rows.ts'

/** So many rows go into one statement: twice as fast as one by one. */
const ROWS_PER_STATEMENT = 32
/** Large tables: their indexes are made when the rows are there. */
const LARGE = ['token_usage', 'lots', 'user_automations', 'users', 'sessions']

const SETTINGS = {
  journal_mode: 'off',
  synchronous: 'off',
  locking_mode: 'exclusive',
  cache_size: -256_000,
  /** For sorting, when indexes are made. */
  threads: 4,
  /** What is written keeps them; `zimmer audit` and the tests look. */
  ignore_check_constraints: 'on',
}

/** Makes the file; without a journal, for a half-made one is thrown away. */
export async function makeSqlite(file: string, manifest: Manifest, filling: Filling) {
  const database = new Database(file, { create: true })
  try {
    for (const [name, value] of Object.entries(SETTINGS)) database.run(`pragma ${name} = ${value}`)
    migrateSqlite(database, Date.now())
    const indexes = database
      .query(`select name, sql from sqlite_master where type = 'index' and sql is not null
        and tbl_name in (${LARGE.map((name) => `'${name}'`).join(', ')})`)
      .all() as { name: string; sql: string }[]
    for (const { name } of indexes) database.run(`drop index ${name}`)
    await fill(sqliteTarget(database), manifest.size, filling)
    for (const { name, sql } of indexes) {
      if (manifest.size.usageRows > 10_000_000) console.error(`… index ${name}`)
      database.run(sql)
    }
    database.query('insert into facts (name, value) values (?, ?)').run(MARK, markOf(manifest))
    // As a database that is looked after.
    for (const name of searchIndexes(database))
      database.run(`insert into ${name} (${name}) values ('optimize')`)
    database.run('pragma analysis_limit = 1000')
    database.run('analyze')
    database.run('pragma locking_mode = normal')
    database.run('pragma journal_mode = wal')
  } finally {
    database.close()
  }
}

function searchIndexes(database: Database): string[] {
  const found = database
    .query(
      "select name from sqlite_master where type = 'table' and sql like 'create virtual table % using fts5%'",
    )
    .all() as { name: string }[]
  return found.map(({ name }) => name)
}

function sqliteTarget(database: Database): Target {
  const statements = new Map<string, Statement>()
  const prepared = (table: string, columns: readonly string[], rows: number) => {
    const name = `${table} ${rows}`
    const known = statements.get(name)
    if (known) return known
    const places = `(${columns.map(() => '?').join(', ')})`
    const made = database.prepare(
      `insert into ${table} (${columns.join(', ')}) values ${Array(rows).fill(places).join(', ')}`,
    )
    statements.set(name, made)
    return made
  }
  const ofHour = Array.from({ length: 24 }, (_, hour) =>
    database.prepare(
      `insert into usage_days (day, user_automation_id, tokens, events, h${hour}) values (?1, ?2, ?3, ?4, ?3)`,
    ),
  )
  const ofSeveral = database.prepare(
    `insert into usage_days (${DAYS.join(', ')}) values (${DAYS.map(() => '?').join(', ')})`,
  )
  return {
    insert: (table, columns, cells) => {
      const width = columns.length
      const step = width * ROWS_PER_STATEMENT
      database.transaction(() => {
        let from = 0
        for (; from + step <= cells.length; from += step) {
          prepared(table, columns, ROWS_PER_STATEMENT).run(...cells.slice(from, from + step))
        }
        for (; from < cells.length; from += width) {
          prepared(table, columns, 1).run(...cells.slice(from, from + width))
        }
      })()
    },
    days: (day, groups) => {
      database.transaction(() => insertDays(day, groups, { ofHour, ofSeveral }))()
    },
  }
}

function insertDays(
  day: number,
  groups: DayGroups,
  { ofHour, ofSeveral }: { ofHour: Statement[]; ofSeveral: Statement },
) {
  for (let at = 0; at < groups.count; at++) {
    const row = [groups.subscriptions[at], groups.tokens[at], groups.events[at]] as Cell[]
    const alone = ofHour[groups.onlyHour[at] as number]
    if (alone) alone.run(day, ...row)
    else ofSeveral.run(day, ...row, ...groups.hours.subarray(at * 24, at * 24 + 24))
  }
}
