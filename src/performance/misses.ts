import { iso, isoOrNull, MINUTE_MS } from '../lib/time.ts'
import type { Db, Tx } from '../storage/storage.ts'
import type { SampleKind, TargetMissesTable } from '../storage/tables.ts'
import { endpointStatus, MEASURES, mergedOf, p95Of, type Status, statusOf, type Unit } from './plan.ts'
import { minuteOf } from './ranges.ts'
import { type PlacedSample, samplesSince } from './samples.ts'

/** A target missed in so many minutes in a row is recorded. */
export const MISSED_MINUTES = 5
const SHOWN_MOST = 100
const KINDS: SampleKind[] = ['route', 'database', 'cache', 'process']

/** What one minute says of one target. */
interface Verdict {
  status: Status
  /** Whole units. */
  value: number
  goal: number
  unit: Unit
}

export interface Change {
  target: string
  goal: number
  unit: string
  worst: number
}

type Open = Pick<TargetMissesTable, 'target' | 'goal' | 'unit' | 'worst'> & { id: number }

/**
 * Holds the last five whole minutes, of all nodes together, against the targets. A target that each of them misses
 * becomes a miss; a miss ends with the first minute that meets its target, or after five without a request. To be
 * called once a minute; more often, or on several nodes, changes nothing more.
 */
export async function judgeTargets(tx: Tx): Promise<{ missed: Change[]; recovered: Change[] }> {
  const before = minuteOf(tx.now)
  const from = before - MISSED_MINUTES * MINUTE_MS
  const minutes = verdictsByTarget(await samplesSince(tx, KINDS, { from, before }), from)
  const open = await tx.selectFrom('target_misses').selectAll().where('until', 'is', null).execute()
  const missed: Change[] = []
  const recovered: Change[] = []
  for (const miss of open) {
    if (await goOn(tx, miss, minutes.get(miss.target) ?? [], before)) recovered.push(miss)
    minutes.delete(miss.target)
  }
  for (const [target, verdicts] of minutes) {
    const began = await begin(tx, target, verdicts, { from, before })
    if (began) missed.push(began)
  }
  return { missed, recovered }
}

/** Targets that are missed now. */
export async function openMisses(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('target_misses').select('target').where('until', 'is', null).execute()
  return rows.map(({ target }) => target)
}

/** Misses that lasted into this time, the open ones and then the newest first. */
export async function missesSince(db: Db, from: number) {
  const rows = await db
    .selectFrom('target_misses')
    .selectAll()
    .where((where) => where.or([where('until', 'is', null), where('last_at', '>', from)]))
    .orderBy('since', 'desc')
    .limit(SHOWN_MOST)
    .execute()
  rows.sort((a, b) => Number(a.until !== null) - Number(b.until !== null))
  return rows.map(({ target, goal, unit, since, until, worst }) => ({
    target,
    goal,
    unit,
    worst,
    since: iso(since),
    until: isoOrNull(until),
  }))
}

/** @returns whether it has ended. */
async function goOn(tx: Tx, miss: Open, verdicts: readonly Verdict[], before: number) {
  const known = verdicts.filter(({ status }) => status !== 'no_data')
  const last = verdicts[MISSED_MINUTES - 1]
  const ended = known.length === 0 || last?.status === 'pass'
  const still = tx.updateTable('target_misses').where('id', '=', miss.id).where('until', 'is', null)
  if (ended) {
    const { numUpdatedRows } = await still.set((set) => ({ until: set.ref('last_at') })).executeTakeFirst()
    return numUpdatedRows > 0n
  }
  if (last?.status === 'fail') {
    await still.set({ last_at: before, worst: worstOf(miss.target, [miss.worst, last.value]) }).execute()
  }
  return false
}

async function begin(tx: Tx, target: string, verdicts: readonly Verdict[], span: Minutes) {
  const failed = verdicts.filter(({ status }) => status === 'fail')
  const [first] = failed
  if (!first || failed.length < MISSED_MINUTES) return null
  const { goal, unit } = first
  const worst = worstOf(
    target,
    failed.map(({ value }) => value),
  )
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('target_misses')
    .values({ target, goal, unit, since: span.from, last_at: span.before, until: null, worst })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows ? { target, goal, unit, worst } : null
}

interface Minutes {
  from: number
  before: number
}

/** For each target that the minutes say something of, a verdict a minute, oldest first. */
function verdictsByTarget(samples: readonly PlacedSample[], from: number): Map<string, Verdict[]> {
  const targets = new Map<string, Verdict[]>()
  for (let minute = 0; minute < MISSED_MINUTES; minute++) {
    const at = from + minute * MINUTE_MS
    const of = samples.filter((sample) => sample.at >= at && sample.at < at + MINUTE_MS)
    for (const [target, verdict] of verdictsOf(of)) {
      const known = targets.get(target) ?? Array.from({ length: MISSED_MINUTES }, () => NOTHING)
      known[minute] = verdict
      targets.set(target, known)
    }
  }
  return targets
}

const NOTHING: Verdict = { status: 'no_data', value: 0, goal: 0, unit: 'ms' }

function* verdictsOf(samples: readonly PlacedSample[]): Iterable<[string, Verdict]> {
  const routes = samples.filter(({ kind }) => kind === 'route')
  for (const [name, of] of Map.groupBy(routes, (sample) => sample.name)) {
    const merged = mergedOf(of)
    const value = Math.round(p95Of(merged) ?? 0)
    yield [name, { status: endpointStatus(merged), value, goal: merged.targetMs ?? 0, unit: 'ms' }]
  }
  for (const measure of MEASURES) {
    const value = measure.figureOf(samples.filter(({ kind }) => kind === measure.kind))
    const { target: goal, unit } = measure
    yield [measure.name, { status: statusOf(value, measure), value: Math.round(value ?? 0), goal, unit }]
  }
}

/** Of a hit rate the least is the worst. */
function worstOf(target: string, values: readonly number[]) {
  const least = MEASURES.some(({ name, bound }) => name === target && bound === 'above')
  return least ? Math.min(...values) : Math.max(...values)
}
