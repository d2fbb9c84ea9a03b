import { PostgresAdapter, sql } from 'kysely'
import type { Db } from './storage.ts'

/**
 * Runs reads that take as long as the tables are large. On PostgreSQL requests have a time limit for each statement,
 * which these do not.
 */
export function unhurried<T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return work(db)
  return db.transaction().execute(async (trx) => {
    await sql`set local statement_timeout = 0`.execute(trx)
    await sql`set local lock_timeout = 0`.execute(trx)
    return work(trx)
  })
}
