import { failuresOf, type Options } from '../arena.ts'
import { everyGet, ordinaryMix } from '../endpoints.ts'
import { type Row, row } from '../figures.ts'
import type { Prepared } from '../load-order.ts'
import { cpuSeconds, type Memory, memoryOf } from '../processes.ts'
import { Stage } from '../stage.ts'

const SESSIONS = { quick: 10_000, usual: 100_000, full: 100_000 }
const MOST_MB = 150
const SAMPLE_MS = 250

/** How many times as many requests as sessions: drawn evenly, all but one in four hundred have then come. */
const DRAWS = 6
const CACHED_LEAST = 0.99

/** Memory at full load while very many sessions are in the caches. */
export async function memoryRows(options: Options): Promise<Row[]> {
  const count = SESSIONS[options.scale]
  const stage = await Stage.open(options, { users: count, sessions: count })
  const name = 'GET /api/me'
  const requests = stage.users.customers.map(({ token }): Prepared => {
    return { name, method: 'GET', path: '/api/me', headers: { authorization: `Bearer ${token}` } }
  })
  const result = await stage.play({ requests, connections: 32, seconds: Math.max(2, options.seconds) })
  const perSecond = result.requests / result.seconds
  const needed = (count * DRAWS) / perSecond
  const samples: Memory[] = []
  const sampling = setInterval(() => samples.push(memoryOf(stage.server.pid)), SAMPLE_MS)
  await stage.play({ requests, connections: 64, seconds: Math.min(needed, 90), warmUpSeconds: 0 })
  const mixed = await stage.play({
    requests: [...ordinaryMix(stage.cast), ...(everyGet(stage.cast).get(name) ?? [])],
    connections: 64,
    seconds: options.seconds,
  })
  clearInterval(sampling)
  const cached = await cachedPrincipals(stage.server.url)
  await stage.end()
  options.plot({
    title: `Memory with ${count.toLocaleString('en-US')} sessions at full load`,
    kind: 'time',
    unit: 'MB',
    lines: [
      line('anonymous and shared', samples, 'own'),
      line('resident, with pages of files', samples, 'resident'),
    ],
  })
  return memoryFigures(samples, { count, cached, failures: failuresOf([result, mixed]) })
}

const line = (name: string, samples: readonly Memory[], of: keyof Memory) => ({
  name,
  points: samples.map((sample, nth): [number, number] => [(nth * SAMPLE_MS) / 1_000, sample[of] / 1e6]),
})

/** What the server has for itself is judged, and only if the sessions were really there. */
export function memoryFigures(
  samples: readonly Memory[],
  { count, cached, failures }: { count: number; cached: number; failures: string },
): Row[] {
  const sessions = `${count.toLocaleString('en-US')} live sessions`
  const largest = (of: keyof Memory) => Math.max(...samples.map((sample) => sample[of])) / 1e6
  return [
    row({
      name: `memory at full load, ${sessions}`,
      unit: 'MB',
      values: [largest('own')],
      goal: { atMost: MOST_MB },
      note: `the largest of ${samples.length} samples; anonymous and shared memory counts, pages of mapped files do not: the system drops them when it needs room; with them ${largest('resident').toFixed(0)} MB${failures && `; refused: ${failures}`}`,
    }),
    row({
      name: `principals in the cache then, of ${sessions}`,
      unit: 'entries',
      values: [cached],
      goal: { atLeast: count * CACHED_LEAST },
    }),
  ]
}

async function cachedPrincipals(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^zimmer_cache_entries\{cache="principals"\} (\d+)/m.exec(text)?.[1])
}

const PLAN_USERS = 100

/** What the plan's load costs: a hundred users, each with a request a second. */
export async function planLoadRows(options: Options): Promise<Row[]> {
  const stage = await Stage.open(options, { users: 10_000, sessions: PLAN_USERS })
  const requests = ordinaryMix(stage.cast)
  const load = { requests, connections: PLAN_USERS, perSecond: PLAN_USERS }
  await stage.play({ ...load, seconds: 2 })
  const values: number[] = []
  const tails: number[] = []
  for (let round = 0; round < Math.min(options.rounds, 3); round++) {
    const before = cpuSeconds(stage.server.pid)
    const result = await stage.play({ ...load, seconds: Math.max(options.seconds, 2), warmUpSeconds: 0 })
    values.push((100 * (cpuSeconds(stage.server.pid) - before)) / result.ranSeconds)
    tails.push(result.p99Ms)
  }
  await stage.end()
  return [
    row({
      name: `CPU at the plan's load (${PLAN_USERS} users, a request a second each)`,
      unit: '% of a core',
      values,
      goal: { atMost: 10 },
      note: `p99 ${Math.min(...tails).toFixed(1)} ms`,
    }),
  ]
}
