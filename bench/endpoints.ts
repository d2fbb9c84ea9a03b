import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAtRest, STAFF } from './cells.ts'
import { nameOf, QUERIES } from './lists.ts'
import type { Prepared } from './load-order.ts'
import { CONSUME } from './load-work.ts'
import { automationOf, mixed, type Size } from './population.ts'
import type { SignedInUsers } from './sessions.ts'

// Every GET endpoint that openapi.json knows, as requests that the data set can answer.

/** Who asks, and about what. */
export interface Cast {
  size: Size
  users: SignedInUsers
  serviceTokens: readonly string[]
}

/** Not measured: they stream all that was asked for, or are no part of the API. */
const LEFT_OUT = /\/export$|^\/$|^\/(docs|setup|openapi\.json|metrics)$|^\/bench\/|^\/assets\//
/** Different requests for each endpoint, so that no single page of the database answers them all. */
const VARIANTS = 200

interface Operation {
  security?: Record<string, unknown>[]
  parameters?: { name: string; in: string; required?: boolean }[]
}

/** Requests by the name of their endpoint (`GET /api/me`, `GET /api/admin/users?search`). */
export function everyGet(cast: Cast): Map<string, Prepared[]> {
  const file = join(import.meta.dir, '../openapi.json')
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as {
    paths: Record<string, { get?: Operation }>
  }
  const endpoints = new Map<string, Prepared[]>()
  for (const [path, { get }] of Object.entries(paths)) {
    if (!get || LEFT_OUT.test(path)) continue
    for (const query of QUERIES[path] ?? [() => '']) {
      const name = nameOf(path, query)
      const requests = Array.from({ length: VARIANTS }, (_, nth) =>
        requestOf(cast, { path, get, nth, query }),
      )
      endpoints.set(
        name,
        requests.map((request) => ({ name, method: 'GET', ...request })),
      )
    }
  }
  return endpoints
}

interface Variant {
  path: string
  get: Operation
  nth: number
  query: (nth: number) => string
}

function requestOf({ size, users, serviceTokens }: Cast, { path, get, nth, query }: Variant) {
  const customer = users.customers[nth % users.customers.length] as (typeof users.customers)[number]
  const subscription = (customer.userId - 1) * size.subscriptionsPerUser + 1
  const automation = automationOf(subscription, size)
  const anyone = 1 + (mixed(nth, 8) % size.users)
  const ids: [RegExp, number][] = [
    [/managers\/\{id\}/, size.users + 1 + (nth % STAFF.length)],
    [/admin\/users\/\{id\}|\{user_id\}/, anyone],
    [/automations\/\{id\}/, automation],
  ]
  const id = ids.find(([pattern]) => pattern.test(path))?.[1] ?? anyone
  const filled = path.replaceAll(/\{\w+\}/g, String(id))
  const required = (get.parameters ?? []).filter((each) => each.in === 'query' && each.required)
  const asked = required.map(({ name }) => `${name}=${name === 'user_automation_id' ? subscription : id}`)
  const headers: Record<string, string> = {}
  const security = get.security?.flatMap(Object.keys) ?? []
  if (security.includes('serviceToken')) {
    headers['x-zimmer-service-token'] = serviceTokens[automation - 1] as string
  } else if (security.length > 0) {
    const { token } = path.startsWith('/api/admin') ? users.manager : customer
    headers.authorization = `Bearer ${token}`
  }
  return { path: filled + query(nth) + (asked.length > 0 ? `?${asked.join('&')}` : ''), headers }
}

/** What customers and staff ask for on an ordinary day, by how often; with them come as many consumes as `CONSUMES`. */
const MIX: Record<string, number> = {
  'GET /api/me': 20,
  'GET /api/user/dashboard': 20,
  'GET /api/user/usage': 12,
  'GET /api/user/usage?range': 12,
  'GET /api/user/automations': 8,
  'GET /api/automations/marketplace': 8,
  'GET /api/user/usage/distribution': 6,
  'GET /health': 6,
  'GET /api/admin/users': 4,
  'GET /api/admin/users?search': 2,
  'GET /api/admin/dashboard/stats': 2,
}

const CONSUMES = 20
/** So many requests in the list for each share of one. */
const EACH = 10

export function ordinaryMix(cast: Cast): Prepared[] {
  const endpoints = everyGet(cast)
  const reads = Object.entries(MIX).flatMap(([name, share]) => {
    const requests = endpoints.get(name) ?? []
    return Array.from({ length: share * EACH }, (_, nth) => requests[nth % requests.length] as Prepared)
  })
  return [...reads, ...consumes(cast, CONSUMES * EACH)]
}

/** Without keys: each time it is sent, one is a consume of its own. */
function consumes({ size, users, serviceTokens }: Cast, count: number): Prepared[] {
  const own = users.customers.flatMap(({ userId }) =>
    Array.from(
      { length: size.subscriptionsPerUser },
      (_, nth) => (userId - 1) * size.subscriptionsPerUser + nth + 1,
    ),
  )
  return own
    .filter((subscription) => !isAtRest(subscription, size))
    .slice(0, count)
    .map((subscription) => ({
      name: `POST ${CONSUME}`,
      method: 'POST',
      path: CONSUME,
      headers: { 'x-zimmer-service-token': serviceTokens[automationOf(subscription, size) - 1] as string },
      body: `{"user_automation_id":${subscription},"units":1,"usage_type":"bench"}`,
    }))
}

/** Those that answer with 200, and what is wrong with the others. */
export async function answering(url: string, endpoints: Map<string, Prepared[]>) {
  const found = new Map<string, Prepared[]>()
  const silent: string[] = []
  for (const [name, requests] of endpoints) {
    const [first] = requests
    if (!first) continue
    const response = await fetch(url + first.path, { headers: first.headers ?? {} })
    await response.arrayBuffer()
    if (response.ok) found.set(name, requests)
    else silent.push(`${name} answers with ${response.status}`)
  }
  return { found, silent }
}
