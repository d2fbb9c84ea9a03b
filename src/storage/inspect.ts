import { Database } from 'bun:sqlite'
import { existsSync, statSync } from 'node:fs'
import { refuseForeignPostgres, refuseForeignSqlite } from './migrate.ts'
import { migrations } from './migrations/list.ts'
import { openPostgres, POOL, runOn } from './postgres.ts'
import { connect, PLAN_PRAGMAS, sqliteVersion } from './sqlite.ts'

/** The performance plan's indexes, by its names. */
const PLAN_INDEXES = [
  'idx_users_email',
  'idx_users_is_active',
  'idx_users_email_verified',
  'idx_user_automations_user_id',
  'idx_user_automations_status',
  'idx_user_automations_user_status',
  'idx_token_usage_user_id',
  'idx_token_usage_created_at',
  'idx_token_usage_user_created',
  'idx_sessions_user_id',
  'idx_sessions_expires_at',
]

/** What there is to see in a database without changing it. */
export interface Inspection {
  /** `SQLite 3.54.0`, `PostgreSQL 18.4`. */
  version: string
  /** As they hold on a connection of ours. */
  settings: Record<string, string>
  /** What a Zimmer can't do without; what makes it fast and safe is the survey's: see engine.ts. */
  expected: Record<string, string>
  /** null where there is no pool. */
  pool: { max: number; connections: number; server_max: number } | null
  migrations: { applied: string[]; pending: string[]; unknown: string[] }
  indexes: { name: string; present: boolean }[]
  /** Bytes, by file or as the server says. */
  sizes: Record<string, number>
  /** Active ones; null while there is no table of users. */
  managers: number | null
  failed_jobs: number | null
}

type Query = <Row>(sql: string) => Promise<Row[]>

/**
 * @returns null when there is no database file yet.
 * @throws ForeignDatabaseError
 */
export async function inspectSqlite(file: string): Promise<Inspection | null> {
  if (!existsSync(file)) return null
  const database = openToLook(file)
  try {
    refuseForeignSqlite(database)
    const query: Query = async <Row>(sql: string) => database.query(sql).all() as Row[]
    const settings: Record<string, string> = {}
    for (const name of [...Object.keys(PLAN_PRAGMAS), 'foreign_keys', 'page_size', 'encoding']) {
      const [row] = await query<Record<string, string>>(`pragma ${name}`)
      settings[name] = String(row?.[name] ?? '')
    }
    return {
      version: `SQLite ${sqliteVersion(database)}`,
      settings: {
        ...settings,
        synchronous: LEVELS[Number(settings.synchronous)] ?? '',
        temp_store: STORES[Number(settings.temp_store)] ?? '',
      },
      expected: {},
      pool: null,
      ...(await contents(query, {
        tables: "select name from sqlite_master where type = 'table'",
        indexes: "select name from sqlite_master where type = 'index'",
      })),
      sizes: { 'zimmer.db': sizeOf(file), 'zimmer.db-wal': sizeOf(`${file}-wal`) },
    }
  } finally {
    database.close()
  }
}

/**
 * With a write-ahead log there, read-only: the last one to close would bring it into the database. Without one, as a
 * writer that writes nothing: a reader would leave an empty log behind.
 */
export function openToLook(file: string): Database {
  if (existsSync(`${file}-wal`)) return connect(file, { readonly: true })
  const database = new Database(file, { readwrite: true })
  for (const [name, value] of Object.entries(PLAN_PRAGMAS)) {
    if (name !== 'journal_mode') database.run(`pragma ${name} = ${value}`)
  }
  database.run('pragma foreign_keys = on')
  return database
}

/** @throws ForeignDatabaseError */
export async function inspectPostgres(url: string): Promise<Inspection> {
  const storage = openPostgres(url, { now: Date.now, touched: () => {} })
  try {
    await refuseForeignPostgres(storage.sql)
    const query: Query = async <Row>(sql: string) => (await runOn(storage.sql, sql)) as unknown as Row[]
    const rows = await query<{ name: string; setting: string }>(
      `select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit',
        'max_connections', 'shared_buffers', 'server_encoding', 'statement_timeout', 'lock_timeout',
        'default_transaction_read_only') order by name`,
    )
    const [server] = await query<{ version: string; size: number; connections: number }>(
      `select current_setting('server_version') as version, pg_database_size(current_database()) as size,
        (select count(*) from pg_stat_activity where datname = current_database()) as connections`,
    )
    const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
    return {
      version: `PostgreSQL ${server?.version}`,
      settings,
      expected: { server_encoding: 'UTF8', default_transaction_read_only: 'off' },
      pool: {
        max: POOL.max,
        connections: server?.connections ?? 0,
        server_max: Number(settings.max_connections),
      },
      ...(await contents(query, {
        tables: 'select tablename as name from pg_tables where schemaname = current_schema()',
        indexes: 'select indexname as name from pg_indexes where schemaname = current_schema()',
      })),
      sizes: { database: server?.size ?? 0 },
    }
  } finally {
    await storage.close()
  }
}

const LEVELS = ['off', 'normal', 'full', 'extra']
const STORES = ['default', 'file', 'memory']

async function contents(query: Query, catalogue: { tables: string; indexes: string }) {
  const tables = await names(query, catalogue.tables)
  const indexes = await names(query, catalogue.indexes)
  const count = async (table: string, sql: string) =>
    tables.has(table) ? ((await query<{ n: number }>(sql))[0]?.n ?? 0) : null
  const applied = tables.has('migrations')
    ? [...(await names(query, 'select name from migrations order by name'))]
    : []
  const known = migrations.map(({ name }) => name)
  return {
    migrations: {
      applied,
      pending: known.filter((name) => !applied.includes(name)),
      unknown: applied.filter((name) => !known.includes(name)),
    },
    indexes: PLAN_INDEXES.map((name) => ({ name, present: indexes.has(name) })),
    managers: await count(
      'users',
      "select count(*) as n from users where role = 'manager' and is_active = 1",
    ),
    failed_jobs: await count('jobs', "select count(*) as n from jobs where state = 'failed'"),
  }
}

async function names(query: Query, sql: string) {
  return new Set((await query<{ name: string }>(sql)).map(({ name }) => name))
}

const sizeOf = (file: string) => (existsSync(file) ? statSync(file).size : 0)
