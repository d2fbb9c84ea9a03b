import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { announcement, CacheBus } from './cache/bus.ts'
import { Caches } from './cache/cache.ts'
import { exposeCaches } from './cache/exposed.ts'
import type { Config } from './config.ts'
import { type Clock, systemClock } from './lib/time.ts'
import { type Logger, openLog } from './log.ts'
import { type Metrics, openMetrics } from './metrics/metrics.ts'
import { SlowLog } from './metrics/slow-log.ts'
import { openToLook } from './storage/inspect.ts'
import { openLine } from './storage/line.ts'
import {
  type MigrationStatus,
  migratePostgres,
  migrateSqlite,
  refuseForeignSqlite,
} from './storage/migrate.ts'
import { tellOutsideWrite, watchOutsideWrites } from './storage/outside.ts'
import { openPostgres, type PostgresOptions, type PostgresStorage } from './storage/postgres.ts'
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
  readonly caches: Caches
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

export interface Overrides extends SqliteOptions, PostgresOptions {
  clock?: Clock
  log?: Logger
  /** Caches by name that keep nothing, for benchmarks: `principals`, `responses`, `service_tokens`. */
  cachesOff?: readonly string[]
  /** Told every statement that is sent to the database. */
  onStatement?: StorageHooks['onStatement']
  /** False leaves requests and statements unmeasured: for the benchmark of what measuring costs. */
  measuring?: boolean
  /** The only node of its database for certain: it neither tells others what it changes, nor listens. */
  alone?: boolean
}

export const sqliteFile = (config: Config) => join(config.dataDir, 'zimmer.db')

/** Opens the database (creating or migrating it), and what hangs on it. */
export async function openApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const clock = overrides.clock ?? systemClock
  const log = overrides.log ?? openLog(config.logLevel)
  const caches = new Caches(clock, overrides.cachesOff)
  const { versions } = caches
  const slow = new SlowLog(config.slowMs, (fields, message) => log.warn(fields, message))
  const metrics = openMetrics({ measuring: overrides.measuring, slow })
  exposeCaches(metrics.registry, caches)
  const starts: Hook[] = []
  const closes: Hook[] = []
  const hooks: StorageHooks = {
    now: clock,
    touched: (tags) => versions.bump(tags),
    announcement: (tags) => announcement(tags, versions),
    onStatement: overrides.onStatement,
    statements: metrics.statements,
    load: metrics.storage,
  }
  await migrate(config, clock)
  const storage: Storage & (SqliteStorage | PostgresStorage) = config.databaseUrl
    ? openPostgres(config.databaseUrl, hooks, overrides)
    : openSqlite(sqliteFile(config), hooks, overrides)
  const app: App = {
    config,
    storage,
    db: storage.db,
    write: storage.write,
    caches,
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
  if (!config.databaseUrl) joinProcesses(app, hooks)
  else if (!overrides.alone) joinNodes(app, config.databaseUrl)
  return app
}

/** Several nodes over one PostgreSQL tell each other what they change; a command only tells. */
function joinNodes({ caches, log, onStart, onClose }: App, databaseUrl: string) {
  caches.isTrusted = () => false
  const line = openLine(databaseUrl)
  const bus = new CacheBus(line, caches.versions, (error) =>
    log.warn({ err: error }, 'the other nodes could not be told what changed'),
  )
  onClose(async () => {
    await bus.stop()
    await line.close()
  })
  onStart(async () => {
    caches.isTrusted = bus.isTrusted
    caches.onSpent = (slots) => bus.spent(slots)
    await bus.start()
  })
}

/** On SQLite there is one server, and commands that write beside it. */
function joinProcesses({ config, caches, onStart, onClose }: App, hooks: StorageHooks) {
  const { touched } = hooks
  let stopWatching = () => {}
  hooks.touched = (tags) => {
    touched(tags)
    tellOutsideWrite(config.dataDir)
  }
  onStart(() => {
    hooks.touched = touched
    stopWatching = watchOutsideWrites(config.dataDir, () => caches.versions.bumpAll())
  })
  onClose(() => stopWatching())
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
