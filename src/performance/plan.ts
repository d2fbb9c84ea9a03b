import type { SampleKind } from '../storage/tables.ts'
import { Merged, type PlacedSample } from './samples.ts'

/** Of its requests this share has to end within an endpoint's target: it is judged by its 95th percentile. */
export const JUDGED_SHARE = 0.95
/** Fewer look-ups say nothing about a cache. */
const LEAST_LOOKUPS = 100
const MEGABYTE = 1_000_000

export type Status = 'pass' | 'fail' | 'no_data'
export type Unit = 'ms' | '%' | 'MB' | 'count'

export interface Goal {
  target: number
  unit: Unit
  /** On which side of the target it is met. */
  bound: 'below' | 'above'
}

/** What the plan asks of the whole, beside the endpoints. */
export interface Measure extends Goal {
  name: string
  /** Of the samples that it is made of. */
  kind: SampleKind
  /** Of samples of its kind; null when they say nothing of it. */
  figureOf(samples: readonly PlacedSample[]): number | null
}

export const MEASURES: readonly Measure[] = [
  {
    name: 'database_average',
    kind: 'database',
    target: 100,
    unit: 'ms',
    bound: 'below',
    figureOf: (samples) => perThousand(mergedOf(samples).mean),
  },
  {
    name: 'cache_hit_rate',
    kind: 'cache',
    target: 80,
    unit: '%',
    bound: 'above',
    figureOf: hitRate,
  },
  {
    name: 'memory',
    kind: 'process',
    target: 500,
    unit: 'MB',
    bound: 'below',
    figureOf: (samples) => worstNode(samples, 'memory', ({ largest }) => largest / MEGABYTE),
  },
  {
    name: 'cpu',
    kind: 'process',
    target: 70,
    unit: '%',
    bound: 'below',
    figureOf: (samples) => worstNode(samples, 'cpu', (merged) => (merged.mean ?? 0) / 100),
  },
]

/** The plan's targets for endpoints, by what they are for. The last is for all of them. */
export const ENDPOINT_GOALS: readonly { name: string; targetMs: number; paths: RegExp }[] = [
  { name: 'health', targetMs: 500, paths: /^\/(health|healthz|readyz)$/ },
  { name: 'authentication', targetMs: 800, paths: /^\/api\/auth\/(?!me$)/ },
  { name: 'user_profile', targetMs: 500, paths: /^\/api\/(auth\/me|me|user\/profile)$/ },
  { name: 'admin', targetMs: 800, paths: /^\/api\/admin\// },
  { name: 'every_endpoint', targetMs: 1_000, paths: /^/ },
]

export function statusOf(value: number | null, { target, bound }: Goal): Status {
  if (value === null) return 'no_data'
  return (bound === 'below' ? value < target : value > target) ? 'pass' : 'fail'
}

/** An endpoint against its own target. */
export function endpointStatus(merged: Merged): Status {
  if (merged.count === 0 || merged.targetMs === null) return 'no_data'
  return merged.goodShare >= JUDGED_SHARE ? 'pass' : 'fail'
}

/**
 * Milliseconds. Requests within the target are counted to 1 %, buckets are 5 % wide: where the two disagree about
 * which side of the target it is on, the count is right.
 */
export function p95Of(merged: Merged): number | null {
  const p95 = merged.percentile(JUDGED_SHARE)
  const { targetMs } = merged
  if (p95 === null || targetMs === null) return p95
  return endpointStatus(merged) === 'pass' ? Math.min(p95, targetMs) : Math.max(p95, targetMs)
}

/** Percent of look-ups; null when there are too few. */
export function hitRate(samples: readonly PlacedSample[]): number | null {
  const merged = mergedOf(samples)
  return merged.count < LEAST_LOOKUPS ? null : merged.goodShare * 100
}

/** A fact of the process, of the node where it is largest. */
export function worstNode(
  samples: readonly PlacedSample[],
  name: string,
  figureOf: (merged: Merged) => number,
) {
  const nodes = Map.groupBy(
    samples.filter((sample) => sample.name === name && sample.count > 0),
    ({ node }) => node,
  )
  let worst: number | null = null
  for (const of of nodes.values()) worst = Math.max(worst ?? 0, figureOf(mergedOf(of)))
  return worst
}

const scratch = new Merged()

/** Good until it is called again: a histogram is too large to make one for each point of a report. */
export function mergedOf(samples: readonly PlacedSample[]): Merged {
  scratch.clear()
  for (const sample of samples) scratch.add(sample)
  return scratch
}

const perThousand = (value: number | null) => (value === null ? null : value / 1_000)
