import { CommandError, EXIT } from '../../cli/exit.ts'
import type { Hands } from './optimize.ts'
import { isBeingServed, placeOf, ticker } from './place.commands.ts'
import { outcomeShape, undoneShape } from './shapes.ts'
import { outcomeText, undoneText } from './text.commands.ts'
import { type Place, tune } from './tuning.ts'

export interface OptimizeFlags {
  database?: string
  dryRun?: boolean
  undo?: boolean
  only?: string
  drop?: boolean
  json?: boolean
}

/** @returns 1 when a step failed or was interrupted. */
export async function optimizeCommand(flags: OptimizeFlags): Promise<number> {
  const { database, dryRun, undo, only, drop, json } = flags
  if (undo && (dryRun || only || drop)) {
    throw new CommandError('--undo takes back the whole last run: leave out the other options', EXIT.usage)
  }
  const place = placeOf(database)
  if (!dryRun && isBeingServed(place)) console.error(BESIDE)
  const at = ticker(place.dialect === 'sqlite' ? `looking at ${place.file}` : 'looking at the database')
  const hands: Hands = {
    signal: untilSignal(),
    onProgress: ({ step, of, finding, percent }) =>
      at.now(`${step} of ${of}, ${finding}${percent === null ? '' : ` (${percent} %)`}`),
  }
  try {
    return undo ? await takeBack(place, hands, json) : await mend(place, hands, { dryRun, only, drop, json })
  } finally {
    at.end()
  }
}

const BESIDE =
  'A Zimmer serves this database and goes on. While a large index is built its other writes wait, and those that ' +
  'wait for more than 5 s are refused with 503; consumes are taken in meanwhile.'

/** The first signal ends it between two steps, or rolls back the one under way; a second one does not wait. */
function untilSignal(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT.failure)
      controller.abort()
    })
  }
  return controller.signal
}

async function mend(place: Place, hands: Hands, { dryRun, only, drop, json }: OptimizeFlags) {
  const wishes = { dryRun, only, drop, check: true, nowMs: Date.now() }
  const outcome = await tune(place, { kind: 'optimize', wishes }, hands)
  console.log(json ? JSON.stringify(outcomeShape(outcome), null, 2) : outcomeText(outcome))
  const failed =
    outcome.interrupted || outcome.steps.some(({ state }) => state === 'failed' || state === 'left')
  return failed ? EXIT.failure : EXIT.well
}

async function takeBack(place: Place, hands: Hands, json = false) {
  const undone = await tune(place, { kind: 'undo', check: true }, hands)
  console.log(json ? JSON.stringify(undoneShape(undone), null, 2) : undoneText(undone))
  const failed = hands.signal?.aborted || undone.steps.some(({ error }) => error !== null)
  return failed ? EXIT.failure : EXIT.well
}
