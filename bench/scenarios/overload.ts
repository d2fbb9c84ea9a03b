import { type Plot, type Row, row } from '../figures.ts'
import { type LoadResult, WINDOW_MS } from '../load-order.ts'
import { histogramOf } from '../load-tally.ts'
import { throughputLine } from '../plots.ts'
import { percent } from '../sections/consume.ts'
import { type Capacity, CONNECTIONS, P99_MOST_MS, type Stressed } from './stress.ts'

const TIMES = 3
const CALM_SHARE = 0.5
const CALM_SECONDS = 10
/** Whoever has no answer after so long has gone: a late one is no goodput. */
export const PATIENCE_MS = 1_000
const REFUSED_WITHIN_MS = 100
/** Of what was due in a window; fewer answers are a server that stands still. */
const ANSWERED_LEAST = 0.8

/** Three times what it bears, for so long, and how it is afterwards. */
export async function overload(stressed: Stressed, capacity: Capacity, seconds: number): Promise<Row[]> {
  const { play, requests, say, plot } = stressed
  const calmRate = { requests, connections: CONNECTIONS, perSecond: capacity.perSecond * CALM_SHARE }
  const before = await play({ ...calmRate, seconds: 3 })
  say(`${TIMES} × capacity for ${seconds} s`)
  const perSecond = capacity.perSecond * TIMES
  const during = await play({
    ...{ requests, perSecond, seconds },
    connections: CONNECTIONS * 4,
    giveUpMs: PATIENCE_MS,
    warmUpSeconds: 0,
  })
  const endedAt = performance.now()
  const after = await play({ ...calmRate, seconds: CALM_SECONDS, warmUpSeconds: 0 })
  // What starting the second load took has passed as well.
  const lost = (performance.now() - endedAt) / 1_000 - after.ranSeconds
  const calm: Calm = {
    mostMs: Math.max(P99_MOST_MS, 3 * before.p99Ms),
    perSecond: calmRate.perSecond,
    seconds: CALM_SECONDS,
  }
  plot(plotOf(during, after, seconds))
  return [
    goodputRow(during, { capacity: capacity.perSecond, seconds }),
    refusalsRow(during, perSecond * seconds),
    row({
      name: 'overload: back to normal after',
      unit: 's',
      values: [Math.max(0, lost) + calmFrom(after, calm)],
      goal: { atMost: 5 },
      note: `p99 within ${calm.mostMs.toFixed(0)} ms, nothing refused, and what was due answered`,
    }),
  ]
}

const plotOf = (during: LoadResult, after: LoadResult, seconds: number): Plot => ({
  title: `${TIMES} × capacity, and after`,
  kind: 'time',
  unit: 'answers/s',
  lines: [throughputLine('answered', during), throughputLine('after', after, seconds)],
})

const inTime = (result: LoadResult) => histogramOf(result).within([PATIENCE_MS])[0] ?? 0

export function goodputRow(during: LoadResult, { capacity, seconds }: { capacity: number; seconds: number }) {
  const late = during.requests - inTime(during)
  return row({
    name: `overload: goodput at ${TIMES} × capacity for ${seconds} s`,
    unit: 'requests/s',
    values: [inTime(during) / during.seconds],
    limits: [capacity],
    goal: { ratioAtLeast: 0.8 },
    note: `limit: the safe capacity; answered within ${PATIENCE_MS / 1_000} s of when it was due (${late} later); p99 of the answered ${during.p99Ms.toFixed(0)} ms; CPU of the load ${percent(during.cpuShare)}`,
  })
}

/**
 * How soon who was not served was told so. Who was never told (not sent within a second, cut off, answered too late)
 * waited for as long as anybody does.
 */
export function refusalsRow(during: LoadResult, due: number): Row {
  const { refused, unsent } = during
  const untold = Math.max(0, Math.round(due) - inTime(during) - refused.count)
  const told = histogramOf(refused)
  for (let nth = 0; nth < untold; nth++) told.add(PATIENCE_MS)
  return row({
    name: 'overload: told that it is refused, p99',
    unit: 'ms',
    values: [told.percentile(0.99)],
    goal: { atMost: REFUSED_WITHIN_MS },
    note:
      told.count === 0
        ? 'all was answered in time'
        : `${refused.count} refused, p99 ${refused.p99Ms.toFixed(1)} ms; ${untold} neither answered within ${PATIENCE_MS / 1_000} s nor refused, ${unsent} of them never sent`,
  })
}

export interface Calm {
  mostMs: number
  perSecond: number
  seconds: number
}

/** Seconds until the first window from which on all is calm; those of the whole load when none is. */
export function calmFrom({ windows }: Pick<LoadResult, 'windows'>, { mostMs, perSecond, seconds }: Calm) {
  const due = Math.floor((seconds * 1_000) / WINDOW_MS)
  const least = Math.floor(perSecond * (WINDOW_MS / 1_000) * ANSWERED_LEAST)
  const isCalm = (nth: number) =>
    (windows.p99Ms[nth] ?? 0) <= mostMs &&
    (windows.failed[nth] ?? 0) === 0 &&
    // After the last was due, answers only trickle in.
    (nth >= due || (windows.answered[nth] ?? 0) >= Math.max(least, 1))
  const count = Math.max(due, windows.answered.length)
  const restless = Array.from({ length: count }, (_, nth) => isCalm(nth)).lastIndexOf(false)
  return ((restless + 1) * WINDOW_MS) / 1_000
}
