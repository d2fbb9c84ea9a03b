import { alternate, failuresOf, type Options } from '../arena.ts'
import type { CopiedAnswer } from '../bare-copy.ts'
import { everyGet } from '../endpoints.ts'
import { median, type Row, row } from '../figures.ts'
import type { LoadResult, Prepared } from '../load-order.ts'
import { percentileLine } from '../plots.ts'
import { cpuSeconds, type Server, startScript } from '../processes.ts'
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

interface Round {
  result: LoadResult
  perCpuSecond: number
}

/** From here on the load may be what limits a server, and two limited by it look alike. */
const LOAD_SHARE_MOST = 0.9

/** An endpoint beside a bare server with the same bytes and headers, the two by turns. */
async function compare(options: Options, figure: Figure): Promise<Row[]> {
  const { path, tail, order } = figure
  const stage = await Stage.open(options, { users: USERS, sessions: 100, ...(order && { order }) })
  const requests = everyGet(stage.cast).get(`GET ${path}`) ?? []
  const bare = await startScript('bare-copy.ts', [JSON.stringify({ [path]: await copied(stage, requests) })])
  const round =
    ({ url, pid }: Server, connections: number) =>
    async (): Promise<Round> => {
      const before = cpuSeconds(pid)
      // No warm-up in it: what comes before the measured span would be in the processor time too.
      const scene = { requests, connections, seconds: options.seconds, warmUpSeconds: 0 }
      const result = await play(url, scene)
      return { result, perCpuSecond: result.requests / (cpuSeconds(pid) - before) }
    }
  await round(bare, MANY)()
  await round(stage.server, MANY)()
  const [ours = [], limit = [], ourTail = [], bareTail = []] = await alternate(options.rounds, [
    round(stage.server, MANY),
    round(bare, MANY),
    ...(tail ? [round(stage.server, SOME), round(bare, SOME)] : []),
  ])
  await stage.end()
  await bare.stop()
  const rows = throughputRows(figure, ours, limit)
  return tail ? [...rows, tailRow(options, figure, resultsOf(ourTail), resultsOf(bareTail))] : rows
}

const resultsOf = (rounds: readonly Round[]) => rounds.map(({ result }) => result)

/** Requests a second, unless the load is too busy to tell; then by what each server needs of a processor. */
export function throughputRows(
  { name, ratioAtLeast }: Figure,
  ours: readonly Round[],
  limit: readonly Round[],
) {
  const share = (rounds: readonly Round[]) => median(rounds.map(({ result }) => result.cpuShare))
  const isLoadBusy = Math.max(share(ours), share(limit)) > LOAD_SHARE_MOST
  const perSecond = ({ result }: Round) => result.requests / result.seconds
  const perCpuSecond = (round: Round) => round.perCpuSecond
  const failures = failuresOf(resultsOf(ours))
  const goal = { ratioAtLeast }
  const shares = `CPU of the load: ${percent(share(ours))}, ${percent(share(limit))} against the limit`
  return [
    row({
      name: `${name} (${MANY} connections)`,
      unit: 'requests/s',
      values: ours.map(perSecond),
      limits: limit.map(perSecond),
      goal: isLoadBusy ? null : goal,
      note: `${shares}${isLoadBusy ? ': it limits them, so they are judged by their own CPU' : ''}${
        failures && `; refused: ${failures}`
      }`,
    }),
    row({
      name: `${name}, by the server's CPU`,
      unit: 'requests/CPU-s',
      values: ours.map(perCpuSecond),
      limits: limit.map(perCpuSecond),
      goal: isLoadBusy ? goal : null,
    }),
  ]
}

function tailRow(options: Options, { name }: Figure, ours: LoadResult[], bare: LoadResult[]): Row {
  const p99 = (results: LoadResult[]) => results.map(({ p99Ms }) => p99Ms)
  options.plot({
    title: `${name}, ${SOME} connections`,
    kind: 'percentiles',
    unit: 'ms',
    lines: [percentileLine('Zimmer', ours), percentileLine('bare', bare)],
  })
  return row({
    name: `${name}, p99 (${SOME} connections)`,
    unit: 'ms',
    values: p99(ours),
    limits: p99(bare),
    goal: { ratioAtMost: 1.5 },
  })
}

async function copied({ server }: Stage, [first]: Prepared[]): Promise<CopiedAnswer> {
  if (!first) throw new Error('openapi.json does not know this endpoint')
  const response = await fetch(server.url + first.path, { headers: first.headers ?? {} })
  if (!response.ok) throw new Error(`${first.path} answered with ${response.status}`)
  const own = ['content-length', 'date', 'connection', 'keep-alive']
  const headers = Object.fromEntries([...response.headers].filter(([header]) => !own.includes(header)))
  return { headers, body: await response.text() }
}
