import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TagVersions } from './cache/cache.ts'
import type { Config } from './config.ts'
import { type Clock, systemClock } from './lib/time.ts'
import { type Logger, openLog } from './log.ts'
import { type Metrics, openMetrics } from './metrics/metrics.ts'
import { SlowLog } from './metrics/slow-log.ts'
import { openToLook } from './storage/inspect.ts'
import {
  type MigrationStatus,
  migratePostgres,
  migrateSqlite,
  refuseForeignSqlite,
} from './storage/migrate.ts'
import { openPostgres, type PostgresStorage } from './storage/postgres.ts'
import { connect, openSqlite, type SqliteOptions, type SqliteStorage } from './storage/sqlite.ts'
import type { Db, Storage, StorageHooks, Tx } from './storage/storage.ts'

type Hook = () => Promise<void> | void

/** Everything that a process of Zimmer shares. Verbs never see it: they take a `Db` or a `Tx`. */
export interface App {
  readonly config: Config
  readonly storage: SqliteStorage | PostgresStorage
  /** Reads. */
  readonly db: Db
  /** Opens the transaction that a verb writes in; durable when it resolves. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  readonly versions: TagVersions
  readonly metrics: Metrics
  readonly log: Logger
  readonly clock: Clock
  /** What a process that lasts runs beside its requests; the command line's short ones don't `start()`. */
  onStart(hook: Hook): void
  /** Last registered, first closed. */
  onClose(hook: Hook): void
  start(): Promise<void>
  /** True from the moment that the process was told to stop. */
  draining: boolean
  close(): Promise<void>
}

export interface Overrides extends SqliteOptions {
  clock?: Clock
  log?: Logger
  /** Told every statement that is sent to the database. */
  onStatement?: StorageHooks['onStatement']
  /** False leaves requests and statements unmeasured: for the benchmark of what measuring costs. */
  measuring?: boolean
}

export const sqliteFile = (config: Config) => join(config.dataDir, 'zimmer.db')

/** Opens the database (creating or migrating it), and what hangs on it. */
export async function openApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const clock = overrides.clock ?? systemClock
  const log = overrides.log ?? openLog(config.logLevel)
  const versions = new TagVersions()
  const { onStatement } = overrides
  const slow = new SlowLog(config.slowMs, (fields, message) => log.warn(fields, message))
  const metrics = openMetrics({ measuring: overrides.measuring, slow })
  const touched = (tags: Iterable<string>) => versions.bump(tags)
  const hooks = { now: clock, touched, onStatement, statements: metrics.statements, load: metrics.storage }
  await migrate(config, clock)
  const storage: Storage & (SqliteStorage | PostgresStorage) = config.databaseUrl
    ? openPostgres(config.databaseUrl, hooks)
    : openSqlite(sqliteFile(config), hooks, overrides)
  const starts: Hook[] = []
  const closes: Hook[] = []
  return {
    config,
    storage,
    db: storage.db,
    write: storage.write,
    versions,
    metrics,
    log,
    clock,
    draining: false,
    onStart: (hook) => void starts.push(hook),
    onClose: (hook) => void closes.unshift(hook),
    start: async () => {
      for (const hook of starts) await hook()
    },
    close: async () => {
      for (const hook of closes.splice(0)) await hook()
      await storage.close()
    },
  }
}

/** Brings the database to this program's schema, or with `dryRun` says what is missing. */
export async function migrate(
  config: Config,
  clock: Clock,
  { dryRun = false } = {},
): Promise<MigrationStatus> {
  if (!config.databaseUrl) {
    refuseForeign(sqliteFile(config))
    const database = connect(sqliteFile(config))
    try {
      return migrateSqlite(database, clock(), { dryRun })
    } finally {
      database.close()
    }
  }
  const storage = openPostgres(config.databaseUrl, { now: clock, touched: () => {} })
  try {
    return await migratePostgres(storage.sql, clock(), { dryRun })
  } finally {
    await storage.close()
  }
}

/** Before the first connection of ours, which would change its journal mode. */
function refuseForeign(file: string) {
  if (!existsSync(file)) return
  const database = openToLook(file)
  try {
    refuseForeignSqlite(database)
  } finally {
    database.close()
  }
}
