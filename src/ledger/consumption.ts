import type { App } from '../app.ts'
import type { Consumption } from './entry.ts'
import { MemoryConsumption } from './memory.ts'
import { PostgresConsumption } from './postgres.ts'

const opened = new WeakMap<App, Consumption>()

/** The App's one ledger. On SQLite it first brings into the tables what a crash left in the journal. */
export function consumption(app: App): Consumption {
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
