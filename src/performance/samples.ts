import { Histogram, type Sparse } from '../metrics/histogram.ts'
import type { Db, Tx } from '../storage/storage.ts'
import type { SampleKind } from '../storage/tables.ts'
import { inTurn } from './in-turn.ts'

/** What was measured of one thing for a while. For its units see `PerformanceSamplesTable`. */
export interface Sample {
  kind: SampleKind
  name: string
  count: number
  good: number
  failed: number
  total: number
  largest: number
  targetMs: number | null
  buckets: Sparse
}

/** A sample, from when and where it is. */
export interface PlacedSample extends Sample {
  at: number
  node: string
}

/** What one node measured from `at` on, for a minute or until it stopped. */
export interface Minute {
  at: number
  samples: Sample[]
  /** The SQL of each statement that the samples name. */
  sql: Map<string, string>
}

export const MINUTE_SECONDS = 60

/** Well below what both databases take as parameters of one statement. */
const ROWS_AT_ONCE = 500
/** A histogram's buckets are 1 % apart; five of them are kept as one. */
const COARSE = 5

/** Adds a node's minutes to what is kept. */
export async function saveMinutes(tx: Tx, node: string, minutes: readonly Minute[]): Promise<void> {
  for (const { at, samples } of minutes) await insertSamples(tx, MINUTE_SECONDS, placed(samples, at, node))
  const sql = new Map(minutes.flatMap((minute) => [...minute.sql]))
  await saveStatements(tx, sql)
}

const placed = (samples: readonly Sample[], at: number, node: string): PlacedSample[] =>
  samples.map((sample) => ({ ...sample, at, node }))

/** @param seconds how long each of them lasted. */
export async function insertSamples(tx: Tx, seconds: number, samples: readonly PlacedSample[]) {
  for (let from = 0; from < samples.length; from += ROWS_AT_ONCE) {
    const rows = samples.slice(from, from + ROWS_AT_ONCE).map((sample) => ({
      kind: sample.kind,
      at: sample.at,
      seconds,
      node: sample.node,
      name: sample.name,
      count: sample.count,
      good: sample.good,
      failed: sample.failed,
      total: Math.round(sample.total),
      largest: Math.round(sample.largest),
      target_ms: sample.targetMs,
      buckets: JSON.stringify(coarse(sample.buckets)),
    }))
    await tx.insertInto('performance_samples').values(rows).execute()
  }
}

async function saveStatements(tx: Tx, sql: ReadonlyMap<string, string>) {
  const rows = [...sql].map(([name, text]) => ({ name, sql: text, seen_at: tx.now }))
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await tx
      .insertInto('performance_statements')
      .values(rows.slice(from, from + ROWS_AT_ONCE))
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet((set) => ({
          sql: set.ref('excluded.sql'),
          seen_at: set.ref('excluded.seen_at'),
        })),
      )
      .execute()
  }
}

interface Wanted {
  from: number
  before?: number
  /** Of all nodes, and of everything, unless given. */
  node?: string | undefined
  names?: readonly string[]
}

/**
 * What is kept of these kinds from `from` on, oldest first. Read by one statement, for what is rolled up meanwhile must
 * not be there twice or not at all; parsed in slices, between which others have their turn.
 */
export async function samplesSince(
  db: Db,
  kinds: readonly SampleKind[],
  { from, before = Number.MAX_SAFE_INTEGER, node, names }: Wanted,
): Promise<PlacedSample[]> {
  let query = db
    .selectFrom('performance_samples')
    .select(['kind', 'at', 'node', 'name', 'count', 'good', 'failed', 'total', 'largest', 'target_ms'])
    .select('buckets')
    .where('kind', 'in', kinds)
    .where('at', '>=', from)
    .where('at', '<', before)
  if (node !== undefined) query = query.where('node', '=', node)
  if (names) query = query.where('name', 'in', names)
  return inTurn(await query.orderBy('at').execute(), sampleOf)
}

type Row = Omit<PlacedSample, 'targetMs' | 'buckets'> & { target_ms: number | null; buckets: string }

export const sampleOf = ({ target_ms, buckets, ...row }: Row): PlacedSample => ({
  ...row,
  targetMs: target_ms,
  buckets: JSON.parse(buckets) as Sparse,
})

/** Several samples of one thing as one. */
export class Merged {
  count = 0
  good = 0
  failed = 0
  total = 0
  largest = 0
  /** Of the newest. */
  targetMs: number | null = null
  readonly #times = new Histogram()

  add({ count, good, failed, total, largest, targetMs, buckets }: Sample): this {
    this.count += count
    this.good += good
    this.failed += failed
    this.total += total
    this.largest = Math.max(this.largest, largest)
    this.targetMs = targetMs ?? this.targetMs
    this.#times.addSparse(buckets, 0, largest / 1_000)
    return this
  }

  /** Microseconds, or what the samples are of; null without any. */
  get mean(): number | null {
    return this.count === 0 ? null : this.total / this.count
  }

  /** Milliseconds, some 5 % too many at the most; null without any. */
  percentile(share: number): number | null {
    return this.#times.count === 0 ? null : this.#times.percentile(share)
  }

  /** `good` of all, 0 to 1. */
  get goodShare() {
    return this.count === 0 ? 0 : this.good / this.count
  }

  as(kind: SampleKind, name: string): Sample {
    const { count, good, failed, total, largest, targetMs } = this
    return { kind, name, count, good, failed, total, largest, targetMs, buckets: this.#times.sparse() }
  }

  clear() {
    this.count = this.good = this.failed = this.total = this.largest = 0
    this.targetMs = null
    this.#times.clear()
  }
}

function coarse(buckets: Sparse): Sparse {
  const kept: Sparse = []
  for (let i = 0; i < buckets.length; i += 2) {
    // The last bucket has no fifth one beside it.
    const bucket = Math.min(Math.ceil((buckets[i] as number) / COARSE) * COARSE, LAST_COARSE)
    const count = buckets[i + 1] as number
    if (kept.at(-2) === bucket) kept[kept.length - 1] = (kept.at(-1) as number) + count
    else kept.push(bucket, count)
  }
  return kept
}

const LAST_COARSE = 1_995

/** Milliseconds UTC of the oldest thing measured that is kept; null when there is none. */
export async function recordedSince(db: Db): Promise<number | null> {
  const kinds: SampleKind[] = ['database', 'process', 'route']
  const oldest = db.selectFrom('performance_samples').where('kind', 'in', kinds)
  const { at } = await oldest.select(({ fn }) => fn.min('at').as('at')).executeTakeFirstOrThrow()
  return at
}
