import type { Options } from '../arena.ts'
import { ordinaryMix } from '../endpoints.ts'
import type { Row } from '../figures.ts'
import { ablate, PARTS } from '../scenarios/ablate.ts'
import { overload } from '../scenarios/overload.ts'
import { soak } from '../scenarios/soak.ts'
import { capacityRow, findCapacity } from '../scenarios/stress.ts'
import { Stage } from '../stage.ts'

const USERS = { quick: 10_000, usual: 100_000, full: 100_000 }
const OVERLOAD_SECONDS = { quick: 10, usual: 60, full: 60 }
const SOAK_SECONDS = { quick: 15, usual: 120, full: 600 }
const SOAK_SHARE = 0.7

/** The safe capacity, three times that, and a soak at 70 % of it. */
export async function overloadRows(options: Options): Promise<Row[]> {
  const stage = await Stage.open(options, { users: USERS[options.scale] })
  const stressed = {
    ...options,
    play: (scene: Parameters<Stage['play']>[0]) => stage.play(scene),
    requests: ordinaryMix(stage.cast),
  }
  const capacity = await findCapacity(stressed, Math.min(options.seconds, 3))
  const rows = [
    capacityRow(capacity),
    ...(await overload(stressed, capacity, OVERLOAD_SECONDS[options.scale])),
  ]
  options.say(`soak for ${SOAK_SECONDS[options.scale]} s`)
  rows.push(
    ...(await soak(stage, {
      ...options,
      requests: stressed.requests,
      perSecond: capacity.perSecond * SOAK_SHARE,
      seconds: SOAK_SECONDS[options.scale],
    })),
  )
  await stage.end()
  return rows
}

export const ablateRows = (options: Options) =>
  ablate({ ...options, rounds: Math.min(options.rounds, 3), users: USERS[options.scale], parts: PARTS })
