import type { PostgresStorage } from '../storage/postgres.ts'
import type { SqliteStorage } from '../storage/sqlite.ts'
import type { Consumption, Host } from './entry.ts'
import { MemoryConsumption } from './memory.ts'
import { PostgresConsumption } from './postgres.ts'

const opened = new WeakMap<Host, Consumption>()

/** The App's one ledger. On SQLite it first brings into the tables what a crash left in the journal. */
export function consumption(app: Host & { storage: SqliteStorage | PostgresStorage }): Consumption {
  let found = opened.get(app)
  if (!found) {
    const { storage } = app
    found =
      storage.dialect === 'sqlite'
        ? new MemoryConsumption(app, storage)
        : new PostgresConsumption(app, storage)
    opened.set(app, found)
  }
  return found
}
