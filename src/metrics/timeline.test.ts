import { describe, expect, test } from 'bun:test'
import { until } from '../../test/until.ts'
import { databases, type Reply, testZimmer } from '../../test/zimmer.ts'
import { RouteSeries, StatementSeries } from './recorder.ts'
import { SlowLog } from './slow-log.ts'
import { inTimeline, Timeline } from './timeline.ts'

/** A strict reader of Server-Timing: name → [duration, description], in order. */
function timingOf({ headers }: Reply) {
  const header = headers.get('server-timing')
  if (header === null) return null
  return header.split(', ').map((metric) => {
    const found = /^([\w.-]+)(?:;desc=(?:([\w.-]+)|"([^"]*)"))?;dur=(\d+(?:\.\d{1,3})?)$/.exec(metric)
    if (!found) throw new Error(`not a metric of Server-Timing: ${metric}`)
    return { name: found[1] as string, desc: found[2] ?? found[3], ms: Number(found[4]) }
  })
}

describe.each(databases)('Server-Timing on %s', (database) => {
  test('staff see where the time went, statement by statement', async () => {
    await using zimmer = await testZimmer(database)
    const reply = await (await zimmer.as('support_staff')).get('/api/auth/sessions')
    const timing = timingOf(reply) ?? []
    const phases = timing.map(({ name }) => name).filter((name) => !['sql', 'cache', 'wait'].includes(name))
    expect(phases).toEqual(['queue', 'auth', 'body', 'db', 'handler', 'json', 'total'])
    const of = (name: string) => timing.find((metric) => metric.name === name)
    const statements = timing.filter(({ name }) => name === 'sql')
    expect(statements.map(({ desc }) => desc)).toContain('session_of_token')
    expect(of('db')?.desc).toBe(`${statements.length} statements`)
    const parts = ['auth', 'body', 'handler', 'json'].map((name) => of(name)?.ms ?? 0)
    const sum = parts.reduce((one, other) => one + other)
    expect(sum).toBeLessThanOrEqual((of('total')?.ms ?? 0) + 0.01)
    expect(sum).toBeGreaterThan(0)
  })

  test('so they do when they are refused', async () => {
    await using zimmer = await testZimmer(database)
    const reply = await (await zimmer.as('manager')).get('/api/admin/users/999')
    expect(reply.status).toBe(404)
    expect(timingOf(reply)).not.toBeNull()
  })

  test('customers, services and strangers see nothing of it', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 5 })
    const replies = [
      await alice.client.get('/api/me'),
      await alice.client.get('/api/admin/users'),
      await zimmer.consume(alice),
      await zimmer.anyone.get('/health'),
      await zimmer.anyone.get('/api/me'),
      await zimmer.anyone.get('/nowhere'),
    ]
    expect(replies.map(timingOf)).toEqual(replies.map(() => null))
  })

  test('in development everybody sees it', async () => {
    await using zimmer = await testZimmer(database, { config: { dev: true } })
    const timing = timingOf(await zimmer.anyone.get('/readyz')) ?? []
    expect(timing.at(-1)?.name).toBe('total')
  })

  test('each request has its own, however many are under way', async () => {
    await using zimmer = await testZimmer(database, { config: { dev: true } })
    const client = await zimmer.as('manager')
    await client.get('/api/me')
    const paths = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? '/healthz' : '/api/auth/sessions'))
    const replies = await Promise.all(paths.map((path) => client.get(path)))
    // Who calls is found once for those that come together, so it is in the first one's.
    const isOwn = ({ name, desc }: { name: string; desc?: string | undefined }) =>
      name === 'sql' && desc !== 'session_of_token'
    const counts = replies.map((reply) => timingOf(reply)?.filter(isOwn).length)
    expect(counts).toEqual(paths.map((path) => (path === '/healthz' ? 0 : 1)))
  })

  test('another origin may read it only when it is configured', async () => {
    const origin = 'https://app.example.com'
    await using zimmer = await testZimmer(database, { config: { corsOrigins: [origin] } })
    const client = await zimmer.as('manager')
    const ours = await client.get('/api/me', { origin })
    expect(ours.headers.get('timing-allow-origin')).toBe(origin)
    expect(ours.headers.get('access-control-expose-headers')).toContain('server-timing')
    const others = await client.get('/api/me', { origin: 'https://evil.example.com' })
    expect(others.headers.get('timing-allow-origin')).toBeNull()
    const alice = await zimmer.customer()
    expect((await alice.client.get('/api/me', { origin })).headers.get('timing-allow-origin')).toBeNull()
  })
})

test('what came while the event loop was busy says that it waited', async () => {
  await using zimmer = await testZimmer('sqlite')
  const { eventLoop } = zimmer.app.metrics
  const lagNow = () => eventLoop.lagAt(performance.now())
  expect(await until(lagNow, (ms) => ms === 0)).toBe(0)
  const endsAt = performance.now() + 80
  while (performance.now() < endsAt);
  expect(lagNow()).toBeGreaterThan(40)
  expect(await until(lagNow, (ms) => ms < 40)).toBeLessThan(40)
  expect(eventLoop.lag.maxMs).toBeGreaterThan(40)
})

describe('what a request waited for the event loop', () => {
  /** As if the loop had been so late whenever something begins. */
  async function late(lateMs: number) {
    const lines: Record<string, unknown>[] = []
    const zimmer = await testZimmer('sqlite')
    const { metrics } = zimmer.app
    metrics.eventLoop.lagAt = () => lateMs
    metrics.slow = new SlowLog(100, (fields) => lines.push(fields))
    const alice = await zimmer.customer()
    const me = () => metrics.routes.all().find(({ path }) => path === '/api/me')
    return { zimmer, alice, lines, me }
  }

  test.each([
    ['made', 1],
    ['kept', 2],
  ])('counts against the target of a reply that is %s', async (_, asked) => {
    const { zimmer, alice, me } = await late(5_000)
    await using _zimmer = zimmer
    for (let nth = 0; nth < asked; nth++) await alice.client.get('/api/me')
    expect(me()?.times.count).toBe(asked)
    expect(me()?.times.within([4_000])).toEqual([0])
  })

  test('is logged, for replies that were kept as well', async () => {
    const { zimmer, alice, lines } = await late(5_000)
    await using _ = zimmer
    for (let nth = 0; nth < 2; nth++) await alice.client.get('/api/me')
    const seen = lines.filter(({ name }) => name === 'GET /api/me')
    expect(seen).toMatchObject([
      { timeline: { queueMs: 5_000, cache: 'miss' } },
      { timeline: { queueMs: 5_000, cache: 'hit' } },
    ])
  })
})

test('unmeasured, a server answers the same and records nothing', async () => {
  await using zimmer = await testZimmer('sqlite', { measuring: false, config: { dev: true } })
  const reply = await (await zimmer.as('manager')).get('/api/me')
  expect(reply.status).toBe(200)
  expect(timingOf(reply)).toBeNull()
  expect(zimmer.app.metrics.routes.reader().take()).toEqual([])
  expect(zimmer.app.metrics.statements.reader().take()).toEqual([])
})

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

describe('the slow log', () => {
  const route = new RouteSeries('GET', '/a', 500)
  const statement = new StatementSeries('select_a', 'select a from b where c = ?')
  const timeline = () => new Timeline(route, performance.now(), 0, { id: 'request-1', traceparent: TRACE })

  function open(fromMs: number, windowMs = 60_000) {
    const lines: Record<string, unknown>[] = []
    return {
      lines,
      slow: new SlowLog(fromMs, (fields, message) => lines.push({ message, ...fields }), windowMs),
    }
  }

  test('names the statement, its SQL without values, and the request that it was for', () => {
    const { slow, lines } = open(100)
    inTimeline(timeline(), () => {
      slow.statement(statement, 99.9)
      slow.statement(statement, 140)
    })
    expect(lines).toEqual([
      {
        message: 'slow statement',
        name: 'select_a',
        ms: 140,
        sql: 'select a from b where c = ?',
        route: 'GET /a',
        requestId: 'request-1',
        traceparent: TRACE,
      },
    ])
  })

  test('a statement that outlives its request is nobody’s', () => {
    const { slow, lines } = open(100)
    const over = timeline()
    over.end()
    inTimeline(over, () => slow.statement(statement, 140))
    expect(lines[0]).not.toHaveProperty('requestId')
  })

  test('a request comes with its timeline', () => {
    const { slow, lines } = open(100)
    const seen = timeline()
    seen.ran(statement, 130)
    seen.totalMs = 150
    slow.request(seen, 200)
    expect(lines).toMatchObject([
      {
        message: 'slow request',
        name: 'GET /a',
        ms: 150,
        status: 200,
        timeline: { databaseMs: 130, statements: 1, slowest: ['select_a 130 ms'] },
      },
    ])
  })

  test('five lines a minute and name; then a count', async () => {
    const { slow, lines } = open(100, 30)
    for (let i = 0; i < 12; i++) slow.statement(statement, 140)
    slow.statement(new StatementSeries('another', ''), 140)
    expect(lines).toHaveLength(6)
    await Bun.sleep(80)
    expect(lines.slice(6)).toEqual([
      { message: 'slow statement, more in the same minute', name: 'select_a', unwritten: 7 },
    ])
    slow.statement(statement, 140)
    expect(lines).toHaveLength(8)
  })

  test('0 is off', () => {
    const { slow, lines } = open(0)
    slow.statement(statement, 10_000)
    expect(lines).toEqual([])
  })
})
