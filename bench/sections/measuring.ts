import { alternate, failuresOf, type Options } from '../arena.ts'
import { everyGet } from '../endpoints.ts'
import { type Row, row } from '../figures.ts'
import { Stage } from '../stage.ts'

/** From where measuring weighs most, for there is little else, to a request with a statement. */
const ROUTES = ['GET /healthz', 'GET /api/me', 'GET /api/user/automations']
const CONNECTIONS = 64
const USERS = 10_000
/** A share this small is lost in the noise of few rounds. */
const ROUNDS_LEAST = 9

/** What timelines and histograms cost: the same requests with measuring on and off, by turns. */
export async function measuringRows(options: Options): Promise<Row[]> {
  const open = (measuring: boolean) =>
    // Replies out of memory have no phases and no statements: they are not what measuring weighs on.
    Stage.open(options, { users: USERS, sessions: 100, order: { cachesOff: ['responses'], measuring } })
  const on = await open(true)
  const off = await open(false)
  const rows: Row[] = []
  for (const name of ROUTES) rows.push(await compare(options, name, on, off))
  await on.end()
  await off.end()
  return rows
}

/**
 * By processor time: with the event loop busy, what a request costs of it is what throughput is bound by, and other
 * programs of the machine change it little.
 */
async function compare({ seconds, rounds }: Options, name: string, on: Stage, off: Stage): Promise<Row> {
  const round = (stage: Stage) => async () => {
    const before = await cpuSeconds(stage)
    const requests = everyGet(stage.cast).get(name) ?? []
    // All of it counts: what comes before or after the measured span would be in the processor time too.
    const result = await stage.play({ requests, connections: CONNECTIONS, seconds, warmUpSeconds: 0 })
    return { result, perCpuSecond: result.requests / ((await cpuSeconds(stage)) - before) }
  }
  await round(on)()
  await round(off)()
  const enough = rounds === 1 ? 1 : Math.max(rounds, ROUNDS_LEAST)
  const [measured = [], unmeasured = []] = await alternate(enough, [round(on), round(off)])
  const failures = failuresOf([...measured, ...unmeasured].map(({ result }) => result))
  return row({
    name: `${name}, measured / unmeasured`,
    unit: 'requests/CPU-s',
    values: measured.map(({ perCpuSecond }) => perCpuSecond),
    limits: unmeasured.map(({ perCpuSecond }) => perCpuSecond),
    goal: { ratioAtLeast: 0.97 },
    note: `uncached${failures && `; refused: ${failures}`}`,
  })
}

/** That the server has used so far, as it says itself. */
async function cpuSeconds({ server }: Stage): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  const modes = text.matchAll(/^zimmer_cpu_seconds_total\{mode="\w+"\} (\S+)$/gm)
  return Array.from(modes, ([, value]) => Number(value)).reduce((sum, value) => sum + value, 0)
}
