import { type Row, row } from '../figures.ts'
import { numberOf, parse, REPORT_HELP, REPORT_OPTIONS } from '../flags.ts'
import type { LoadResult } from '../load-order.ts'
import { percentileLine } from '../plots.ts'
import { measure, publish } from '../report.ts'
import { percent } from '../sections/consume.ts'
import { checkTarget, TARGET_HELP, TARGET_OPTIONS, takeAim } from '../target.ts'

export const LATENCY_HELP = `zimmer bench latency [options]

Requests are due at fixed times, whatever became of those before (open loop), and a request's time counts from when
it was due: a server that stands still is charged for everybody who had to wait. Percentiles up to p99.99.

  --rate N          requests a second, 1 to 100000 (200)
  --seconds N       for how long, 0.2 to 3600 (10)
  --connections N   1 to 2048 (64)

${TARGET_HELP}
${REPORT_HELP}

Example: zimmer bench latency --rate 500 --seconds 30 --users 100k --html latency.html
`

export async function latencyCommand(args: string[]): Promise<number | string> {
  const { values } = parse(args, {
    rate: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string' },
    ...TARGET_OPTIONS,
    ...REPORT_OPTIONS,
  } as const)
  if (values.help) return LATENCY_HELP
  checkTarget(values)
  const perSecond = numberOf(values.rate, '--rate', { least: 1, most: 100_000, usual: 200 })
  const seconds = numberOf(values.seconds, '--seconds', { least: 0.2, most: 3_600, usual: 10 })
  const connections = numberOf(values.connections, '--connections', {
    least: 1,
    most: 2_048,
    usual: 64,
    whole: true,
  })
  const report = await measure({ rounds: 1, seconds, scale: 'usual' }, async (options) => {
    const aim = await takeAim(options, values)
    options.say(`${perSecond} requests a second for ${seconds} s`)
    const result = await aim.play({
      requests: aim.requests,
      connections,
      seconds,
      perSecond,
      spin: true,
      warmUpSeconds: 1,
    })
    await aim.end()
    options.plot({
      title: `Latency at ${perSecond} requests/s, from when a request was due`,
      kind: 'percentiles',
      unit: 'ms',
      lines: [percentileLine('all', [result])],
    })
    return latencyRows(result, perSecond)
  })
  return publish(report, values)
}

const SHARES = [
  ['p50', 'p50Ms'],
  ['p90', 'p90Ms'],
  ['p99', 'p99Ms'],
  ['p99.9', 'p999Ms'],
  ['p99.99', 'p9999Ms'],
  ['max', 'maxMs'],
] as const

function latencyRows(result: LoadResult, perSecond: number): Row[] {
  const failed = Object.entries(result.failed).map(([status, count]) => `${count} × ${status}`)
  const note = `CPU of the load ${percent(result.cpuShare)}, late by ${result.lateP99Ms.toFixed(2)} ms (p99)${
    failed.length > 0 ? `; not answered with success: ${failed.join(', ')}` : ''
  }`
  return [
    row({
      name: 'answered',
      unit: 'requests/s',
      values: [result.requests / result.seconds],
      limits: [perSecond],
      goal: { ratioAtLeast: 0.99 },
      note,
    }),
    ...SHARES.map(([name, key]) =>
      row({ name: `latency, ${name}`, unit: 'ms', values: [result[key]], note: `of ${result.count}` }),
    ),
    ...byEndpoint(result),
  ]
}

/** One row for each endpoint, when there are several. */
export const byEndpoint = ({ named }: LoadResult): Row[] =>
  named.length < 2
    ? []
    : named.map(({ name, p50Ms, p99Ms, count, failed }) =>
        row({
          name: `${name}, p99`,
          unit: 'ms',
          values: [p99Ms],
          note: `median ${p50Ms.toFixed(2)} ms of ${count}${failed > 0 ? `, ${failed} failed` : ''}`,
        }),
      )
