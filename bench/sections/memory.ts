import { failuresOf, type Options } from '../arena.ts'
import { everyGet, ordinaryMix } from '../endpoints.ts'
import { type Row, row } from '../figures.ts'
import type { Prepared } from '../load-order.ts'
import { cpuSeconds, residentBytes } from '../processes.ts'
import { Stage } from '../stage.ts'

const SESSIONS = { quick: 10_000, usual: 100_000, full: 100_000 }
const MOST_MB = 150
const SAMPLE_MS = 250

/** Resident memory at full load while very many sessions are in the caches. */
export async function memoryRows(options: Options): Promise<Row[]> {
  const count = SESSIONS[options.scale]
  const stage = await Stage.open(options, { users: count, sessions: count })
  const name = 'GET /api/me'
  const requests = stage.users.customers.map(({ token }): Prepared => {
    return { name, method: 'GET', path: '/api/me', headers: { authorization: `Bearer ${token}` } }
  })
  // Long enough that nearly all of them have come: drawn evenly, all but 2 % after four times as many.
  const result = await stage.play({ requests, connections: 32, seconds: Math.max(2, options.seconds) })
  const perSecond = result.requests / result.seconds
  const needed = (count * 4) / perSecond
  const values: number[] = []
  const sampling = setInterval(() => values.push(residentBytes(stage.server.pid) / 1e6), SAMPLE_MS)
  await stage.play({ requests, connections: 64, seconds: Math.min(needed, 60), warmUpSeconds: 0 })
  const mixed = await stage.play({
    requests: [...ordinaryMix(stage.cast), ...(everyGet(stage.cast).get(name) ?? [])],
    connections: 64,
    seconds: options.seconds,
  })
  clearInterval(sampling)
  await stage.end()
  const failures = failuresOf([result, mixed])
  options.plot({
    title: `Memory with ${count.toLocaleString('en-US')} sessions at full load`,
    kind: 'time',
    unit: 'MB',
    lines: [{ name: 'resident', points: values.map((mb, nth) => [(nth * SAMPLE_MS) / 1_000, mb]) }],
  })
  return [
    row({
      name: `memory at full load, ${count.toLocaleString('en-US')} live sessions`,
      unit: 'MB',
      values: [Math.max(...values)],
      goal: { atMost: MOST_MB },
      note: `the largest of ${values.length} samples${failures && `; refused: ${failures}`}`,
    }),
  ]
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
