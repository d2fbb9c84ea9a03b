import type { Database } from 'bun:sqlite'
import type { ReservedSQL, SQL } from 'bun'
import { migrations, render } from './migrations/list.ts'
import type { Migration } from './migrations/migration.ts'
import { runOn } from './postgres.ts'
import { refuseOldSqlite, sqliteVersion } from './sqlite.ts'

const TABLE = 'create table if not exists migrations (name text primary key, applied_at bigint not null)'
const BUSY_WAIT_MS = 5_000
/** Any number: whoever migrates a PostgreSQL database holds this lock. */
const ADVISORY_LOCK = 0x5a494d4d

/** The database was made by a later Zimmer; this one would not know what it writes to. */
export class NewerDatabaseError extends Error {
  constructor(name: string) {
    super(
      `The database has migration ${name}, which this Zimmer does not know: run the newer Zimmer that made it`,
    )
  }
}

/** Tables are there, but none that says which migrations of ours were applied. */
export class ForeignDatabaseError extends Error {
  constructor() {
    super('the database belongs to another program, nothing was changed')
  }
}

/** @throws ForeignDatabaseError */
export function refuseForeignSqlite(database: Database) {
  const { tables, ours } = database
    .query(
      `select (select count(*) from sqlite_master where type = 'table' and name not like 'sqlite~_%' escape '~')
        as tables, (select count(*) from pragma_table_info('migrations') where name = 'applied_at') as ours`,
    )
    .get() as Contents
  if (tables > 0 && ours === 0) throw new ForeignDatabaseError()
}

/** @throws ForeignDatabaseError */
export async function refuseForeignPostgres(sql: SQL | ReservedSQL) {
  const rows = (await runOn(
    sql,
    `select (select count(*) from pg_tables where schemaname = current_schema()) as tables,
      (select count(*) from information_schema.columns where table_schema = current_schema()
        and table_name = 'migrations' and column_name = 'applied_at') as ours`,
  )) as unknown as Contents[]
  if (rows[0] && rows[0].tables > 0 && rows[0].ours === 0) throw new ForeignDatabaseError()
}

interface Contents {
  tables: number
  ours: number
}

function pending(applied: readonly string[]): Migration[] {
  const known = new Set(migrations.map((migration) => migration.name))
  const stranger = applied.find((name) => !known.has(name))
  if (stranger) throw new NewerDatabaseError(stranger)
  return migrations.filter((migration) => !applied.includes(migration.name))
}

export interface MigrationStatus {
  applied: string[]
  pending: string[]
}

/**
 * Applies what is missing, all in one transaction: a failed migration leaves the database as it was. Where nothing is
 * missing it only reads, for a server may be writing at the same time.
 */
export function migrateSqlite(database: Database, now: number, { dryRun = false } = {}): MigrationStatus {
  refuseOldSqlite(sqliteVersion(database))
  const applied = appliedTo(database)
  const missing = pending(applied)
  if (!dryRun && missing.length > 0) return applyTo(database, now)
  return { applied, pending: missing.map(({ name }) => name) }
}

function appliedTo(database: Database): string[] {
  const table = database.query("select 1 from sqlite_master where name = 'migrations'").get()
  if (!table) return []
  const rows = database.query('select name from migrations order by name').all() as { name: string }[]
  return rows.map(({ name }) => name)
}

/** Looks again under the lock: another start may have been faster. */
function applyTo(database: Database, now: number): MigrationStatus {
  database.run(`pragma busy_timeout = ${BUSY_WAIT_MS}`)
  database.run('begin immediate')
  try {
    database.run(`${TABLE} strict`.replace('bigint', 'integer'))
    const applied = appliedTo(database)
    const missing = pending(applied)
    for (const migration of missing) {
      database.run(render(migration, 'sqlite'))
      database.query('insert into migrations values (?, ?)').run(migration.name, now)
    }
    database.run('commit')
    return { applied, pending: missing.map(({ name }) => name) }
  } catch (error) {
    if (database.inTransaction) database.run('rollback')
    throw error
  }
}

/** As `migrateSqlite`; two nodes that start together take turns. */
export async function migratePostgres(
  sql: SQL,
  now: number,
  { dryRun = false } = {},
): Promise<MigrationStatus> {
  const connection = await sql.reserve()
  try {
    await connection.unsafe('begin')
    // It takes as long as the tables are large, or as the node that is at it already needs.
    await connection.unsafe('set local statement_timeout = 0; set local lock_timeout = 0').simple()
    await connection.unsafe(`select pg_advisory_xact_lock(${ADVISORY_LOCK})`)
    await refuseForeignPostgres(connection)
    await connection.unsafe(TABLE)
    const rows = (await runOn(connection, 'select name from migrations order by name')) as unknown as {
      name: string
    }[]
    const missing = pending(rows.map((row) => row.name))
    if (!dryRun) {
      for (const migration of missing) {
        await connection.unsafe(render(migration, 'postgres')).simple()
        await connection.unsafe('insert into migrations values ($1, $2)', [migration.name, now])
      }
    }
    await connection.unsafe(dryRun ? 'rollback' : 'commit')
    return { applied: rows.map((row) => row.name), pending: missing.map(({ name }) => name) }
  } catch (error) {
    await connection.unsafe('rollback').catch(() => {})
    throw error
  } finally {
    connection.release()
  }
}
