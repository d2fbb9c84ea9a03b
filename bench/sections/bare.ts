import { alternate, failuresOf, type Options } from '../arena.ts'
import type { CopiedAnswer } from '../bare-copy.ts'
import { everyGet } from '../endpoints.ts'
import { median, type Row, row } from '../figures.ts'
import type { LoadResult, Prepared } from '../load-order.ts'
import { percentileLine } from '../plots.ts'
import { startScript } from '../processes.ts'
import type { ServerOrder } from '../server.ts'
import { play, Stage } from '../stage.ts'
import { percent } from './consume.ts'

interface Figure {
  name: string
  path: string
  ratioAtLeast: number
  /** Whether the issue bounds its p99 as well. */
  tail: boolean
  order?: ServerOrder
}

const MANY = 64
const SOME = 32
const USERS = 10_000

export const healthRows = (options: Options) =>
  compare(options, { name: 'GET /health', path: '/health', ratioAtLeast: 0.85, tail: true })

export const meCachedRows = (options: Options) =>
  compare(options, { name: 'GET /api/me, cached', path: '/api/me', ratioAtLeast: 0.85, tail: true })

export const meUncachedRows = (options: Options) =>
  compare(options, {
    name: 'GET /api/me, uncached',
    path: '/api/me',
    ratioAtLeast: 0.6,
    tail: false,
    order: { cachesOff: ['responses'] },
  })

/** An endpoint beside a bare server with the same bytes and headers, the two by turns. */
async function compare(options: Options, { name, path, ratioAtLeast, tail, order }: Figure): Promise<Row[]> {
  const stage = await Stage.open(options, { users: USERS, sessions: 100, ...(order && { order }) })
  const requests = everyGet(stage.cast).get(`GET ${path}`) ?? []
  const bare = await startScript('bare-copy.ts', [JSON.stringify({ [path]: await copied(stage, requests) })])
  const round = (url: string, connections: number) => () =>
    play(url, { requests, connections, seconds: options.seconds })
  await round(bare.url, MANY)()
  await round(stage.server.url, MANY)()
  const [ours = [], limit = [], ourTail = [], bareTail = []] = await alternate<LoadResult>(options.rounds, [
    round(stage.server.url, MANY),
    round(bare.url, MANY),
    ...(tail ? [round(stage.server.url, SOME), round(bare.url, SOME)] : []),
  ])
  await stage.end()
  await bare.stop()
  const perSecond = ({ requests: count, seconds }: LoadResult) => count / seconds
  const failures = failuresOf(ours)
  const share = percent(median(ours.map(({ cpuShare }) => cpuShare)))
  const note = `CPU of the load ${share}${failures && `; refused: ${failures}`}`
  const rows = [
    row({
      name: `${name} (${MANY} connections)`,
      unit: 'requests/s',
      values: ours.map(perSecond),
      limits: limit.map(perSecond),
      goal: { ratioAtLeast },
      note,
    }),
  ]
  if (!tail) return rows
  const p99 = (results: LoadResult[]) => results.map(({ p99Ms }) => p99Ms)
  options.plot({
    title: `${name}, ${SOME} connections`,
    kind: 'percentiles',
    unit: 'ms',
    lines: [percentileLine('Zimmer', ourTail), percentileLine('bare', bareTail)],
  })
  rows.push(
    row({
      name: `${name}, p99 (${SOME} connections)`,
      unit: 'ms',
      values: p99(ourTail),
      limits: p99(bareTail),
      goal: { ratioAtMost: 1.5 },
    }),
  )
  return rows
}

async function copied({ server }: Stage, [first]: Prepared[]): Promise<CopiedAnswer> {
  if (!first) throw new Error('openapi.json does not know this endpoint')
  const response = await fetch(server.url + first.path, { headers: first.headers ?? {} })
  if (!response.ok) throw new Error(`${first.path} answered with ${response.status}`)
  const own = ['content-length', 'date', 'connection', 'keep-alive']
  const headers = Object.fromEntries([...response.headers].filter(([header]) => !own.includes(header)))
  return { headers, body: await response.text() }
}
