import { Database, SQLiteError } from 'bun:sqlite'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Somebody else serves from this data folder. */
export class AlreadyServingError extends Error {
  constructor(dataDir: string) {
    super(
      `another Zimmer serves from ${dataDir} already: stop it, or give this one its own ZIMMER_DATA_DIR. ` +
        'Several can serve one database only on PostgreSQL',
    )
  }
}

/**
 * Holds the data folder for this process: two servers would each answer from balances of their own. The lock is one
 * of the operating system's, by way of a transaction that stays open, so it ends with the process however that ends.
 *
 * @returns what gives it back.
 * @throws AlreadyServingError
 */
export function lockInstance(dataDir: string): () => void {
  const database = new Database(join(dataDir, 'serve.lock'), { create: true })
  try {
    database.run('pragma journal_mode = memory')
    database.run('begin exclusive')
  } catch (error) {
    database.close()
    const isHeld = error instanceof SQLiteError && error.code?.startsWith('SQLITE_BUSY')
    throw isHeld ? new AlreadyServingError(dataDir) : error
  }
  return () => database.close()
}

/** Whether somebody serves under that lock file at this moment. It is only looked at, for microseconds. */
export function isServed(lockFile: string): boolean {
  if (!existsSync(lockFile)) return false
  const database = new Database(lockFile, { readonly: true })
  try {
    database.query('select count(*) from sqlite_master').all()
    return false
  } catch (error) {
    return error instanceof SQLiteError && error.code?.startsWith('SQLITE_BUSY') === true
  } finally {
    database.close()
  }
}
