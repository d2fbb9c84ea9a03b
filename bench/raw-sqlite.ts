/**
 * The limit of a batch consume: the ledger as one would write it by hand over bun:sqlite, without HTTP and without
 * answers. Per event the key is looked up, the lot burned, the usage row and both roll-ups written; every thousand
 * are one transaction, synced. Reads a `RawOrder` from stdin, writes a `RawResult` to stdout.
 */
import { Database } from 'bun:sqlite'
import { dayOf, hourOf } from '../src/lib/time.ts'
import { PLAN_PRAGMAS } from '../src/storage/sqlite.ts'
import { automationOf, picker, type Size, userOf } from './population.ts'

export interface RawOrder {
  /** A SQLite file, or the URL of a PostgreSQL database. */
  database: string
  size: Size
  seed: number
  seconds: number
  /** Events per transaction. */
  group: number
  /** At once; always 1 on SQLite. */
  connections: number
}

export interface RawResult {
  events: number
  seconds: number
}

const CHECKPOINT_PAGES = 8_192

function statements(database: Database) {
  const now = Date.now()
  const hour = `h${hourOf(now)}`
  const rollUp = (table: string, columns: string, values: string) =>
    database.query(`insert into ${table} (day, ${columns}, tokens, events, ${hour}) values (?, ${values}, ?, 1, ?)
      on conflict do update set tokens = tokens + excluded.tokens, events = events + 1,
        ${hour} = ${hour} + excluded.${hour}`)
  return {
    earlier: database.query('select id from token_usage where automation_id = ? and idempotency_key = ?'),
    lot: database.query(`select id, remaining from lots where user_automation_id = ? and remaining > 0
      and (expires_at is null or expires_at > ?) order by priority, expires_at, id limit 1`),
    burn: database.query('update lots set remaining = remaining - ? where id = ? and remaining >= ?'),
    usage: database.query(`insert into token_usage (id, user_automation_id, user_id, automation_id, tokens,
      usage_type, lot_id, demo_after, paid_after, idempotency_key, created_at)
      values (?, ?, ?, ?, 1, 'bench', ?, 0, ?, ?, ?)`),
    day: rollUp('usage_days', 'user_automation_id', '?'),
    total: rollUp('usage_totals', 'slot, automation_id', '0, ?'),
    last: database.query('select max(id) as id from token_usage'),
  }
}

export function runRaw({ database: file, size, seed, seconds, group }: RawOrder): RawResult {
  const database = new Database(file)
  for (const [name, value] of Object.entries(PLAN_PRAGMAS)) database.run(`pragma ${name} = ${value}`)
  database.run('pragma synchronous = full')
  database.run(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  const sql = statements(database)
  const pick = picker(size, 'zipf', seed)
  let id = (sql.last.get() as { id: number }).id
  const consume = (now: number) => {
    const subscription = pick.any()
    const automation = automationOf(subscription, size)
    const key = Bun.randomUUIDv7()
    if (sql.earlier.get(automation, key)) return
    const lot = sql.lot.get(subscription, now) as { id: number; remaining: number }
    if (sql.burn.run(1, lot.id, 1).changes !== 1) throw new Error('a lot was too small')
    const user = userOf(subscription, size)
    sql.usage.run(++id, subscription, user, automation, lot.id, lot.remaining - 1, key, now)
    sql.day.run(dayOf(now), subscription, 1, 1)
    sql.total.run(dayOf(now), automation, 1, 1)
  }
  const startedAt = performance.now()
  let events = 0
  while (performance.now() - startedAt < seconds * 1_000) {
    const now = Date.now()
    database.run('begin immediate')
    for (let nth = 0; nth < group; nth++) consume(now)
    database.run('commit')
    events += group
  }
  const took = (performance.now() - startedAt) / 1_000
  database.close()
  return { events, seconds: took }
}

if (import.meta.main) {
  console.log(JSON.stringify(runRaw(JSON.parse(await Bun.stdin.text()) as RawOrder)))
}
