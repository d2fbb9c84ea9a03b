import { iso, SECOND_MS } from '../lib/time.ts'
import type { Db } from '../storage/storage.ts'
import type { SampleKind } from '../storage/tables.ts'
import { inTurn } from './in-turn.ts'
import { missesSince } from './misses.ts'
import {
  ENDPOINT_GOALS,
  endpointStatus,
  hitRate,
  MEASURES,
  mergedOf,
  p95Of,
  type Status,
  statusOf,
  type Unit,
  worstNode,
} from './plan.ts'
import { type Range, type Span, spanOf } from './ranges.ts'
import { type Merged, type PlacedSample, samplesSince } from './samples.ts'

const KINDS: SampleKind[] = ['route', 'database', 'cache', 'process']
const CACHE_GOAL = { target: 80, unit: '%', bound: 'above' } as const

export interface Question {
  range: Range
  /** One node; all of them together unless given. */
  node?: string | undefined
  now: number
  /** What is measured and not in the database yet. */
  live: readonly PlacedSample[]
}

export interface Figure {
  name: string
  target: number | null
  bound: 'below' | 'above' | null
  value: number | null
  unit: Unit
  status: Status
  /** The endpoint that the value is of. */
  endpoint: string | null
  series: { at: string; value: number | null }[]
}

export interface Endpoint {
  method: string
  path: string
  target_ms: number | null
  count: number
  per_second: number
  errors: number
  p50_ms: number
  p95_ms: number
  p99_ms: number
  max_ms: number
  within_target_percent: number
  status: Status
  series: { at: string; count: number; p95_ms: number | null }[]
}

/** Everything measured in a range against the plan's targets; made in slices, between which others have their turn. */
export async function performanceReport(db: Db, { range, node, now, live }: Question) {
  const span = spanOf(range, now)
  const kept = await samplesSince(db, KINDS, { from: span.from })
  const all = [...kept, ...live.filter(({ at }) => at >= span.from)].sort((a, b) => a.at - b.at)
  const samples = node === undefined ? all : all.filter((sample) => sample.node === node)
  const kinds = Map.groupBy(samples, ({ kind }) => kind)
  const of = (kind: SampleKind) => kinds.get(kind) ?? []
  const endpoints = await inTurn([...byName(of('route'))], ([name, own]) => endpoint(name, own, span))
  endpoints.sort((a, b) => severity(b) - severity(a))
  const measures = await inTurn(MEASURES, (measure) => measured(measure, of(measure.kind), span))
  const plan = [...endpointGoals(endpoints, span), ...measures]
  return {
    range,
    from: iso(span.from),
    to: iso(now),
    step_seconds: span.stepMs / SECOND_MS,
    node: node ?? null,
    nodes: [...new Set(all.map((sample) => sample.node))].sort(),
    status: overall([...plan, ...endpoints]),
    plan,
    endpoints,
    database: database(of('database'), span),
    caches: await inTurn([...byName(of('cache'))], ([name, own]) => cache(name, own, span)),
    process: await inTurn(PROCESS, (fact) => processFigure(fact, of('process'), span)),
    misses: await missesSince(db, span.from),
  }
}

export type Report = Awaited<ReturnType<typeof performanceReport>>

function endpoint(name: string, samples: PlacedSample[], span: Span): Endpoint {
  const merged = mergedOf(samples)
  const [method = '', path = ''] = name.split(' ')
  const summary = {
    method,
    path,
    target_ms: merged.targetMs,
    count: merged.count,
    per_second: merged.count / secondsOf(span),
    errors: merged.failed,
    p50_ms: rounded(merged.percentile(0.5) ?? 0),
    p95_ms: rounded(p95Of(merged) ?? 0),
    p99_ms: rounded(Math.max(merged.percentile(0.99) ?? 0, p95Of(merged) ?? 0)),
    max_ms: rounded(merged.largest / 1_000),
    within_target_percent: rounded(merged.goodShare * 100),
    status: endpointStatus(merged),
  }
  const series = pointsOf(samples, span, (of) => ({ count: of.count, p95_ms: orNull(p95Of(of)) }))
  return { ...summary, series }
}

/** Missed ones first, then by how near they are to their target. */
const severity = ({ status, p95_ms, target_ms }: Endpoint) =>
  (status === 'fail' ? 1e6 : 0) + p95_ms / (target_ms ?? 1_000)

/** The worst endpoint of each group against the plan's number for the group. */
function endpointGoals(endpoints: readonly Endpoint[], { steps }: Span): Figure[] {
  return ENDPOINT_GOALS.map(({ name, targetMs, paths }) => {
    const group = endpoints.filter(({ path }) => paths.test(path))
    const worst = group.toSorted((a, b) => b.p95_ms - a.p95_ms)[0]
    const goal = { target: targetMs, unit: 'ms', bound: 'below' } as const
    const missed = group.some(({ p95_ms }) => p95_ms > targetMs)
    const series = steps.map((at, index) => ({
      at,
      value: highest(group.map((one) => one.series[index]?.p95_ms ?? null)),
    }))
    return {
      name,
      ...goal,
      value: worst ? worst.p95_ms : null,
      status: worst ? (missed ? 'fail' : 'pass') : 'no_data',
      endpoint: worst ? `${worst.method} ${worst.path}` : null,
      series,
    }
  })
}

function measured(measure: (typeof MEASURES)[number], samples: PlacedSample[], span: Span): Figure {
  const { name, target, unit, bound } = measure
  const value = measure.figureOf(samples)
  const status = statusOf(value, measure)
  const series = inSteps(samples, span).map(({ at, of }) => ({ at, value: orNull(measure.figureOf(of)) }))
  return { name, target, unit, bound, value: orNull(value), status, endpoint: null, series }
}

function database(samples: PlacedSample[], span: Span) {
  const merged = mergedOf(samples)
  return {
    calls: merged.count,
    per_second: merged.count / secondsOf(span),
    failed: merged.failed,
    mean_ms: orNull(merged.mean === null ? null : merged.mean / 1_000),
    p95_ms: orNull(merged.percentile(0.95)),
    p99_ms: orNull(merged.percentile(0.99)),
    max_ms: rounded(merged.largest / 1_000),
  }
}

function cache(name: string, samples: PlacedSample[], span: Span) {
  const { count, good } = mergedOf(samples)
  const value = hitRate(samples)
  return {
    name,
    lookups: count,
    hits: good,
    hit_rate_percent: count === 0 ? null : rounded((good / count) * 100),
    target: CACHE_GOAL.target,
    status: statusOf(value, CACHE_GOAL),
    series: pointsOf(samples, span, (of) => ({
      value: of.count === 0 ? null : rounded(of.goodShare * 100),
    })),
  }
}

interface Fact {
  name: string
  /** As the node's samples have it. */
  of: string
  unit: Unit
  figureOf(merged: Merged): number
}

/** What no target of the plan is about; of the node where it is worst. */
const PROCESS: readonly Fact[] = [
  {
    name: 'event_loop_lag_p99',
    of: 'event_loop_lag',
    unit: 'ms',
    figureOf: (merged) => merged.percentile(0.99) ?? 0,
  },
  {
    name: 'event_loop_lag_max',
    of: 'event_loop_lag',
    unit: 'ms',
    figureOf: ({ largest }) => largest / 1_000,
  },
  {
    name: 'database_wait_p95',
    of: 'database_wait',
    unit: 'ms',
    figureOf: (merged) => merged.percentile(0.95) ?? 0,
  },
  { name: 'database_wait_max', of: 'database_wait', unit: 'ms', figureOf: ({ largest }) => largest / 1_000 },
  { name: 'database_queue_max', of: 'database_queue', unit: 'count', figureOf: ({ largest }) => largest },
  { name: 'requests_shed', of: 'shed', unit: 'count', figureOf: ({ total }) => total },
]

function processFigure(
  { name, of: fact, unit, figureOf }: Fact,
  samples: PlacedSample[],
  span: Span,
): Figure {
  const own = samples.filter((sample) => sample.name === fact)
  const series = inSteps(own, span).map(({ at, of }) => ({
    at,
    value: orNull(worstNode(of, fact, figureOf)),
  }))
  const value = orNull(worstNode(own, fact, figureOf))
  return { name, target: null, bound: null, value, unit, status: 'no_data', endpoint: null, series }
}

function overall(judged: readonly { status: Status }[]): Status {
  if (judged.some(({ status }) => status === 'fail')) return 'fail'
  return judged.some(({ status }) => status === 'pass') ? 'pass' : 'no_data'
}

/** One point for each step, also where nothing was measured. */
function pointsOf<P extends object>(
  samples: readonly PlacedSample[],
  span: Span,
  point: (merged: Merged) => P,
) {
  return inSteps(samples, span).map(({ at, of }) => ({ at, ...point(mergedOf(of)) }))
}

function inSteps(samples: readonly PlacedSample[], { from, stepMs, steps }: Span) {
  const of = steps.map((at) => ({ at, of: [] as PlacedSample[] }))
  for (const sample of samples) of[Math.floor((sample.at - from) / stepMs)]?.of.push(sample)
  return of
}

const byName = (samples: readonly PlacedSample[]) => Map.groupBy(samples, ({ name }) => name)

const secondsOf = ({ from, to }: Span) => Math.max((to - from) / SECOND_MS, 1)

const highest = (values: readonly (number | null)[]) => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}

/** Three significant decimals are more than the buckets tell. */
const rounded = (value: number) => Math.round(value * 1_000) / 1_000
const orNull = (value: number | null) => (value === null ? null : rounded(value))
