import { failuresOf } from '../arena.ts'
import { type Row, row } from '../figures.ts'
import { numberOf, parse, REPORT_HELP, REPORT_OPTIONS } from '../flags.ts'
import type { LoadResult, Prepared } from '../load-order.ts'
import { percentileLine, throughputLine } from '../plots.ts'
import { measure, publish } from '../report.ts'
import { percent } from '../sections/consume.ts'
import { type Aim, checkTarget, TARGET_HELP, TARGET_OPTIONS, takeAim } from '../target.ts'

export const LOAD_HELP = `zimmer bench load [options]

Every connection sends its next request when the last one is answered (closed loop): how much the server answers when
it is never left alone.

  --connections N   1 to 2048 (32)
  --seconds N       of each round, 0.2 to 3600 (5)
  --rounds N        1 to 50 (3)
  --each            the endpoints one after another instead of all of them mixed

${TARGET_HELP}
${REPORT_HELP}

Example: zimmer bench load --path /api/me --path /api/user/dashboard --each --connections 64
`

export async function loadCommand(args: string[]): Promise<number | string> {
  const { values } = parse(args, {
    connections: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    each: { type: 'boolean' },
    ...TARGET_OPTIONS,
    ...REPORT_OPTIONS,
  } as const)
  if (values.help) return LOAD_HELP
  checkTarget(values)
  const connections = numberOf(values.connections, '--connections', {
    least: 1,
    most: 2_048,
    usual: 32,
    whole: true,
  })
  const seconds = numberOf(values.seconds, '--seconds', { least: 0.2, most: 3_600, usual: 5 })
  const rounds = numberOf(values.rounds, '--rounds', { least: 1, most: 50, usual: 3, whole: true })
  const report = await measure({ rounds, seconds, scale: 'usual' }, async (options) => {
    const aim = await takeAim(options, values)
    const rows: Row[] = []
    for (const [name, requests] of values.each ? apart(aim.requests) : [['the mix', aim.requests] as const]) {
      options.say(name)
      const results: LoadResult[] = []
      for (let round = 0; round < rounds; round++)
        results.push(await roundOf(aim, { requests, connections, seconds }))
      rows.push(...rowsOf(name, connections, results))
      options.plot({
        title: `${name}, ${connections} connections`,
        kind: 'percentiles',
        unit: 'ms',
        lines: results.map((result, nth) => percentileLine(`round ${nth + 1}`, [result])),
      })
      options.plot({
        title: `${name}: throughput`,
        kind: 'time',
        unit: 'answers/s',
        lines: results.map((result, nth) => throughputLine(`round ${nth + 1}`, result)),
      })
    }
    await aim.end()
    return rows
  })
  return publish(report, values)
}

type Round = { requests: Prepared[]; connections: number; seconds: number }

const roundOf = async (aim: Aim, round: Round) => {
  const before = aim.cpu()
  const result = await aim.play(round)
  return { ...result, serverCpu: aim.cpu() - before }
}

function apart(requests: readonly Prepared[]): [string, Prepared[]][] {
  const names = [...new Set(requests.map(({ name }) => name))]
  return names.map((wanted) => [wanted, requests.filter(({ name }) => name === wanted)])
}

function rowsOf(name: string, connections: number, results: LoadResult[]): Row[] {
  const failures = failuresOf(results)
  const share = percent(Math.max(...results.map(({ cpuShare }) => cpuShare)))
  const last = results.at(-1)
  return [
    row({
      name: `${name} (${connections} connections)`,
      unit: 'requests/s',
      values: results.map(({ requests, seconds }) => requests / seconds),
      note: `CPU of the load ${share}${failures && `; not answered with success: ${failures}`}`,
    }),
    row({ name: `${name}, median`, unit: 'ms', values: results.map(({ p50Ms }) => p50Ms) }),
    row({ name: `${name}, p99`, unit: 'ms', values: results.map(({ p99Ms }) => p99Ms) }),
    ...(last && last.named.length > 1
      ? last.named.map(({ name: endpoint, p99Ms, p50Ms, count }) =>
          row({
            name: `${endpoint}, p99`,
            unit: 'ms',
            values: results.map(({ named }) => named.find((each) => each.name === endpoint)?.p99Ms ?? p99Ms),
            note: `median ${p50Ms.toFixed(2)} ms of ${count} in the last round`,
          }),
        )
      : []),
  ]
}
