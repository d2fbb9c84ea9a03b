import { Histogram } from '../src/metrics/histogram.ts'
import type { LoadResult } from './load-order.ts'
import { WINDOW_MS } from './load-order.ts'

/** From the median to p99.99, evenly over the number of nines. */
const SHARES = Array.from({ length: 41 }, (_, step) => 1 - 10 ** -(step / 10))

/** Milliseconds by share, of all rounds together. */
export function percentileLine(name: string, results: readonly LoadResult[]) {
  const all = new Histogram()
  for (const { sparse, meanMs, count, maxMs } of results) all.addSparse(sparse, meanMs * count, maxMs)
  const points = SHARES.map((share): [number, number] => [share, all.percentile(share)])
  return { name, points }
}

/** Answers a second over the seconds of a load. */
export function throughputLine(name: string, { windows }: LoadResult, from = 0) {
  const perSecond = 1_000 / WINDOW_MS
  const points = windows.answered.map((count, nth): [number, number] => [
    from + (nth * WINDOW_MS) / 1_000,
    count * perSecond,
  ])
  return { name, points }
}
