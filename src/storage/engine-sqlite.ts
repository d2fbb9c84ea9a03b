import { Database } from 'bun:sqlite'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '../lib/refusal.ts'
import {
  type Applied,
  type Change,
  type Cost,
  createWith,
  type Engine,
  literal,
  quoted,
  RECORD,
} from './engine.ts'
import { PLAN_PRAGMAS } from './sqlite.ts'
import type { Value } from './storage.ts'
import { firstOf, surveySqlite } from './survey-sqlite.ts'

/** A step waits this long for whoever writes at the moment. */
const BUSY_WAIT_MS = 5_000
const LOOK_WAIT_MS = 1_000
/** Rows per table that `analyze` reads: a table of any size takes milliseconds. */
const ANALYSIS_LIMIT = 1_000
const DAMAGE_LINES = 3
const CACHE_KIB = 65_536

/**
 * Opens a file to look at it, or with `change` to change it. Looking leaves no trace: no write-ahead log where there
 * was none, no recovery of somebody's interrupted transaction.
 *
 * @param scratch see `newScratch`.
 * @throws Refusal `database_missing`, `database_unreadable`, `database_locked`, `database_damaged`.
 */
export function openSqliteEngine(file: string, { change = false, scratch = newScratch() } = {}): Engine {
  if (!existsSync(file)) throw new Refusal('missing', 'database_missing', `there is no file ${file}`)
  const database = opened(file, change)
  return engineOn(database, file, { scratch, onClose: () => {} })
}

/** A folder for the copy of a rehearsal, which is made and removed with it; who may end it midway removes it as well. */
export const newScratch = () => join(tmpdir(), `zimmer-rehearsal-${crypto.randomUUID()}`)

function opened(file: string, change: boolean): Database {
  // The last reader of a log would bring it into the database, and recover an interrupted rollback journal.
  const readonly = !change && (existsSync(`${file}-wal`) || existsSync(`${file}-journal`))
  let database: Database | undefined
  try {
    database = new Database(file, readonly ? { readonly: true } : { readwrite: true })
    database.run(`pragma busy_timeout = ${LOOK_WAIT_MS}`)
    firstOf(database, 'select count(*) from sqlite_master')
    if (change) {
      database.run(`pragma busy_timeout = ${BUSY_WAIT_MS}`)
      // An index is sorted in there.
      database.run(`pragma cache_size = -${CACHE_KIB}`)
      database.run('pragma temp_store = memory')
    }
    return database
  } catch (error) {
    database?.close()
    throw sqliteRefusal(error, file)
  }
}

/** What is wrong with a file, in words that say what to do; nothing was changed. */
export function sqliteRefusal(error: unknown, file: string): unknown {
  if (error instanceof Refusal) return error
  const { code = '', message } = error as { code?: string; message: string }
  const known: [RegExp, Refusal['kind'], string, string][] = [
    [/^SQLITE_NOTADB/, 'conflict', 'database_unreadable', 'it is no SQLite database, or an encrypted one'],
    [
      /^SQLITE_CORRUPT/,
      'conflict',
      'database_damaged',
      `it is damaged (${message}): put a backup in its place`,
    ],
    [
      /^SQLITE_READONLY_ROLLBACK|^SQLITE_READONLY_RECOVERY/,
      'conflict',
      'database_unreadable',
      'whoever wrote it was interrupted: start that once, so that it can recover',
    ],
    [
      /^SQLITE_(READONLY|PERM)|^E(ACCES|ROFS|PERM)/,
      'conflict',
      'database_read_only',
      'this user may not write it: run this as the user that owns it',
    ],
    [
      /^SQLITE_(BUSY|LOCKED)/,
      'overloaded',
      'database_locked',
      'another program holds it: wait, or stop that',
    ],
    [
      /^SQLITE_CANTOPEN/,
      'conflict',
      'database_unreadable',
      "it can't be opened: look at its and its folder's rights",
    ],
    [
      /^SQLITE_(FULL|IOERR)|^ENOSPC/,
      'full',
      'storage_full',
      `the disk is full or fails (${message}): make room`,
    ],
  ]
  const found = known.find(([pattern]) => pattern.test(code))
  if (!found) return error
  return new Refusal(found[1], found[2], `${file}: ${found[3]}; nothing was changed`)
}

interface Surroundings {
  scratch: string
  onClose(): void
}

function engineOn(database: Database, file: string, { scratch, onClose }: Surroundings): Engine {
  const rows = <Row>(sql: string, ...values: Value[]) => database.query(sql).all(...values) as Row[]
  const has = (name: string) => rows('select 1 from sqlite_master where name = ?', name).length > 0
  const asked = async <T>(work: () => T): Promise<T> => {
    try {
      return work()
    } catch (error) {
      throw sqliteRefusal(error, file)
    }
  }
  return {
    dialect: 'sqlite',
    where: file,
    survey: () => asked(() => surveySqlite(database, file)),
    damage: (mostBytes) =>
      asked(() => {
        if (usedBytes(database) > mostBytes) return []
        const found = rows<{ quick_check: string }>(`pragma quick_check(${DAMAGE_LINES})`)
        const lines = found.flatMap((row) => row.quick_check.split('\n'))
        return lines.filter((line) => line !== 'ok' && !line.startsWith('***')).slice(0, DAMAGE_LINES)
      }),
    rows: (sql, ...values) => asked(() => rows(sql, ...values)),
    plan: (sql) => asked(() => plan(database, sql)),
    script,
    perform: (change, note) => asked(() => perform(database, change, note)),
    lastRun: () =>
      asked(() =>
        has(RECORD)
          ? rows<Row>(`select * from ${RECORD} where run = (select max(run) from ${RECORD})
          order by id desc`).map(applied)
          : [],
      ),
    takeBack: (step) => asked(() => takeBack(database, step)),
    // The write lock of each step is all there is to hold, and a step that finds its work done does nothing.
    exclusively: (work) => work(),
    rehearse: async (mostBytes) => rehearse(database, mostBytes, scratch),
    cancel: async () => {},
    close: async () => {
      database.close()
      onClose()
    },
  }
}

/** Finalized at once: Bun leaves it at work, and then the file can't change its mode or be copied. */
function plan(database: Database, sql: string): string[] {
  const statement = database.prepare(`explain query plan ${sql}`)
  try {
    return (statement.all() as { detail: string }[]).map(({ detail }) => detail)
  } finally {
    statement.finalize()
  }
}

interface Row {
  run: number
  finding: string
  sql: string
  undo: string
  applied_at: number
}

const applied = ({ run, finding, sql, undo, applied_at }: Row): Applied => ({
  ...{ run, finding, sql },
  undo: JSON.parse(undo) as string[],
  appliedAtMs: applied_at,
})

function script(change: Change): string[] {
  switch (change.kind) {
    case 'create_index':
      return [createWith(change.sql, 'if not exists')]
    case 'drop_index':
      return [`drop index if exists ${quoted(change.name)}`]
    case 'analyze':
      return [`pragma analysis_limit = ${ANALYSIS_LIMIT}`, `analyze ${quoted(change.table)}`]
    case 'vacuum':
      return ['vacuum']
    case 'checkpoint':
      return ['pragma wal_checkpoint(truncate)']
    case 'set':
      return [`pragma ${change.name} = ${change.value}`]
  }
}

type Note = Parameters<Engine['perform']>[1]

function perform(database: Database, change: Change, note: Note): Cost | null {
  const startedAt = performance.now()
  const before = usedBytes(database)
  const spent = (): Cost => ({
    ms: performance.now() - startedAt,
    bytes: usedBytes(database) - before,
  })
  // These refuse to run inside a transaction. Said again they do nothing, so they are noted beforehand.
  if (change.kind === 'set' || change.kind === 'vacuum' || change.kind === 'checkpoint') {
    const undo = change.kind === 'set' ? [`pragma ${change.name} = ${change.former}`] : []
    if (change.kind === 'set' && settingOf(database, change.name) === change.value) return null
    const id = inTransaction(database, () => remember(database, change, undo, note))
    try {
      // A checkpoint that others stand in the way of fails only in words.
      for (const sql of script(change)) if (firstOf<{ busy?: number }>(database, sql)?.busy) throw heldOpen()
      if (change.kind === 'set' && settingOf(database, change.name) !== change.value) throw heldOpen()
    } catch (error) {
      forget(database, id)
      throw error
    }
    return spent()
  }
  return inTransaction(database, () => {
    if (isDone(database, change)) return null
    const undo = undoOf(database, change)
    for (const sql of script(change)) database.run(sql)
    const cost = spent()
    remember(database, change, undo, note)
    return cost
  })
}

const heldOpen = () =>
  Object.assign(new Error('another program has the database open'), { code: 'SQLITE_BUSY' })

const settingOf = (database: Database, name: string) =>
  String(Object.values(firstOf<object>(database, `pragma ${name}`) ?? {})[0] ?? '')

const exists = (database: Database, name: string) =>
  firstOf(database, 'select 1 from sqlite_master where name = ?', name) !== null

function isDone(database: Database, change: Change) {
  if (change.kind === 'create_index') return exists(database, change.name)
  return change.kind === 'drop_index' && !exists(database, change.name)
}

/** As it is before the change. */
function undoOf(database: Database, change: Change): string[] {
  switch (change.kind) {
    case 'create_index':
      return [`drop index if exists ${quoted(change.name)}`]
    case 'drop_index':
      return [createWith(change.sql, 'if not exists')]
    case 'analyze': {
      if (!exists(database, 'sqlite_stat1')) return ['drop table if exists sqlite_stat1']
      const table = literal(change.table)
      const former = database.query('select idx, stat from sqlite_stat1 where tbl = ?').all(change.table) as {
        idx: string | null
        stat: string
      }[]
      return [
        `delete from sqlite_stat1 where tbl = ${table}`,
        ...former.map(
          ({ idx, stat }) =>
            `insert into sqlite_stat1 (tbl, idx, stat) values (${table}, ${idx === null ? 'null' : literal(idx)}, ${literal(stat)})`,
        ),
      ]
    }
    default:
      return []
  }
}

function remember(database: Database, change: Change, undo: string[], { run, finding, nowMs }: Note) {
  database.run(`create table if not exists ${RECORD} (id integer primary key, run integer not null,
    finding text not null, sql text not null, undo text not null, applied_at integer not null)`)
  const values = [run, finding, script(change).join(';\n'), JSON.stringify(undo), nowMs]
  const { lastInsertRowid } = database
    .query(`insert into ${RECORD} (run, finding, sql, undo, applied_at) values (?, ?, ?, ?, ?)`)
    .run(...values)
  return Number(lastInsertRowid)
}

/** With the last line goes the table, so that a database of which all was taken back is what it was. */
function forget(database: Database, id: number) {
  inTransaction(database, () => {
    database.query(`delete from ${RECORD} where id = ?`).run(id)
    if (!firstOf(database, `select 1 from ${RECORD} limit 1`)) database.run(`drop table ${RECORD}`)
  })
}

function takeBack(database: Database, { run, finding, undo }: Applied) {
  const found = firstOf<{ id: number }>(
    database,
    `select id from ${RECORD} where run = ? and finding = ? order by id desc limit 1`,
    run,
    finding,
  )
  if (!found) return
  // A pragma refuses to run inside a transaction; it may be said twice.
  if (undo[0]?.startsWith('pragma ')) {
    for (const sql of undo) database.run(sql)
    const [, name = '', value = ''] = undo[0].match(/^pragma (\w+) = (\w+)/) ?? []
    if (settingOf(database, name) !== value) throw heldOpen()
    return forget(database, found.id)
  }
  inTransaction(database, () => {
    for (const sql of undo) database.run(sql)
    forget(database, found.id)
  })
}

function inTransaction<T>(database: Database, work: () => T): T {
  if (database.inTransaction) return work()
  database.run('begin immediate')
  try {
    const result = work()
    database.run('commit')
    return result
  } catch (error) {
    if (database.inTransaction) database.run('rollback')
    throw error
  }
}

function usedBytes(database: Database) {
  const number = (name: string) => Number(settingOf(database, name))
  return (number('page_count') - number('freelist_count')) * number('page_size')
}

/** Into a temporary folder: all of it when it is small, else the tables without rows, and what `analyze` knew. */
function rehearse(database: Database, mostBytes: number, folder: string) {
  mkdirSync(folder, { mode: 0o700 })
  const file = join(folder, 'copy.db')
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const hasRows = usedBytes(database) <= mostBytes
    if (hasRows) database.run(`vacuum into ${literal(file)}`)
    const copy = new Database(file, { create: true })
    if (!hasRows) copySchema(database, copy)
    for (const [name, value] of Object.entries(PLAN_PRAGMAS)) copy.run(`pragma ${name} = ${value}`)
    // Nobody needs it after a power cut.
    copy.run('pragma synchronous = off')
    return { engine: engineOn(copy, file, { scratch: `${folder}-again`, onClose: remove }), hasRows }
  } catch (error) {
    remove()
    throw error
  }
}

function copySchema(from: Database, to: Database) {
  const statements = from
    .query(`select sql from sqlite_master where type in ('table', 'index') and sql is not null
      and name not like 'sqlite~_%' escape '~' and sql not like 'create virtual%' order by type desc, rowid`)
    .all() as { sql: string }[]
  for (const { sql } of statements) to.run(sql)
  if (!exists(from, 'sqlite_stat1')) return
  to.run('analyze sqlite_schema')
  const known = from.query('select tbl, idx, stat from sqlite_stat1').all() as Record<string, string | null>[]
  const insert = to.query('insert into sqlite_stat1 (tbl, idx, stat) values (?, ?, ?)')
  for (const { tbl = null, idx = null, stat = null } of known) insert.run(tbl, idx, stat)
}
