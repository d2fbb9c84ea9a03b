import { existsSync, statSync } from 'node:fs'
import type { PostgresStorage } from './postgres.ts'
import { runOn } from './postgres.ts'
import type { SqliteStorage } from './sqlite.ts'
import type { Storage } from './storage.ts'

/** A database in use, in figures. Sizes are bytes; null is what this kind of database does not have. */
export interface DatabaseStatus {
  kind: Storage['dialect']
  version: string
  size_bytes: number
  wal_bytes: number | null
  /** Inside the file, left by what was deleted. */
  free_bytes: number | null
  connections: { open: number; server_max: number } | null
  migrations: string[]
}

/** Looks at the database through the connections that are open anyway. */
export async function databaseStatus(storage: SqliteStorage | PostgresStorage): Promise<DatabaseStatus> {
  const migrations = await storage.statement<{ name: string }>('migrations', MIGRATIONS)()
  const applied = migrations.map(({ name }) => name)
  return {
    ...(storage.dialect === 'sqlite' ? ofSqlite(storage) : await ofPostgres(storage)),
    migrations: applied,
  }
}

const MIGRATIONS = 'select name from migrations order by name'

function ofSqlite({ reader, file }: SqliteStorage) {
  const pragma = (name: string) => (reader.query(`pragma ${name}`).get() as Record<string, number>)[name] ?? 0
  const { version } = reader.query('select sqlite_version() as version').get() as { version: string }
  const pageBytes = pragma('page_size')
  const wal = `${file}-wal`
  return {
    kind: 'sqlite' as const,
    version,
    size_bytes: pragma('page_count') * pageBytes,
    wal_bytes: existsSync(wal) ? statSync(wal).size : 0,
    free_bytes: pragma('freelist_count') * pageBytes,
    connections: null,
  }
}

async function ofPostgres({ sql }: PostgresStorage) {
  const [row] = (await runOn(
    sql,
    `select current_setting('server_version') as version, pg_database_size(current_database()) as size,
      (select count(*) from pg_stat_activity where datname = current_database()) as open,
      current_setting('max_connections')::bigint as max`,
  )) as unknown as { version: string; size: number; open: number; max: number }[]
  return {
    kind: 'postgres' as const,
    version: row?.version ?? '',
    size_bytes: row?.size ?? 0,
    wal_bytes: null,
    free_bytes: null,
    connections: { open: row?.open ?? 0, server_max: row?.max ?? 0 },
  }
}
