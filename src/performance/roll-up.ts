import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/time.ts'
import type { Tx } from '../storage/storage.ts'
import type { SampleKind } from '../storage/tables.ts'
import { insertSamples, Merged, MINUTE_SECONDS, type PlacedSample, sampleOf } from './samples.ts'

const KEPT_MS = 30 * DAY_MS
const QUARTER_SECONDS = 900
const HOUR_SECONDS = 3_600

/**
 * Samples are moved into coarser ones as they age, never copied: what is read from all of them adds up. A step of
 * the report's series must hold whole samples of every age that its range has: see ranges.ts.
 */
const STEPS = [
  { fromSeconds: MINUTE_SECONDS, toSeconds: QUARTER_SECONDS, afterMs: 65 * MINUTE_MS },
  { fromSeconds: QUARTER_SECONDS, toSeconds: HOUR_SECONDS, afterMs: 6.5 * HOUR_MS },
  { fromSeconds: HOUR_SECONDS, toSeconds: 6 * HOUR_SECONDS, afterMs: 25 * HOUR_MS },
  { fromSeconds: 6 * HOUR_SECONDS, toSeconds: 24 * HOUR_SECONDS, afterMs: 7.5 * DAY_MS },
]

/**
 * Moves the samples of one kind and one stretch of time into coarser ones, the oldest first.
 *
 * @returns false when none is old enough.
 */
export async function rollUp(tx: Tx): Promise<boolean> {
  for (const step of STEPS) {
    const toMs = step.toSeconds * SECOND_MS
    const oldest = await tx
      .selectFrom('performance_samples')
      .select(['at', 'kind'])
      .where('seconds', '=', step.fromSeconds)
      .where('at', '<', floor(tx.now - step.afterMs, toMs))
      .orderBy('at')
      .limit(1)
      .executeTakeFirst()
    if (!oldest) continue
    await move(tx, oldest.kind, { ...step, at: floor(oldest.at, toMs), toMs })
    return true
  }
  return false
}

interface Move {
  fromSeconds: number
  toSeconds: number
  toMs: number
  at: number
}

/** Whoever deletes them has them: two nodes at once don't move them twice. */
async function move(tx: Tx, kind: SampleKind, { fromSeconds, toSeconds, toMs, at }: Move) {
  const rows = await tx
    .deleteFrom('performance_samples')
    .where('kind', '=', kind)
    .where('seconds', '=', fromSeconds)
    .where('at', '>=', at)
    .where('at', '<', at + toMs)
    .returningAll()
    .execute()
  rows.sort((a, b) => a.at - b.at)
  const merged = new Map<string, { of: PlacedSample; sum: Merged }>()
  for (const row of rows) {
    const of = sampleOf(row)
    const key = JSON.stringify([of.node, of.name])
    const found = merged.get(key) ?? { of, sum: new Merged() }
    found.sum.add(of)
    merged.set(key, found)
  }
  const coarser = [...merged.values()].map(({ of, sum }) => ({
    ...sum.as(kind, of.name),
    at,
    node: of.node,
  }))
  await insertSamples(tx, toSeconds, coarser)
}

/** Deletes at most `limit` rows of what is older than 30 days. @returns how many were. */
export async function sweepSamples(tx: Tx, limit: number): Promise<number> {
  const before = tx.now - KEPT_MS
  const samples = await tx
    .deleteFrom('performance_samples')
    .where('id', 'in', (select) =>
      select
        .selectFrom('performance_samples')
        .select('id')
        .where('kind', 'in', KINDS)
        .where('at', '<', before)
        .limit(limit),
    )
    .executeTakeFirst()
  return Number(samples.numDeletedRows)
}

/** What hangs on no sample any more: ended misses and statements that nobody has sent for 30 days. */
export async function sweepOldNames(tx: Tx): Promise<void> {
  const before = tx.now - KEPT_MS
  await tx.deleteFrom('target_misses').where('last_at', '<', before).where('until', 'is not', null).execute()
  await tx.deleteFrom('performance_statements').where('seen_at', '<', before).execute()
}

const floor = (ms: number, step: number) => ms - (ms % step)

/** All of them: the index begins with the kind. */
const KINDS: SampleKind[] = ['route', 'statement', 'database', 'cache', 'process']
