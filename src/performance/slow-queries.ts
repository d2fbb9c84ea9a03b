import type { Db } from '../storage/storage.ts'
import { inTurn } from './in-turn.ts'
import { type Range, spanOf } from './ranges.ts'
import { Merged, type PlacedSample, type Sample, samplesSince } from './samples.ts'

export const SORTS = ['total', 'mean', 'max'] as const
export type Sort = (typeof SORTS)[number]

export interface SlowQueriesQuestion {
  range: Range
  node?: string | undefined
  now: number
  sort: Sort
  /** Statements, 1 to 100. */
  limit: number
  /** What is measured and not in the database yet, with the SQL of its statements. */
  live: readonly PlacedSample[]
  liveSql: ReadonlyMap<string, string>
}

export interface SlowQuery {
  name: string
  /** As it was first sent: parameters, no values. Empty for `other`, which is many. */
  sql: string
  calls: number
  failed: number
  total_ms: number
  mean_ms: number
  p95_ms: number
  max_ms: number
  share_of_database_time: number
}

/** The statements that took the most of a range, worst first. Three statements, whatever the range. */
export async function slowQueries(db: Db, question: SlowQueriesQuestion): Promise<SlowQuery[]> {
  const { range, node, now, sort, limit, liveSql } = question
  const { from } = spanOf(range, now)
  const live = question.live.filter(
    (sample) =>
      sample.kind === 'statement' && sample.at >= from && (node === undefined || sample.node === node),
  )
  const sums = await sumsSince(db, from, node)
  for (const sample of live) sums.set(sample.name, added(sums.get(sample.name), sample))
  const all = [...sums.values()]
  const databaseTime = all.reduce((sum, { total }) => sum + total, 0)
  const worst = all.toSorted((a, b) => ORDER[sort](b) - ORDER[sort](a)).slice(0, limit)
  const names = worst.map(({ name }) => name)
  if (names.length === 0) return []
  const merged = await mergedSince(db, { from, node, names, live })
  const sql = await sqlOf(db, names)
  return worst.map(({ name, count, failed, total, largest }) => ({
    name,
    sql: sql.get(name) ?? liveSql.get(name) ?? '',
    calls: count,
    failed,
    total_ms: rounded(total / 1_000),
    mean_ms: rounded(total / 1_000 / Math.max(count, 1)),
    p95_ms: rounded(merged.get(name)?.percentile(0.95) ?? 0),
    max_ms: rounded(largest / 1_000),
    share_of_database_time: databaseTime === 0 ? 0 : rounded(total / databaseTime),
  }))
}

type Sums = Pick<Sample, 'name' | 'count' | 'failed' | 'total' | 'largest'>

const ORDER: Record<Sort, (of: Sums) => number> = {
  total: ({ total }) => total,
  mean: ({ total, count }) => total / Math.max(count, 1),
  max: ({ largest }) => largest,
}

async function sumsSince(db: Db, from: number, node: string | undefined): Promise<Map<string, Sums>> {
  let query = db
    .selectFrom('performance_samples')
    .select(({ fn, cast }) => [
      'name',
      cast<number>(fn.sum('count'), 'bigint').as('count'),
      cast<number>(fn.sum('failed'), 'bigint').as('failed'),
      cast<number>(fn.sum('total'), 'bigint').as('total'),
      fn.max('largest').as('largest'),
    ])
    .where('kind', '=', 'statement')
    .where('at', '>=', from)
    .groupBy('name')
  if (node !== undefined) query = query.where('node', '=', node)
  return new Map((await query.execute()).map((row) => [row.name, row]))
}

const added = (sums: Sums | undefined, { name, count, failed, total, largest }: Sample): Sums => ({
  name,
  count: (sums?.count ?? 0) + count,
  failed: (sums?.failed ?? 0) + failed,
  total: (sums?.total ?? 0) + total,
  largest: Math.max(sums?.largest ?? 0, largest),
})

interface Wanted {
  from: number
  node: string | undefined
  names: string[]
  live: readonly PlacedSample[]
}

async function mergedSince(db: Db, { from, node, names, live }: Wanted): Promise<Map<string, Merged>> {
  const kept = await samplesSince(db, ['statement'], { from, node, names })
  const merged = new Map(names.map((name) => [name, new Merged()]))
  await inTurn([...kept, ...live], (sample) => merged.get(sample.name)?.add(sample))
  return merged
}

async function sqlOf(db: Db, names: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.selectFrom('performance_statements').selectAll().where('name', 'in', names).execute()
  return new Map(rows.map(({ name, sql }) => [name, sql]))
}

/** The SQL of a recorded statement; null for a name that nobody recorded. */
export async function recordedSql(db: Db, name: string): Promise<string | null> {
  return (await sqlOf(db, [name])).get(name) ?? null
}

const rounded = (value: number) => Math.round(value * 1_000) / 1_000
