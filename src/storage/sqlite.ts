import { Database, SQLiteError } from 'bun:sqlite'
import { AsyncLocalStorage } from 'node:async_hooks'
import { close, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { Mutex } from '../lib/mutex.ts'
import { Refusal } from '../lib/refusal.ts'
import { sleep } from '../lib/time.ts'
import { Statements } from '../metrics/recorder.ts'
import { StorageLoad } from '../metrics/storage-load.ts'
import { alreadyThere, type Storage, type StorageHooks, TxScope, type Value } from './storage.ts'
import type { Tables } from './tables.ts'

export type { Database } from 'bun:sqlite'

/** Bun keeps 20 otherwise, and prepares the others anew each time. */
Database.MAX_QUERY_CACHE_SIZE = 1_000

const OLDEST = [3, 51, 3]
const BUSY_WAIT_MS = 5_000

/**
 * A log that has been brought into the database file begins anew, and is cut to as much: more than it usually grows
 * to, for whoever cuts 64 MB off a file holds up everybody for a tenth of a second.
 */
const LOG_KEPT_BYTES = 192 * 1_048_576

/** The performance plan's settings, on every connection. */
export const PLAN_PRAGMAS = {
  journal_mode: 'wal',
  synchronous: 'normal',
  cache_size: 10_000,
  temp_store: 'memory',
  mmap_size: 268_435_456,
} as const

export interface SqliteOptions {
  /** `default` leaves SQLite's own settings but for the log: for the benchmark of what the plan's are worth. */
  settings?: 'plan' | 'default'
}

/**
 * One connection with the plan's settings. Checkpoints are not automatic, for they sync: they run on the
 * ledger's background thread and at close.
 */
export function connect(
  file: string,
  { readonly = false, settings = 'plan' }: SqliteOptions & { readonly?: boolean } = {},
) {
  const database = readonly ? new Database(file, { readonly: true }) : new Database(file, { create: true })
  try {
    for (const [name, value] of Object.entries(PLAN_PRAGMAS)) {
      const isLog = name === 'journal_mode'
      if (isLog ? !readonly : settings === 'plan') database.run(`pragma ${name} = ${value}`)
    }
    database.run('pragma wal_autocheckpoint = 0')
    database.run(`pragma journal_size_limit = ${LOG_KEPT_BYTES}`)
    database.run('pragma foreign_keys = on')
    database.run('pragma busy_timeout = 0')
  } catch (error) {
    database.close()
    throw error
  }
  return database
}

/** How many pages the write-ahead log has, since it last began anew. Not inside a transaction. */
export const logPages = (database: Database) =>
  (database.query('pragma wal_checkpoint(noop)').get() as { log: number }).log

export function sqliteVersion(database: Database) {
  const row = database.query('select sqlite_version() as version').get() as { version: string }
  return row.version
}

/** Below 3.51.3 a WAL reset could lose a committed transaction. */
export function refuseOldSqlite(version: string) {
  const parts = version.split('.').map(Number)
  for (let i = 0; i < OLDEST.length; i++) {
    const difference = (parts[i] ?? 0) - (OLDEST[i] as number)
    if (difference > 0) return
    if (difference < 0) throw new Error(`SQLite ${version} is too old: ${OLDEST.join('.')} is needed`)
  }
}

/** What a full, read-only or held database says becomes a refusal; the rest goes through. */
export function asRefusal(error: unknown) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code.startsWith('SQLITE_IOERR')) {
    const message = 'The disk is full, or fails; nothing was changed'
    return new Refusal('full', 'storage_full', message, { retryAfterSeconds: 10 })
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS') {
    return new Refusal('overloaded', 'storage_read_only', 'The database is read-only; nothing was changed', {
      retryAfterSeconds: 10,
    })
  }
  if (code.startsWith('SQLITE_BUSY')) {
    const message = 'Another program holds the database; nothing was changed'
    return new Refusal('overloaded', 'storage_busy', message, { retryAfterSeconds: 1 })
  }
  return error
}

const isUniqueViolation = (error: unknown): error is SQLiteError =>
  error instanceof SQLiteError &&
  ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'].includes(error.code ?? '')

const unsynced = (cause: Error) =>
  new Refusal('full', 'storage_unsynced', 'The disk did not take it in; it may be lost in a power cut', {
    retryAfterSeconds: 10,
    cause: cause.message,
  })

/** Reading through `db` inside a write would wait for the lock that the write itself holds. */
const inWrite = new AsyncLocalStorage<true>()

/** Prepared once per SQL text by bun:sqlite, which keeps it. */
function run(database: Database, sql: string, values: readonly unknown[]): QueryResult<unknown> {
  const statement = database.query(sql)
  const bound = values as Value[]
  if (statement.columnNames.length > 0) return { rows: statement.all(...bound) }
  const { changes, lastInsertRowid } = statement.run(...bound)
  return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
}

/**
 * One transaction for all that is read in a turn of the event loop: most of a short read's time is the locks of the
 * log. Only while nobody in this process writes; whoever begins to ends it, so that nothing that is committed here is
 * ever missed, and the log can begin anew.
 */
class Reading {
  readonly lock = new Mutex(() => this.#end())
  barrier: () => Promise<void> | undefined = () => undefined
  #isOpen = false
  readonly #begin
  readonly #rollback

  constructor(private readonly reader: Database) {
    this.#begin = reader.query('begin')
    this.#rollback = reader.query('rollback')
  }

  /** Before each read. */
  enter() {
    if (this.#isOpen || this.lock.isHeld) return
    this.#begin.run()
    this.#isOpen = true
    setImmediate(() => this.#end())
  }

  #end() {
    if (!this.#isOpen) return
    this.#isOpen = false
    // An error may have ended it. A commit would fail where an EXPLAIN of a write is not done with.
    if (this.reader.inTransaction) this.#rollback.run()
  }
}

class Connection implements DatabaseConnection {
  constructor(
    readonly database: Database,
    private readonly statements: Statements,
    private readonly onStatement: StorageHooks['onStatement'],
    private readonly reading?: Reading,
  ) {}

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    this.onStatement?.(sql, parameters)
    const work = () => run(this.database, sql, parameters) as QueryResult<R>
    this.reading?.enter()
    return this.statements.now(this.statements.of(sql), work, ({ rows }) => rows.length)
  }

  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    yield* []
    throw new Error('page through with keysets instead: a stream would hold its snapshot')
  }
}

function dialect(
  database: Database,
  { statements = new Statements(false), onStatement }: StorageHooks,
  reading?: Reading,
): Dialect {
  const connection = new Connection(database, statements, onStatement, reading)
  const beginning = statements.of('begin immediate', 'begin')
  const committing = statements.of('commit', 'commit')
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => {
      if (reading && inWrite.getStore()) throw new Error('inside write(), read through the transaction')
      await reading?.barrier()
      return connection
    },
    beginTransaction: () => statements.answered(beginning, () => begin(database), none),
    commitTransaction: async () => void statements.now(committing, () => database.run('commit'), none),
    rollbackTransaction: async () => void (database.inTransaction && database.run('rollback')),
    releaseConnection: async () => {},
    destroy: async () => database.close(),
  }
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

const none = () => 0
const lengthOf = (rows: unknown[]) => rows.length

/** Another process may hold the lock: wait for it without blocking the event loop. */
async function begin(database: Database) {
  const deadline = performance.now() + BUSY_WAIT_MS
  for (;;) {
    try {
      database.run('begin immediate')
      return
    } catch (error) {
      const busy = error instanceof SQLiteError && error.code?.startsWith('SQLITE_BUSY')
      if (!busy || performance.now() > deadline) throw error
      await sleep(2)
    }
  }
}

/** Makes what is in the write-ahead log durable, off the event loop; calls that wait together share one sync. */
class LogSync {
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null
  readonly #fd: number

  constructor(file: string) {
    this.#fd = openSync(file, 'r')
  }

  sync(): Promise<void> {
    if (!this.#running) return this.#start()
    // The one under way may have begun before our commit: wait for the one after it.
    this.#next ??= this.#running.catch(() => {}).then(() => this.#start())
    return this.#next
  }

  close() {
    close(this.#fd)
  }

  #start() {
    this.#next = null
    const running = promisify(fdatasync)(this.#fd).finally(() => {
      if (this.#running === running) this.#running = null
    })
    this.#running = running
    return running
  }
}

export interface SqliteStorage extends Storage {
  readonly dialect: 'sqlite'
  readonly file: string
  /** The connection that reads, for reads that must not yield; never write through it. */
  readonly reader: Database
  /** As `statement`, answered without a promise. */
  direct<Row>(name: string, sql: string): (...values: Value[]) => Row[]
  /** Held by whoever writes to the file: `write()` and the ledger's fold take turns. */
  readonly lock: Mutex
  /** How often `write()` has committed: a disk that was full takes something in again. */
  commits(): number
}

/** Between two looks whether the database answers: a thousand health checks in that time share one. */
const LOOK_EVERY_MS = 1

function answering(ping: { get(): unknown }) {
  let answers = true
  let askedAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (now - askedAt < LOOK_EVERY_MS) return answers
    askedAt = now
    try {
      ping.get()
      answers = true
    } catch {
      answers = false
    }
    return answers
  }
}

export function openSqlite(file: string, hooks: StorageHooks, options: SqliteOptions = {}): SqliteStorage {
  const writer = connect(file, options)
  // A first read makes the log exist, so that it can be synced.
  writer.query('select 1 from sqlite_master').get()
  const reader = connect(file, { readonly: true })
  const { statements = new Statements(false), load = new StorageLoad() } = hooks
  const syncing = statements.of('fdatasync of the write-ahead log', 'wal_sync')
  const log = new LogSync(`${file}-wal`)
  const reading = new Reading(reader)
  const { lock } = reading
  load.writerQueue = () => lock.waiting
  const ping = reader.query('select 1 from facts limit 1')
  let commits = 0
  const db = new Kysely<Tables>({ dialect: dialect(reader, hooks, reading) })
  const writes = new Kysely<Tables>({ dialect: dialect(writer, hooks) })

  const direct = <Row>(name: string, sql: string) => {
    const series = statements.of(sql, name)
    return (...values: Value[]) => {
      hooks.onStatement?.(sql, values)
      reading.enter()
      return statements.now(series, () => reader.query(sql).all(...values) as Row[], lengthOf)
    }
  }

  return {
    dialect: 'sqlite',
    file,
    db,
    reader,
    lock,
    commits: () => commits,
    write: async (work) => {
      const scope = new TxScope(hooks)
      const asked = load.writing.enter()
      const result = await lock
        .run(() => {
          load.waitedForWriter(load.writing.leave(asked))
          return inWrite.run(true, () => writes.transaction().execute((trx) => work(scope.extend(trx))))
        })
        .catch((error) => {
          scope.rolledBack()
          throw isUniqueViolation(error) ? alreadyThere(error) : asRefusal(error)
        })
      commits++
      const failed = await statements
        .answered(syncing, () => log.sync(), none)
        .then(
          () => null,
          (error: Error) => error,
        )
      // Durable or not, it is committed, and everybody sees it from here on.
      scope.committed()
      if (failed) throw unsynced(failed)
      return result
    },
    direct,
    statement: <Row>(name: string, sql: string) => {
      const read = direct<Row>(name, sql)
      return async (...values: Value[]) => read(...values)
    },
    setBarrier: (barrier) => {
      reading.barrier = barrier
    },
    ping: async () => void ping.get(),
    answersNow: answering(ping),
    close: async () => {
      await lock.run(async () => {
        writer.run('pragma wal_checkpoint(truncate)')
        log.close()
        await db.destroy()
        await writes.destroy()
      })
    },
  }
}
