import { type Plot, type Row, row } from '../figures.ts'
import type { LoadResult, Prepared } from '../load-order.ts'
import { percent } from '../sections/consume.ts'
import type { Scene } from '../stage.ts'

export interface Stressed {
  play(scene: Scene): Promise<LoadResult>
  requests: Prepared[]
  say(text: string): void
  plot(plot: Plot): void
}

/** A rate that the server bears: what was due came within this, and none of it was refused or lost. */
export const P99_MOST_MS = 100
const FAILED_MOST = 0.001
const STEP = 1.25
const FIRST_SHARE = 0.3
const REFINEMENTS = 3
export const CONNECTIONS = 256

interface Step {
  perSecond: number
  result: LoadResult
  bears: boolean
}

export interface Capacity {
  perSecond: number
  p99Ms: number
  steps: Step[]
}

const failedOf = ({ failed, unsent }: LoadResult) =>
  Object.values(failed).reduce((sum, count) => sum + count, 0) + unsent

/** Raises the rate until it bends, then looks between the last that was borne and the first that was not. */
export async function findCapacity(stressed: Stressed, seconds: number): Promise<Capacity> {
  const { play, requests, say } = stressed
  const flat = await play({ requests, connections: 64, seconds: Math.min(seconds, 3) })
  const flatOut = flat.requests / flat.seconds
  if (flat.requests === 0) throw new Error('nothing was answered with success: is it the right server?')
  const steps: Step[] = []
  const tryRate = async (perSecond: number) => {
    const result = await play({ requests, connections: CONNECTIONS, seconds, perSecond, giveUpMs: 2_000 })
    const due = result.requests + failedOf(result)
    const bears =
      result.p99Ms <= P99_MOST_MS &&
      failedOf(result) <= due * FAILED_MOST &&
      result.requests >= perSecond * seconds * 0.97
    steps.push({ perSecond, result, bears })
    say(`${Math.round(perSecond)} requests/s: p99 ${result.p99Ms.toFixed(1)} ms${bears ? '' : ', it bends'}`)
    return bears
  }
  let borne = 0
  let bent = flatOut * FIRST_SHARE
  while (await tryRate(bent)) {
    borne = bent
    bent *= STEP
  }
  while (borne === 0 && bent > 1) {
    bent /= 2
    if (await tryRate(bent)) borne = bent
  }
  for (let nth = 0; nth < REFINEMENTS && borne > 0; nth++) {
    const middle = (borne + bent) / 2
    if (await tryRate(middle)) borne = middle
    else bent = middle
  }
  const best = steps.find(({ perSecond }) => perSecond === borne)
  return { perSecond: borne, p99Ms: best?.result.p99Ms ?? Number.NaN, steps }
}

export function capacityRow({ perSecond, p99Ms, steps }: Capacity): Row {
  const share = Math.max(...steps.map(({ result }) => result.cpuShare))
  return row({
    name: 'safe capacity',
    unit: 'requests/s',
    values: [perSecond],
    note: `p99 ${p99Ms.toFixed(1)} ms there; CPU of the load at most ${percent(share)}`,
  })
}
