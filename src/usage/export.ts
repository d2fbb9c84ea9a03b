import { cell, csvStream, line } from '../lib/csv.ts'
import { readDay, wrongDay } from '../lib/days.ts'
import type { TimeKey } from '../lib/keyset.ts'
import { DAY_MS, dayOf, dayText, iso } from '../lib/time.ts'
import type { Db } from '../storage/storage.ts'
import { usageBetween } from './recent.ts'

const PAGE_ROWS = 500
const DAYS_MOST = 366
const DAYS_USUAL = 30
const COLUMNS = ['usage_id', 'created_at', 'automation', 'tokens', 'type', 'note']

/** Whole UTC days. */
export interface ExportRange {
  /** Milliseconds UTC. */
  from: number
  before: number
  fileName: string
}

/**
 * The days that are asked for: with neither given the last 30, with one of them 30 days from or up to it, at
 * most 366.
 *
 * @param from `YYYY-MM-DD`, UTC, the first day; `to` the last one.
 * @throws Refusal invalid, naming the field.
 */
export function exportRange({ from, to }: { from?: string; to?: string }, now: number): ExportRange {
  const first = from === undefined ? null : readDay('from', from)
  const last =
    to === undefined
      ? Math.min(dayOf(now), first === null ? dayOf(now) : first + DAYS_USUAL - 1)
      : readDay('to', to)
  const start = first ?? last - DAYS_USUAL + 1
  if (start > last) throw wrongDay('from', 'must not be later than `to`, or today')
  if (last - start + 1 > DAYS_MOST) throw wrongDay('to', `must be at most ${DAYS_MOST} days from \`from\` on`)
  return {
    from: start * DAY_MS,
    // What is added while the export runs is not waited for.
    before: Math.min((last + 1) * DAY_MS, now + 1),
    fileName: `usage-${dayText(start)}-${dayText(last)}.csv`,
  }
}

/** A customer's usage as CSV (UTF-8), oldest first. */
export const usageCsv = (db: Db, userId: number, { from, before }: ExportRange) =>
  csvStream(csvPages(db, userId, { from, before }))

async function* csvPages(
  db: Db,
  userId: number,
  range: { from: number; before: number },
): AsyncGenerator<string, undefined> {
  let after: TimeKey | null = null
  let text = line(COLUMNS)
  for (;;) {
    const rows = await usageBetween(db, userId, { ...range, after, limit: PAGE_ROWS })
    for (const row of rows) {
      const cells = [cell(row.automation ?? ''), String(row.tokens), cell(row.usage_type), cell(noteOf(row))]
      text += line([String(row.id), iso(row.created_at), ...cells])
    }
    yield text
    const last = rows.at(-1)
    if (!last || rows.length < PAGE_ROWS) return
    after = { at: last.created_at, id: last.id }
    text = ''
  }
}

/** What the service sent along, or which usage it reverses and why. */
function noteOf({ meta, reverses_id }: { meta: string | null; reverses_id: number | null }) {
  if (reverses_id === null) return meta ?? ''
  const { reason } = JSON.parse(meta ?? '{}') as { reason?: string }
  return `reversal of usage ${reverses_id}${reason ? `: ${reason}` : ''}`
}
