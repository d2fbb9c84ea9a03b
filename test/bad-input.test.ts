import { describe, expect, test } from 'bun:test'
import type { Route } from '../src/http/route.ts'
import { allRoutes } from '../src/routes.ts'
import { type BadBody, badBodies, badDocuments, goodBody, type Schema } from './bad-bodies.ts'
import { contents } from './contents.ts'
import { head, say } from './raw.ts'
import { type Client, databases, type Reply, type TestZimmer, testZimmer } from './zimmer.ts'

const ABSENT = '900000001'
const BAD_IDS = [
  '0',
  '-1',
  '1.5',
  'abc',
  '9007199254740993',
  '1e3',
  '0x10',
  '%00',
  '1%00',
  '%20',
  '%FF',
  '%',
  '%zz',
]
const MANY_BYTES = 10 * 1_048_576

/** What a route answers to bad input: a 4xx that says what is wrong, as a problem. */
function complaint({ status, headers, body }: Reply, field: string | null): string | null {
  if (status < 400 || status > 499) return `answered ${status}`
  if (!headers.get('content-type')?.startsWith('application/problem+json')) return 'is no problem+json'
  for (const name of ['type', 'title', 'code', 'detail', 'requestId']) {
    if (typeof body[name] !== 'string' || body[name] === '') return `has no ${name}`
  }
  if (body.status !== status) return `says ${body.status}, is ${status}`
  if (body.requestId !== headers.get('x-request-id')) return 'has another request id than its header'
  if (field === null || status === 413) return null
  const fields = (body.errors ?? []).map((error: { field: string }) => error.field)
  return fields.some((name: string) => name === field || name.startsWith(`${field}.`))
    ? null
    : `names [${fields}] instead of ${field}: ${status} ${body.detail}`
}

/** Whoever may call the route, and nobody's things in it. */
class Callers {
  private constructor(
    private readonly zimmer: TestZimmer,
    private readonly manager: Client,
    private readonly service: Client,
  ) {}

  static async of(zimmer: TestZimmer) {
    const automation = await zimmer.automation()
    return new Callers(zimmer, await zimmer.as('manager'), zimmer.service(automation))
  }

  of({ caller }: Route) {
    if (caller.security === 'service-token') return this.service
    return caller.security === 'bearer' ? this.manager : this.zimmer.anyone
  }
}

const nameOf = ({ method, path }: Route) => `${method} ${path}`
const urlOf = ({ path }: Route) => path.replaceAll(/:\w+/g, ABSENT)

/** Runs `attack` on each route; nothing of what the database holds may change by it. */
async function attackAll(
  zimmer: TestZimmer,
  routes: Route[],
  attack: (route: Route, client: Client, complain: (what: string) => void) => Promise<unknown>,
) {
  const callers = await Callers.of(zimmer)
  const wrong: string[] = []
  const before = await contents(zimmer)
  for (const route of routes) {
    await attack(route, callers.of(route), (what) => wrong.push(`${nameOf(route)} ${what}`))
  }
  expect(wrong).toEqual([])
  expect(await contents(zimmer)).toEqual(before)
}

const withBody = (routes: Route[]) => routes.filter(({ body }) => body !== undefined)
const schemaOf = (route: Route) => route.body as unknown as Schema

describe.each(databases)('bad input on %s', (database) => {
  test('a body with one bad field is refused by every route, by the name of the field', async () => {
    await using zimmer = await testZimmer(database)
    await attackAll(zimmer, withBody(allRoutes(zimmer.app)), (route, client, complain) =>
      send(route, client, badBodies(schemaOf(route)), complain),
    )
  })

  test('a body that is no JSON object of its own is refused by every route', async () => {
    await using zimmer = await testZimmer(database)
    await attackAll(zimmer, withBody(allRoutes(zimmer.app)), (route, client, complain) =>
      send(route, client, badDocuments(schemaOf(route)), complain),
    )
  })

  test('a body of 10 MB, whole or in chunks, is refused by every route', async () => {
    await using zimmer = await testZimmer(database)
    const large = `{"no_such_field":"${'x'.repeat(MANY_BYTES)}"}`
    const chunk = 'x'.repeat(65_536)
    const chunked = `10000\r\n${chunk}\r\n`.repeat(MANY_BYTES / 65_536)
    await attackAll(zimmer, withBody(allRoutes(zimmer.app)), async (route, client, complain) => {
      // Over connections of their own: one that is answered before all of it is read stays busy.
      const send = (headers: Record<string, string | number>, body: string) => {
        const all = { ...client.headers, 'content-type': 'application/json', ...headers }
        return say(zimmer.url, head(`${route.method} ${urlOf(route)} HTTP/1.1`, all) + body)
      }
      const whole = await send({ 'content-length': large.length }, large)
      if (whole.statuses[0] !== 413) complain(`10 MB: answered ${whole.statuses}`)
      const inChunks = await send({ 'transfer-encoding': 'chunked' }, chunked)
      if (inChunks.statuses[0] !== 413) complain(`10 MB in chunks: answered ${inChunks.statuses}`)
    })
  })

  test('a body of another type than JSON is refused by every route', async () => {
    await using zimmer = await testZimmer(database)
    await attackAll(zimmer, withBody(allRoutes(zimmer.app)), async (route, client, complain) => {
      const body = JSON.stringify(goodBody(schemaOf(route)))
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'x', '']) {
        const reply = await client.call(route.method, urlOf(route), body, { 'content-type': type })
        if (reply.status !== 415) complain(`${type}: ${complaint(reply, null) ?? reply.status}`)
      }
    })
  })

  test('bad ids in the path are refused by every route', async () => {
    await using zimmer = await testZimmer(database)
    const routes = allRoutes(zimmer.app).filter(({ params }) => params !== undefined)
    await attackAll(zimmer, routes, async (route, client, complain) => {
      const body = route.body && goodBody(schemaOf(route))
      for (const id of [...BAD_IDS, 'x'.repeat(3_000)]) {
        const reply = await client.call(route.method, route.path.replaceAll(/:\w+/g, id), body)
        const said = complaint(reply, null)
        if (said) complain(`${id.slice(0, 20)}: ${said}`)
      }
    })
  })

  test('unknown, doubled, broken and over-long parameters are refused by every route', async () => {
    await using zimmer = await testZimmer(database)
    const routes = allRoutes(zimmer.app).filter(({ path }) => !path.startsWith('/health'))
    await attackAll(zimmer, routes, async (route, client, complain) => {
      for (const [query, field] of badQueries(route)) {
        const body = route.body && goodBody(schemaOf(route))
        const reply = await client.call(route.method, `${urlOf(route)}?${query}`, body)
        const said = complaint(reply, field)
        if (said) complain(`?${query.slice(0, 40)}: ${said}`)
      }
    })
  })
})

async function send(route: Route, client: Client, cases: BadBody[], complain: (what: string) => void) {
  await Promise.all(
    cases.map(async ({ what, body, field }) => {
      const headers = { 'content-type': 'application/json' }
      const reply = await client.call(route.method, urlOf(route), body as string, headers)
      const said = complaint(reply, field)
      if (said) complain(`${what}: ${said}`)
    }),
  )
}

function badQueries(route: Route): [query: string, field: string][] {
  const fields = Object.entries((route.query?.properties ?? {}) as Record<string, Schema>)
  // Whatever else a route needs: the field that is bad must be named all the same.
  const cases: [string, string][] = [
    ['no_such_parameter=1', 'no_such_parameter'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
  ]
  for (const [name, schema] of fields) {
    const value = schema.type === 'integer' ? '1' : 'x'
    const bad = ['%00', 'x'.repeat(5_000), ...(schema.type === 'string' ? [] : ['abc', '', 'null', '[]'])]
    if (schema.type === 'integer') bad.push('-1', '1.5', '1e3', '9007199254740993', 'NaN', '0x10', '%201')
    cases.push([`${name}=${value}&${name}=${value}`, name])
    cases.push(...bad.map((text): [string, string] => [`${name}=${text}`, name]))
  }
  return cases
}
