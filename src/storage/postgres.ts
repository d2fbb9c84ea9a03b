import { SQL } from 'bun'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type LimitNode,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type Transaction,
  ValueNode,
} from 'kysely'
import { Refusal } from '../lib/refusal.ts'
import { sleep } from '../lib/time.ts'
import { Statements } from '../metrics/recorder.ts'
import { StorageLoad } from '../metrics/storage-load.ts'
import { alreadyThere, type Storage, type StorageHooks, TxScope, type Value } from './storage.ts'
import type { Tables } from './tables.ts'

export const POOL = { max: 10, idleTimeout: 60, connectionTimeout: 5, maxLifetime: 3_600 } as const
const STATEMENT_TIMEOUT_MS = 15_000
const LOCK_TIMEOUT_MS = 10_000
const PING_TIMEOUT_MS = 2_000
const ATTEMPTS = 5
const INT8 = 20
/** Those of the API unless told and of the web app, and the one row more that says that there are more. */
const USUAL_LIMITS = [1, 10, 20, 21, 50, 51, 100, 101]

/** Serialization failure, deadlock: nothing happened, and a second try may well succeed. */
const RETRIED = ['40001', '40P01']
const FULL = ['53100', '53200']
const READ_ONLY = ['25006']
/** A lock or a turn that did not come, a statement or transaction that took too long, too many connections. */
const BUSY = ['55P03', '57014', '25P03', '25P04', '53300']
/** Connection failures of the standard, a server that starts or stops, and what Bun calls not getting through. */
const UNREACHABLE = /^(?:08|57P|ERR_POSTGRES_(?:CONNECTION|IDLE|LIFETIME))/

type Result = unknown[] & {
  count: number
  affectedRows: number
  command: string | null
  columns: Column[] | null
}
type Column = { name: string; type?: number }
type Client = { unsafe(sql: string, values?: unknown[]): Promise<unknown> }
type Reserved = Client & { (sql: TemplateStringsArray): Promise<unknown>; release(): void }

/** PostgreSQL's own code of an error, such as 23505 for a broken UNIQUE. */
export function sqlState(error: unknown) {
  return error instanceof SQL.PostgresError ? String(error.errno ?? error.code) : null
}

const isUniqueViolation = (error: unknown): error is Error => sqlState(error) === '23505'

/** What a full, read-only or absent database says becomes a refusal; the rest goes through. */
export function asRefusal(error: unknown) {
  const state = sqlState(error)
  if (!state) return error
  if (FULL.includes(state)) {
    return new Refusal('full', 'storage_full', 'The disk is full; nothing was changed', {
      retryAfterSeconds: 10,
    })
  }
  if (READ_ONLY.includes(state)) {
    return new Refusal('overloaded', 'storage_read_only', 'The database is read-only; nothing was changed', {
      retryAfterSeconds: 10,
    })
  }
  if (RETRIED.includes(state) || BUSY.includes(state) || UNREACHABLE.test(state)) {
    return new Refusal('overloaded', 'storage_busy', 'The database did not answer in time; try again', {
      retryAfterSeconds: 1,
      cause: `${state}: ${(error as Error).message}`,
    })
  }
  return error
}

export async function runOn(client: Client, sql: string, values: readonly unknown[] = []): Promise<Result> {
  return numbered((await client.unsafe(sql, values as unknown[])) as Result)
}

/**
 * A statement without parameters: `unsafe` would have it parsed and planned each time, a template is prepared. Bun takes
 * a template that was not written as one only with such a `raw`, for it might hold what somebody typed.
 * @param sql of the query compiler: nothing that anybody typed is in it.
 */
async function runPrepared(client: Reserved, sql: string): Promise<Result> {
  const strings = Object.defineProperty([sql], 'raw', { value: [sql] }) as unknown as TemplateStringsArray
  return numbered((await client(strings)) as Result)
}

/** int8 arrives as text: every integer of ours is a safe one, so it is a number from here on. */
function numbered(result: Result): Result {
  for (const column of result.columns ?? []) {
    if (column.type !== INT8) continue
    for (const row of result as Record<string, unknown>[]) {
      if (row[column.name] !== null) row[column.name] = Number(row[column.name])
    }
  }
  return result
}

/**
 * Writes the usual limits into the statement. Of a limit that is a parameter PostgreSQL expects a tenth of all rows, so
 * it takes any plan made for the number at hand to be better than one that it could keep, and plans each time: for a
 * join of five tables twice as long as it then runs. Other limits would each be one statement more.
 */
class Compiler extends PostgresQueryCompiler {
  protected override visitLimit(node: LimitNode) {
    const { limit } = node
    if (!ValueNode.is(limit) || !USUAL_LIMITS.includes(limit.value as number)) return super.visitLimit(node)
    this.append(`limit ${limit.value}`)
  }
}

class Connection implements DatabaseConnection {
  constructor(
    readonly client: Reserved,
    private readonly pool: Pool,
    private readonly statements: Statements,
    private readonly onStatement: StorageHooks['onStatement'],
  ) {}

  /** A word of the transaction's own. */
  control(sql: string) {
    return this.statements.answered(
      this.statements.of(sql, sql),
      () => this.pool.watched(this.client.unsafe(sql)),
      () => 0,
    )
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    this.onStatement?.(sql, parameters)
    const run = () =>
      parameters.length > 0 ? runOn(this.client, sql, parameters) : runPrepared(this.client, sql)
    const work = () => this.pool.watched(run())
    const result = await this.statements.answered(this.statements.of(sql), work, lengthOf)
    return { rows: [...result] as R[], numAffectedRows: BigInt(result.affectedRows) }
  }

  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    yield* []
    throw new Error('page through with keysets instead: a stream would hold its snapshot')
  }
}

const lengthOf = (rows: unknown[]) => rows.length

/** Connections of the pool, and who waits for one. */
class Pool implements Client {
  /** False from when no connection could be had, or one broke, until a statement succeeds. */
  answers = true

  constructor(
    private readonly sql: SQL,
    private readonly load: StorageLoad,
  ) {
    load.poolMax = POOL.max
  }

  async reserve() {
    const { load } = this
    const asked = load.reserving.enter()
    try {
      const client = await this.sql.reserve()
      load.reserved++
      return client
    } catch (error) {
      throw this.#failed(error)
    } finally {
      load.waitedForPool(load.reserving.leave(asked))
    }
  }

  release(client: { release(): void }) {
    this.load.reserved--
    client.release()
  }

  /** By any connection: a statement of its own needs none to itself, and Bun sends several at once through each. */
  async unsafe(sql: string, values?: unknown[]) {
    const { statements } = this.load
    const asked = statements.enter()
    try {
      const result = await this.sql.unsafe(sql, values)
      this.answers = true
      return result
    } catch (error) {
      throw this.#failed(error)
    } finally {
      statements.leave(asked)
    }
  }

  /** Learns from a statement on a reserved connection. */
  async watched<Result>(statement: Promise<Result>): Promise<Result> {
    try {
      const result = await statement
      this.answers = true
      return result
    } catch (error) {
      throw this.#failed(error)
    }
  }

  #failed(error: unknown) {
    const state = sqlState(error) ?? ''
    if (UNREACHABLE.test(state)) this.answers = false
    // Whoever wrote may still try it again.
    return RETRIED.includes(state) ? error : asRefusal(error)
  }

  close() {
    return this.sql.close({ timeout: 5 })
  }
}

function dialect(pool: Pool, { statements = new Statements(false), onStatement }: StorageHooks): Dialect {
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => new Connection(await pool.reserve(), pool, statements, onStatement),
    beginTransaction: async (connection) => void (await (connection as Connection).control('begin')),
    commitTransaction: async (connection) => void (await (connection as Connection).control('commit')),
    rollbackTransaction: async (connection) => void (await (connection as Connection).control('rollback')),
    releaseConnection: async (connection) => pool.release((connection as Connection).client),
    destroy: () => pool.close(),
  }
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new Compiler(),
  }
}

export interface PostgresStorage extends Storage {
  readonly dialect: 'postgres'
  readonly sql: SQL
  readonly pool: Pool
}

export type { Pool }

export interface PostgresOptions {
  /** 15 s unless given. */
  statementTimeoutMs?: number
  /** 10 s unless given. */
  lockTimeoutMs?: number
}

function connect(url: string, options: PostgresOptions) {
  const { statementTimeoutMs = STATEMENT_TIMEOUT_MS, lockTimeoutMs = LOCK_TIMEOUT_MS } = options
  return new SQL({
    url,
    ...POOL,
    connection: {
      application_name: 'zimmer',
      statement_timeout: statementTimeoutMs,
      lock_timeout: lockTimeoutMs,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
      // An acknowledged write survives a power cut, whatever the server's default is.
      synchronous_commit: 'on',
    },
  })
}

/** Whether the server answers, asked by a connection that no work is waiting for: it opens with the first ping. */
function pinger(url: string) {
  const connection = { application_name: 'zimmer health', statement_timeout: PING_TIMEOUT_MS }
  return new SQL({ url, max: 1, connectionTimeout: POOL.connectionTimeout, connection })
}

export function openPostgres(
  url: string,
  hooks: StorageHooks,
  options: PostgresOptions = {},
): PostgresStorage {
  const sql = connect(url, options)
  const pings = pinger(url)
  const pool = new Pool(sql, hooks.load ?? new StorageLoad())
  const db = new Kysely<Tables>({ dialect: dialect(pool, hooks) })

  async function announce(trx: Transaction<Tables>, tags: ReadonlySet<string>) {
    if (!hooks.announcement || tags.size === 0) return
    const { channel, payload } = hooks.announcement(tags)
    await trx.executeQuery(CompiledQuery.raw('select pg_notify($1, $2)', [channel, payload]))
  }
  const { statements = new Statements(false) } = hooks
  return {
    dialect: 'postgres',
    sql,
    pool,
    db,
    write: async (work) => {
      for (let attempt = 1; ; attempt++) {
        const scope = new TxScope(hooks)
        try {
          const result = await db.transaction().execute(async (trx) => {
            const done = await work(scope.extend(trx))
            await announce(trx, scope.tags)
            return done
          })
          scope.committed()
          return result
        } catch (error) {
          scope.rolledBack()
          if (isUniqueViolation(error)) throw alreadyThere(error)
          if (attempt === ATTEMPTS || !RETRIED.includes(sqlState(error) ?? '')) throw asRefusal(error)
          await sleep(Math.random() * 10 * 2 ** attempt)
        }
      }
    },
    statement: <Row>(name: string, text: string) => {
      const series = statements.of(text, name)
      return async (...values: Value[]) => {
        hooks.onStatement?.(text, values)
        const rows = await statements.answered(series, () => runOn(pool, text, values), lengthOf)
        return rows as unknown as Row[]
      }
    },
    // Nothing is held back here: a consume is in its tables when it is acknowledged.
    setBarrier: () => {},
    ping: async () => {
      await pings.unsafe('select 1')
      if (!pool.answers) await pool.unsafe('select 1')
    },
    answersNow: () => pool.answers,
    close: async () => {
      await pings.close({ timeout: 1 })
      await db.destroy()
    },
  }
}
