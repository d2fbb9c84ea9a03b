/**
 * A Zimmer for torture.ts, made worse on purpose (`--plant`) or watched (`--power-cut`, see
 * power-cut.ts). The product itself has no such switch: what is changed is changed from here, before it starts.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const LATE_MS = 20
const O_DSYNC = 0o10000

const { values } = parseArgs({
  options: { plant: { type: 'string' }, 'power-cut': { type: 'boolean' } },
})

if (values['power-cut']) {
  await import('./power-cut.ts')
  const preload = [join(import.meta.dir, 'power-cut.ts')]
  const Plain = globalThis.Worker
  globalThis.Worker = class extends Plain {
    constructor(script: string | URL, options: WorkerOptions = {}) {
      super(script, { ...options, preload } as WorkerOptions)
    }
  }
}

if (values.plant === 'unsynced-journal') openJournalsUnsynced()

const { readConfig } = await import('../src/config.ts')
const { serveUntilStopped } = await import('../src/serve.ts')

if (values.plant === 'ack-before-commit') {
  await acknowledgeBeforeJournal()
  await acknowledgeBeforeCommit()
}
process.exit(await serveUntilStopped(readConfig()))

/** SQLite: an append resolves when the operating system has it. What `require` is for here: see power-cut.ts. */
function openJournalsUnsynced() {
  const fs = require('node:fs') as typeof import('node:fs')
  const { openSync } = fs
  fs.openSync = (path, flags, mode) => {
    const plain = String(path).endsWith('.journal') && typeof flags === 'number' ? flags & ~O_DSYNC : flags
    return openSync(path, plain, mode)
  }
}

/** SQLite: an append resolves at once, and is written a little later. */
async function acknowledgeBeforeJournal() {
  const { Journal } = await import('../src/storage/journal.ts')
  const { append } = Journal.prototype
  let last: Promise<unknown> = Promise.resolve()
  Journal.prototype.append = async function (seq: number, payload: string) {
    last = last.then(() => Bun.sleep(LATE_MS)).then(() => append.call(this, seq, payload))
    last.catch(() => {})
  }
}

/** PostgreSQL: a commit resolves at once, and happens a little later, before the connection is given back. */
async function acknowledgeBeforeCommit() {
  const { PostgresConsumption } = await import('../src/ledger/postgres.ts')
  const { consume } = PostgresConsumption.prototype
  const patched = new WeakSet<object>()
  PostgresConsumption.prototype.consume = function (consumes) {
    const { sql } = (this as unknown as { storage: { sql: { reserve(): Promise<Reserved> } } }).storage
    if (!patched.has(sql)) {
      patched.add(sql)
      const reserve = sql.reserve.bind(sql)
      sql.reserve = async () => commitsLate(await reserve())
    }
    return consume.call(this, consumes)
  }
}

interface Reserved {
  unsafe(text: string, values?: unknown[]): Promise<unknown>
  release(): void
}

function commitsLate(connection: Reserved): Reserved {
  let commits = false
  return {
    unsafe: (text, given) => {
      if (text !== 'commit') return connection.unsafe(text, given)
      commits = true
      return Promise.resolve([])
    },
    release: () => {
      const end = async () => {
        if (commits) {
          await Bun.sleep(LATE_MS)
          await connection.unsafe('commit')
        }
        connection.release()
      }
      void end()
    },
  }
}
