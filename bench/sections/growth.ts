import { SQL } from 'bun'
import { startPostgres } from '../../scripts/postgres.ts'
import { failuresOf, type Options } from '../arena.ts'
import { answering, type Cast, everyGet } from '../endpoints.ts'
import { median, type Row, row } from '../figures.ts'
import { withNextPages } from '../lists.ts'
import type { LoadResult } from '../load-order.ts'
import { keepPostgres } from '../processes.ts'
import { type Scene, Stage } from '../stage.ts'

const CONNECTIONS = 32
const SMALL = 10_000
const LARGE = { quick: 30_000, usual: 100_000, full: 1_000_000 }
const P99_MOST_MS = 20
const GROWTH_MOST = 1.3
/** Everything is loaded from the database, each time. */
const UNCACHED = { cachesOff: ['responses', 'principals'] as ('responses' | 'principals')[] }

const text = (users: number) => (users >= 1e6 ? `${users / 1e6} m` : `${users / 1e3} k`)

/** Every GET endpoint without caches, with few and with many users, by turns. */
export async function growthRows(options: Options): Promise<Row[]> {
  const users = LARGE[options.scale]
  const small = await Stage.open(options, { users: SMALL, order: UNCACHED })
  const large = await Stage.open(options, { users, order: UNCACHED })
  const rows = await compare(options, { small, large, users, what: 'growth' })
  await small.end()
  await large.end()
  return rows
}

export async function growthPostgresRows(options: Options): Promise<Row[]> {
  const users = options.scale === 'quick' ? 20_000 : LARGE[options.scale]
  options.say('PostgreSQL: the server and two data sets')
  const server = await startPostgres({ fsync: true })
  const release = keepPostgres(server)
  try {
    const empty = async (name: string) => {
      const address = new URL(server.url)
      const sql = new SQL({ url: server.url, max: 1 })
      await sql.unsafe(`create database ${name}`)
      await sql.close()
      address.pathname = `/${name}`
      return address.href
    }
    const small = await Stage.open(options, {
      users: SMALL,
      order: UNCACHED,
      databaseUrl: await empty('small'),
    })
    const large = await Stage.open(options, { users, order: UNCACHED, databaseUrl: await empty('large') })
    const rows = await compare(options, { small, large, users, what: 'PostgreSQL: growth' })
    await small.end()
    await large.end()
    return rows
  } finally {
    release()
    await server.stop()
  }
}

interface Comparison {
  small: Stage
  large: Stage
  users: number
  what: string
}

interface Measured {
  name: string
  ours: LoadResult[]
  limits: LoadResult[]
}

const everyPage = ({ server, cast }: { server: { url: string }; cast: Cast }) =>
  withNextPages(server.url, everyGet(cast))

async function compare(options: Options, { small, large, users, what }: Comparison): Promise<Row[]> {
  const inSmall = await everyPage(small)
  const { found, silent } = await answering(large.server.url, await everyPage(large))
  const rounds = Math.min(options.rounds, 3)
  const seconds = Math.min(options.seconds, 1.5)
  const measured: Measured[] = []
  for (const [name, requests] of found) {
    options.say(`${what}: ${name}`)
    const scene = { connections: CONNECTIONS, seconds, warmUpSeconds: seconds / 4 }
    const figure: Measured = { name, ours: [], limits: [] }
    try {
      for (let round = 0; round < rounds; round++) {
        figure.limits.push(await patiently(small, { ...scene, requests: inSmall.get(name) ?? requests }))
        figure.ours.push(await patiently(large, { ...scene, requests }))
      }
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error
      silent.push(`${name} (${error.message})`)
      continue
    }
    measured.push(figure)
  }
  return [
    answeredRow(what, measured.length, silent),
    ...worst(measured, what, users),
    ...measured.map((figure) => grown(figure, what, users)),
  ]
}

/** What doesn't answer has no figure, and what refuses some of its load has one that is too good. */
export const answeredRow = (what: string, measured: number, silent: readonly string[]): Row =>
  row({
    name: `${what}: endpoints that did not answer`,
    unit: 'endpoints',
    values: [silent.length],
    goal: { atMost: 0 },
    note: silent.length > 0 ? silent.join('; ') : `${measured} did`,
  })

class UnansweredError extends Error {}

/** Of all; a single refusal is no finding. */
const FAILED_MOST = 0.01

/** What is so slow that hardly any answer came gets more time. */
async function patiently(stage: Stage, scene: Scene): Promise<LoadResult> {
  let last: LoadResult | undefined
  for (const factor of [1, 4, 20]) {
    const result = await stage.play({ ...scene, seconds: scene.seconds * factor })
    const failed = Object.values(result.failed).reduce((sum, count) => sum + count, 0)
    if (failed > result.count * FAILED_MOST) throw new UnansweredError(failuresOf([result]))
    if (result.count >= CONNECTIONS) return result
    last = result
  }
  if (!last || last.count === 0) throw new UnansweredError('nothing in time')
  return last
}

const p50 = (results: readonly LoadResult[]) => results.map(({ p50Ms }) => p50Ms)
/** In a quiet round: what else runs on the machine only makes it worse. */
const quietP99 = (results: readonly LoadResult[]) => Math.min(...results.map(({ p99Ms }) => p99Ms))

const grown = ({ name, ours, limits }: Measured, what: string, users: number): Row =>
  row({
    name: `${what}: ${name}, median at ${text(users)} users`,
    unit: 'ms',
    values: p50(ours),
    limits: p50(limits),
    goal: { ratioAtMost: GROWTH_MOST },
    note: `p99 ${quietP99(ours).toFixed(1)} ms`,
  })

/** The two figures of the issue: over all endpoints. */
function worst(measured: readonly Measured[], what: string, users: number): Row[] {
  const byTail = [...measured].sort((a, b) => quietP99(b.ours) - quietP99(a.ours))[0]
  const ratio = ({ ours, limits }: Measured) => median(p50(ours)) / median(p50(limits))
  const byGrowth = [...measured].sort((a, b) => ratio(b) - ratio(a))[0]
  if (!byTail || !byGrowth) throw new Error('no endpoint answered')
  const over = measured.filter(({ ours }) => quietP99(ours) > P99_MOST_MS).length
  const grew = measured.filter((figure) => ratio(figure) > GROWTH_MOST).length
  return [
    row({
      name: `${what}: worst p99 of ${measured.length} endpoints at ${text(users)} users, uncached`,
      unit: 'ms',
      values: [quietP99(byTail.ours)],
      goal: what === 'growth' ? { atMost: P99_MOST_MS } : null,
      note: `${byTail.name}; ${over} over ${P99_MOST_MS} ms; ${CONNECTIONS} connections`,
    }),
    row({
      name: `${what}: worst median at ${text(users)} users beside that at ${text(SMALL)}`,
      unit: 'ms',
      values: p50(byGrowth.ours),
      limits: p50(byGrowth.limits),
      goal: { ratioAtMost: GROWTH_MOST },
      note: `${byGrowth.name}; ${grew} grew by more`,
    }),
  ]
}
