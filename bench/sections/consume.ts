import { alternate, Contender, failuresOf, type Options, orderOf, sustained } from '../arena.ts'
import { median, type Row, row } from '../figures.ts'
import type { LoadOrder, LoadResult } from '../load-order.ts'
import { cpuSeconds, load, type Server, startScript } from '../processes.ts'

export const CONNECTIONS = 64

type ConsumeWork = Extract<LoadOrder['work'], { kind: 'consume' | 'batch' }>

export const consume = (changes: Partial<ConsumeWork> = {}): ConsumeWork => ({
  kind: 'consume',
  key: 'v7',
  draw: 'zipf',
  eventsPerRequest: 1,
  ...changes,
})

export const percent = (share: number) => `${Math.round(share * 100)} %`

/** What bare.ts answers; it has no data, so any token and seed will do. */
export const bareRun = (bare: Server, options: Options, work: LoadOrder['work'], first = false) =>
  load(orderOf(bare.url, options, work, { connections: CONNECTIONS, first, tokens: TOKENS, seed: 7 }))

const TOKENS = Array.from({ length: 6 }, () => `zst_00000000_${'x'.repeat(43)}`)

/** Single consumes beside the bare server, and the load beside nothing at all. */
export async function consumeRows(options: Options): Promise<Row[]> {
  const bare = await startScript('bare.ts')
  const zimmer = await Contender.onSqlite(options)
  const fixed = { kind: 'get', path: '/static' } as const
  await bareRun(bare, options, fixed, true)
  await bareRun(bare, options, consume(), true)
  await zimmer.run(options, consume(), CONNECTIONS, true)
  const cpuBefore = cpuSeconds(zimmer.server.pid)
  const [ours = [], limit = [], still = []] = await alternate<LoadResult>(options.rounds, [
    () => zimmer.run(options, consume(), CONNECTIONS),
    () => bareRun(bare, options, consume()),
    () => bareRun(bare, options, fixed),
  ])
  const accepted = ours.reduce((sum, { accepted: count }) => sum + count, 0)
  const cpu = ((cpuSeconds(zimmer.server.pid) - cpuBefore) / accepted) * 1e6
  await zimmer.end()
  await bare.stop()
  return [
    row({
      name: 'consume (64 connections)',
      unit: 'requests/s',
      values: ours.map(sustained),
      limits: limit.map(sustained),
      goal: { ratioAtLeast: 0.5 },
      note: noteOf(ours, `${Math.round(cpu)} µs of CPU each, ${tail(zimmer)}`),
    }),
    row({
      name: 'consume, p99',
      unit: 'ms',
      values: ours.map(({ p99Ms }) => p99Ms),
      limits: limit.map(({ p99Ms }) => p99Ms),
      goal: { atMost: 10 },
      note: `median ${median(ours.map(({ p50Ms }) => p50Ms)).toFixed(1)} ms, quietest round ${Math.min(
        ...ours.map(({ p99Ms }) => p99Ms),
      ).toFixed(1)} ms`,
    }),
    row({
      name: 'the load alone, against a static reply',
      unit: 'requests/s',
      values: still.map(({ requests, seconds }) => requests / seconds),
      note: `CPU of the load: ${share(still)} here, ${share(limit)} against bare, ${share(ours)} against Zimmer`,
    }),
  ]
}

const share = (results: readonly LoadResult[]) => percent(median(results.map(({ cpuShare }) => cpuShare)))

const tail = (zimmer: Contender) =>
  `all in the tables ${zimmer.longestDrain.toFixed(2)} s after the last at the latest`

const noteOf = (results: readonly LoadResult[], text: string) => {
  const failures = failuresOf(results)
  return failures ? `${text}; refused: ${failures}` : text
}

/** The same with other keys and other accounts: what the order of keys and the pages touched are worth. */
export async function variantRows(options: Options): Promise<Row[]> {
  const variants = [
    { name: 'consume, random keys (UUID 4)', work: consume({ key: 'v4' }) },
    { name: 'consume, no key', work: consume({ key: 'none' }) },
    { name: 'consume, accounts drawn evenly', work: consume({ draw: 'uniform' }) },
  ]
  const bare = await startScript('bare.ts')
  await bareRun(bare, options, consume(), true)
  const rows: Row[] = []
  for (const { name, work } of variants) {
    options.say(name)
    const zimmer = await Contender.onSqlite(options)
    await zimmer.run(options, work, CONNECTIONS, true)
    const rounds = Math.min(options.rounds, 3)
    const [ours = [], limit = []] = await alternate<LoadResult>(rounds, [
      () => zimmer.run(options, work, CONNECTIONS),
      () => bareRun(bare, options, work),
    ])
    await zimmer.end()
    const values = ours.map(sustained)
    rows.push(
      row({
        name,
        unit: 'requests/s',
        values,
        limits: limit.map(sustained),
        note: noteOf(ours, tail(zimmer)),
      }),
    )
  }
  await bare.stop()
  return rows
}
