import { Database } from 'bun:sqlite'
import type { Options } from '../arena.ts'
import { everyGet } from '../endpoints.ts'
import { median, type Row, spreadOf } from '../figures.ts'
import type { LoadResult, Prepared } from '../load-order.ts'
import { ANONYMOUS, AUTHENTICATED, NAIVE } from '../naive/paths.ts'
import type { ServerOrder } from '../server.ts'
import { Stage } from '../stage.ts'

/** One of the plan's parts: the same requests with it off and on, everything else alike. */
export interface Part {
  name: string
  /** What the plan expects, as a share of the time without it; null where it says nothing. */
  plan: number | null
  /** What of a request's time is meant. */
  of: string
  off: Side
  on: Side
  requests: readonly string[]
  /** Taken off both: what every request costs. */
  floor?: string
}

interface Side {
  order: ServerOrder
  /** Without any index but the keys. */
  bare?: boolean
  /** By the naive twins, where there are some. */
  naive?: boolean
}

const QUERIES = [
  'GET /api/user/dashboard',
  'GET /api/user/usage',
  'GET /api/user/usage?range',
  'GET /api/user/automations',
  'GET /api/admin/users',
  'GET /api/admin/users/{id}',
  'GET /api/admin/usage/{user_id}',
]
const CACHED = [
  'GET /health',
  'GET /api/me',
  'GET /api/admin/users',
  'GET /api/automations/marketplace',
  'GET /api/user/dashboard',
  'GET /api/admin/dashboard',
  'GET /api/admin/dashboard/stats',
]
const NAIVELY = Object.keys(NAIVE).map((path) => `GET ${path}`)
const ALL_CACHES: ServerOrder['cachesOff'] = ['responses', 'principals']

export const PARTS: readonly Part[] = [
  {
    name: 'indexes',
    plan: 0.7,
    of: 'requests that query',
    off: { order: { cachesOff: ALL_CACHES }, bare: true },
    on: { order: { cachesOff: ALL_CACHES } },
    requests: QUERIES,
  },
  {
    name: 'database settings',
    plan: null,
    of: 'requests that query',
    off: { order: { cachesOff: ALL_CACHES, settings: 'default' } },
    on: { order: { cachesOff: ALL_CACHES } },
    requests: QUERIES,
  },
  {
    name: 'response cache',
    plan: 0.6,
    of: 'the endpoints that are cached',
    off: { order: { cachesOff: ['responses'] } },
    on: { order: {} },
    requests: CACHED,
  },
  {
    name: 'session cache',
    plan: 0.5,
    of: 'authentication: a signed-in request less an anonymous one',
    off: { order: { cachesOff: ALL_CACHES } },
    on: { order: { cachesOff: ['responses'] } },
    requests: [AUTHENTICATED],
    floor: ANONYMOUS,
  },
  {
    name: 'no N + 1',
    plan: null,
    of: 'lists with what belongs to each entry',
    off: { order: { cachesOff: ALL_CACHES }, naive: true },
    on: { order: { cachesOff: ALL_CACHES } },
    requests: NAIVELY,
  },
  {
    name: 'all together',
    plan: 0.65,
    of: 'all of these endpoints',
    off: { order: { cachesOff: ALL_CACHES, settings: 'default' }, bare: true, naive: true },
    on: { order: {} },
    requests: [...new Set([...QUERIES, ...CACHED])],
  },
]

export interface AblateOptions extends Options {
  users: number
  parts: readonly Part[]
}

/** Table of gains: value is the time with the part, limit that without it, ratio = value / limit. */
export async function ablate(options: AblateOptions): Promise<Row[]> {
  const rows: Row[] = []
  for (const part of options.parts) {
    options.say(`${part.name}: ${part.of}`)
    rows.push(await gainOf(part, options))
  }
  return rows
}

async function gainOf(part: Part, options: AblateOptions): Promise<Row> {
  const open = (side: Side) =>
    Stage.open(options, {
      users: options.users,
      order: side.order,
      ...(side.bare && { prepare: dropIndexes }),
    })
  const off = await open(part.off)
  const on = await open(part.on)
  const without: number[] = []
  const withIt: number[] = []
  for (let round = 0; round < options.rounds; round++) {
    without.push(await timeOf(part, part.off, off, options.seconds))
    withIt.push(await timeOf(part, part.on, on, options.seconds))
  }
  await off.end()
  await on.end()
  const [value, limit] = [median(withIt), median(without)]
  const gain = 1 - value / limit
  const spread = Math.max(spreadOf(withIt), spreadOf(without))
  const figure = { name: `ablate: ${part.name}`, value, unit: 'ms', limit, ratio: value / limit, spread }
  const note = `${percentOf(gain)} faster (${part.of}); limit: without it`
  if (part.plan === null) return { ...figure, goal: null, pass: null, note }
  return { ...figure, goal: `≥ ${percentOf(part.plan)} faster`, pass: gain >= part.plan, note }
}

const percentOf = (share: number) => `${(share * 100).toFixed(share > 0.99 ? 1 : 0)} %`

const PATIENCE = 10

/** Milliseconds of a request, one after another on one connection: the mean of each endpoint, and of those the mean. */
async function timeOf(part: Part, side: Side, stage: Stage, seconds: number): Promise<number> {
  const scene = { connections: 1, seconds, warmUpSeconds: Math.min(1, seconds / 2) }
  const requests = requestsOf(part, side, stage)
  let result = await stage.play({ ...scene, requests })
  // What is so slow that nothing came gets more time.
  if (result.count === 0) result = await stage.play({ ...scene, seconds: seconds * PATIENCE, requests })
  const taken = meanOf(result)
  if (!part.floor) return taken
  const floor = await stage.play({ ...scene, requests: [plain(part.floor)] })
  return Math.max(0, taken - meanOf(floor))
}

function meanOf({ named, failed }: LoadResult): number {
  const answered = named.filter(({ count }) => count > 0)
  if (answered.length === 0 || Object.keys(failed).length > 0) {
    throw new Error(`not all was answered: ${JSON.stringify(failed)}`)
  }
  return answered.reduce((sum, { meanMs }) => sum + meanMs, 0) / answered.length
}

const plain = (path: string): Prepared => ({ name: path, method: 'GET', path })

function requestsOf({ requests }: Part, { naive }: Side, { cast }: Stage): Prepared[] {
  const endpoints = everyGet(cast)
  return requests.flatMap((name) => {
    if (name === AUTHENTICATED) {
      return cast.users.customers.slice(0, 200).map(({ token }): Prepared => {
        return { ...plain(name), headers: { authorization: `Bearer ${token}` } }
      })
    }
    const found = endpoints.get(name) ?? []
    const twin = naive && NAIVE[name.slice('GET '.length) as keyof typeof NAIVE]
    return twin ? found.map((request) => ({ ...request, path: twin })) : found
  })
}

/** All but those of primary keys and of UNIQUE. */
function dropIndexes(file: string) {
  const database = new Database(file)
  const names = database
    .query("select name from sqlite_master where type = 'index' and sql is not null")
    .all() as { name: string }[]
  for (const { name } of names) database.run(`drop index "${name}"`)
  database.close()
}
