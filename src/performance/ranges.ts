import { iso, MINUTE_MS, SECOND_MS } from '../lib/time.ts'

/**
 * Seconds of each range and of one step of its series. Samples become coarser as they age (roll-up.ts), but never
 * coarser than a step of a range that they are in.
 */
const RANGES = {
  '5m': { seconds: 300, stepSeconds: 60 },
  '15m': { seconds: 900, stepSeconds: 60 },
  '1h': { seconds: 3_600, stepSeconds: 120 },
  '6h': { seconds: 21_600, stepSeconds: 900 },
  '24h': { seconds: 86_400, stepSeconds: 3_600 },
  '7d': { seconds: 604_800, stepSeconds: 21_600 },
  '30d': { seconds: 2_592_000, stepSeconds: 86_400 },
} as const

export type Range = keyof typeof RANGES
export const rangeNames = Object.keys(RANGES) as Range[]
export const DEFAULT_RANGE: Range = '15m'

/** A stretch of time in equal steps; the last one is under way. Milliseconds UTC. */
export interface Span {
  range: Range
  from: number
  to: number
  stepMs: number
  /** When each step begins. */
  steps: readonly string[]
}

/** The last so many steps, the present one included. */
export function spanOf(range: Range, now: number): Span {
  const { seconds, stepSeconds } = RANGES[range]
  const stepMs = stepSeconds * SECOND_MS
  const count = seconds / stepSeconds
  const from = minuteOf(now, stepMs) - (count - 1) * stepMs
  const steps = Array.from({ length: count }, (_, index) => iso(from + index * stepMs))
  return { range, from, to: now, stepMs, steps }
}

/** The beginning of the minute, or of another step, that a time is in. */
export const minuteOf = (ms: number, stepMs = MINUTE_MS) => ms - (ms % stepMs)
