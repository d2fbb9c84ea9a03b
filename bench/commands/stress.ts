import type { Row } from '../figures.ts'
import { numberOf, parse, REPORT_HELP, REPORT_OPTIONS } from '../flags.ts'
import { measure, publish } from '../report.ts'
import { overload } from '../scenarios/overload.ts'
import { soak } from '../scenarios/soak.ts'
import { capacityRow, findCapacity, P99_MOST_MS } from '../scenarios/stress.ts'
import { checkTarget, TARGET_HELP, TARGET_OPTIONS, takeAim } from '../target.ts'

export const STRESS_HELP = `zimmer bench stress [options]

Raises the rate until the server bends (p99 over ${P99_MOST_MS} ms, or refusals), and says what it safely bears: the
capacity of this machine. Then sends three times as much: it should still do at least 80 % of its capacity, refuse the
rest within 100 ms, and be back to normal within 5 s.

  --seconds N       of each step, 0.5 to 60 (3)
  --overload N      seconds of three times the capacity, 0 to 3600 (60); 0 leaves it out

${TARGET_HELP}
${REPORT_HELP}

Example: zimmer bench stress --users 100k --html stress.html
`

export async function stressCommand(args: string[]): Promise<number | string> {
  const { values } = parse(args, {
    seconds: { type: 'string' },
    overload: { type: 'string' },
    ...TARGET_OPTIONS,
    ...REPORT_OPTIONS,
  } as const)
  if (values.help) return STRESS_HELP
  checkTarget(values)
  const seconds = numberOf(values.seconds, '--seconds', { least: 0.5, most: 60, usual: 3 })
  const overloadSeconds = numberOf(values.overload, '--overload', { least: 0, most: 3_600, usual: 60 })
  const report = await measure({ rounds: 1, seconds, scale: 'usual' }, async (options) => {
    const aim = await takeAim(options, values)
    const stressed = { ...options, play: aim.play, requests: aim.requests }
    const capacity = await findCapacity(stressed, seconds)
    const rows: Row[] = [capacityRow(capacity)]
    const inOrder = [...capacity.steps].sort((a, b) => a.perSecond - b.perSecond)
    options.plot({
      title: 'p99 as the rate rises',
      kind: 'time',
      unit: 'ms',
      across: 'requests/s',
      lines: [{ name: 'p99', points: inOrder.map(({ perSecond, result }) => [perSecond, result.p99Ms]) }],
    })
    if (overloadSeconds > 0) rows.push(...(await overload(stressed, capacity, overloadSeconds)))
    await aim.end()
    return rows
  })
  return publish(report, values)
}

export const SOAK_HELP = `zimmer bench soak [options]

A steady load for long: does memory grow, do files stay open, does the write-ahead log stay small?

  --seconds N       for how long, 5 to 86400 (600)
  --rate N          requests a second (70 % of the capacity, which is found first)

${TARGET_HELP.replace(/\nOr a server[\s\S]*/, '')}
${REPORT_HELP}

Example: zimmer bench soak --seconds 3600 --rate 500 --html soak.html
`

const SHARE = 0.7
const SPARE_MS = 600_000

export async function soakCommand(args: string[]): Promise<number | string> {
  const { users, data, path } = TARGET_OPTIONS
  const { values } = parse(args, {
    seconds: { type: 'string' },
    rate: { type: 'string' },
    users,
    data,
    path,
    ...REPORT_OPTIONS,
  } as const)
  if (values.help) return SOAK_HELP
  checkTarget(values)
  const seconds = numberOf(values.seconds, '--seconds', { least: 5, most: 86_400, usual: 600 })
  const rate = numberOf(values.rate, '--rate', { least: 1, most: 100_000, usual: null })
  const report = await measure({ rounds: 1, seconds, scale: 'usual' }, async (options) => {
    const aim = await takeAim(options, values, { heldMs: seconds * 1_000 + SPARE_MS })
    if (!aim.stage) throw new Error('a soak looks into its own server')
    const { requests } = aim
    const stressed = { ...options, play: aim.play, requests }
    const perSecond = rate ?? SHARE * (await findCapacity(stressed, 2)).perSecond
    options.say(`${Math.round(perSecond)} requests a second for ${seconds} s`)
    const rows = await soak(aim.stage, { ...options, requests, perSecond, seconds })
    await aim.end()
    return rows
  })
  return publish(report, values)
}
