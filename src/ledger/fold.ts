import { dayOf, hourOf } from '../lib/time.ts'
import type { JournalRecord } from '../storage/journal.ts'
import type { Database } from '../storage/sqlite.ts'
import type { Entry } from './entry.ts'

/** A write-ahead log longer than this is brought into the database file. */
export const CHECKPOINT_FROM_BYTES = 128 * 1_048_576

type Rollup = { tokens: number; events: number; key: [day: number, id: number]; hour: number }

/**
 * Brings journal records into their tables in one transaction: usage rows, lots and roll-ups, each row written once
 * however many consumes touched it. Records that are in already are passed over, so it is safe to repeat.
 *
 * @returns the last record that is in the tables now.
 */
export function fold(database: Database, records: readonly JournalRecord[]): number {
  database.run('begin immediate')
  try {
    const folded = foldedSeq(database)
    const fresh = records.filter(({ seq }) => seq > folded)
    const last = fresh.at(-1)
    if (!last) {
      database.run('rollback')
      return folded
    }
    refuseGaps(fresh, folded)
    write(
      database,
      fresh.flatMap(({ payload }) => JSON.parse(payload) as Entry[]),
    )
    database.query(`update facts set value = ? where name = 'ledger_folded'`).run(String(last.seq))
    database.run('commit')
    return last.seq
  } catch (error) {
    if (database.inTransaction) database.run('rollback')
    throw error
  }
}

function refuseGaps(fresh: readonly JournalRecord[], folded: number) {
  let before = folded
  for (const { seq } of fresh) {
    if (seq !== before + 1) {
      throw new Error(`the journal goes from record ${before} to ${seq}: it belongs to another zimmer.db`)
    }
    before = seq
  }
}

export function foldedSeq(database: Database) {
  const row = database.query(`select value from facts where name = 'ledger_folded'`).get() as {
    value: string
  }
  return Number(row.value)
}

function write(database: Database, entries: readonly Entry[]) {
  const insert = database.query(
    `insert into token_usage (id, user_automation_id, user_id, automation_id, tokens, usage_type, lot_id, split,
      demo_after, paid_after, idempotency_key, meta, occurred_at, created_at)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const lots = new Map<number, number>()
  const days = new Map<string, Rollup>()
  const totals = new Map<string, Rollup>()
  for (const [
    id,
    subscription,
    user,
    automation,
    tokens,
    type,
    takes,
    demo,
    paid,
    key,
    meta,
    at,
    now,
  ] of entries) {
    const first = takes[0] as [number, number]
    const split = takes.length > 1 ? JSON.stringify(takes) : null
    insert.run(
      id,
      subscription,
      user,
      automation,
      tokens,
      type,
      first[0],
      split,
      demo,
      paid,
      key,
      meta,
      at,
      now,
    )
    for (const [lotId, taken] of takes) lots.set(lotId, (lots.get(lotId) ?? 0) + taken)
    addTo(days, subscription, tokens, now)
    addTo(totals, automation, tokens, now)
  }
  lower(database, lots)
  rollUp(database, 'usage_days', 'user_automation_id', days)
  rollUp(database, 'usage_totals', 'slot, automation_id', totals)
}

function addTo(rollups: Map<string, Rollup>, id: number, tokens: number, now: number) {
  const day = dayOf(now)
  const hour = hourOf(now)
  const name = `${day}:${hour}:${id}`
  const found = rollups.get(name)
  if (found) {
    found.tokens += tokens
    found.events++
  } else rollups.set(name, { tokens, events: 1, key: [day, id], hour })
}

function lower(database: Database, lots: Map<number, number>) {
  const update = database.query('update lots set remaining = remaining - ? where id = ?')
  for (const [lotId, taken] of [...lots].sort((a, b) => a[0] - b[0])) {
    if (update.run(taken, lotId).changes !== 1)
      throw new Error(`lot ${lotId} of a journalled consume is gone`)
  }
}

/** In key order: neighbours share a page. */
function rollUp(database: Database, table: string, idColumns: string, rollups: Map<string, Rollup>) {
  const ids = idColumns.startsWith('slot') ? '0, ?' : '?'
  for (const { key, tokens, events, hour } of [...rollups.values()].sort((a, b) => a.key[1] - b.key[1])) {
    database
      .query(
        `insert into ${table} (day, ${idColumns}, tokens, events, h${hour}) values (?, ${ids}, ?, ?, ?)
        on conflict do update set tokens = tokens + excluded.tokens, events = events + excluded.events,
          h${hour} = h${hour} + excluded.h${hour}`,
      )
      .run(key[0], key[1], tokens, events, tokens)
  }
}
