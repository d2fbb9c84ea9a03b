import { describe, expect, test } from 'bun:test'
import { answered, isOfReport, MARKET, named, nextMinute, ran, sample, save } from '../../test/measured.ts'
import { Statements } from '../../test/statements.ts'
import {
  type DatabaseName,
  databases,
  testZimmer as openZimmer,
  type TestOverrides,
  times,
} from '../../test/zimmer.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/time.ts'
import { rollUp } from './roll-up.ts'
import { keeperOf } from './routes/keeper.ts'
import type { PlacedSample } from './samples.ts'

const URL = '/api/admin/performance'

/** Reports are kept for some seconds, which tests don't wait for. */
const testZimmer = (database: DatabaseName, overrides: TestOverrides = {}) =>
  openZimmer(database, { cachesOff: ['responses'], ...overrides })

// biome-ignore lint/suspicious/noExplicitAny: replies of every shape
const endpointOf = (body: any, name: string) =>
  body.endpoints.find(({ method, path }: Record<string, string>) => `${method} ${path}` === name)

describe.each(databases)('GET /api/admin/performance on %s', (database) => {
  test('it works: known times give their percentiles, their share within the target, and a verdict', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('support_staff')
    answered(zimmer, MARKET, [
      [900, 10],
      [60, 100],
      [40, 2_000],
    ])
    answered(zimmer, MARKET, [[3, 10]], 500)
    answered(zimmer, 'POST /api/auth/login', [
      [90, 300],
      [10, 900],
    ])
    const { status, body } = await client.get(URL)
    expect(status).toBe(200)
    const market = endpointOf(body, MARKET)
    expect(market).toMatchObject({ target_ms: 1_000, count: 1_003, errors: 3, status: 'pass', max_ms: 2_000 })
    expect(market.p50_ms).toBeCloseTo(10, 0)
    expect(market.p95_ms / 100).toBeCloseTo(1, 1)
    expect(market.p99_ms).toBe(2_000)
    expect(market.within_target_percent).toBeCloseTo(96.01, 2)
    expect(endpointOf(body, 'POST /api/auth/login')).toMatchObject({
      target_ms: 800,
      status: 'fail',
      max_ms: 900,
      within_target_percent: 90,
    })
    expect(body.endpoints[0].path).toBe('/api/auth/login')
    expect(body.status).toBe('fail')
    expect(body.plan.map(({ name }: { name: string }) => name)).toEqual([
      'health',
      'authentication',
      'user_profile',
      'admin',
      'every_endpoint',
      'database_average',
      'cache_hit_rate',
      'memory',
      'cpu',
    ])
    expect(named(body.plan, 'authentication')).toMatchObject({
      target: 800,
      unit: 'ms',
      status: 'fail',
      endpoint: 'POST /api/auth/login',
    })
    expect(named(body.plan, 'health')).toMatchObject({ status: 'no_data', value: null, endpoint: null })
    expect(named(body.plan, 'memory')).toMatchObject({ target: 500, unit: 'MB', value: expect.any(Number) })
    expect(body.nodes).toEqual([keeperOf(zimmer.app).node])
  })

  test('whatever is measured is in it once, before and after it is written down', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    await nextMinute(zimmer)
    answered(zimmer, MARKET, [[100, 10]])
    const before = endpointOf((await client.get(URL)).body, MARKET)
    await keeperOf(zimmer.app).flush()
    const after = endpointOf((await client.get(URL)).body, MARKET)
    // Buckets are 1 % wide in memory and 5 % in the database.
    expect(after).toMatchObject({ count: before.count, max_ms: before.max_ms, status: before.status })
    expect(Math.abs(after.p95_ms / before.p95_ms - 1)).toBeLessThan(0.06)
    await nextMinute(zimmer)
    answered(zimmer, MARKET, [[50, 10]])
    const { body } = await client.get(`${URL}?range=5m`)
    const { count, series } = endpointOf(body, MARKET)
    expect(count).toBe(150)
    expect(series.map((point: { count: number }) => point.count)).toEqual([0, 0, 0, 100, 50])
    expect(series[0].p95_ms).toBeNull()
    expect(series.map(({ at }: { at: string }) => at)[0]).toBe(body.from)
  })

  test('an endpoint right on its target is within it', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    answered(zimmer, MARKET, [[100, 1_000]])
    const seen = async () => endpointOf((await client.get(URL)).body, MARKET)
    expect(await seen()).toMatchObject({ status: 'pass', p95_ms: 1_000, within_target_percent: 100 })
    await keeperOf(zimmer.app).flush()
    expect(await seen()).toMatchObject({ status: 'pass', p95_ms: 1_000, within_target_percent: 100 })
  })

  test('the database, caches, memory and CPU are held against the plan', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const at = zimmer.clock.now()
    await save(zimmer, 'one', at, [
      sample({ kind: 'cache', name: 'warm', count: 1_000, good: 900 }),
      sample({ kind: 'cache', name: 'cool', count: 500, good: 100 }),
      sample({ kind: 'cache', name: 'cold', count: 99, good: 0 }),
      sample({ kind: 'process', name: 'memory', count: 2, total: 700e6, largest: 501e6 }),
      sample({ kind: 'process', name: 'cpu', count: 1, total: 6_950, largest: 6_950 }),
    ])
    ran(zimmer, 'select slow', [[20_000, 150]])
    const { body } = await client.get(URL)
    expect(named(body.plan, 'cache_hit_rate')).toMatchObject({ status: 'fail', unit: '%', target: 80 })
    // The caches of the test itself are in it as well.
    expect(named<{ name: string; value: number }>(body.plan, 'cache_hit_rate')?.value).toBeCloseTo(62.5, 0)
    expect(named(body.caches, 'warm')).toMatchObject({ hit_rate_percent: 90, status: 'pass', hits: 900 })
    expect(named(body.caches, 'cool')).toMatchObject({ hit_rate_percent: 20, status: 'fail' })
    expect(named(body.caches, 'cold')).toMatchObject({ hit_rate_percent: 0, status: 'no_data' })
    expect(named(body.plan, 'memory')).toMatchObject({ value: 501, status: 'fail', unit: 'MB' })
    expect(named(body.plan, 'cpu')).toMatchObject({ value: 69.5, status: 'pass', unit: '%' })
    expect(named(body.plan, 'database_average')).toMatchObject({ status: 'fail', target: 100, unit: 'ms' })
    expect(body.database.mean_ms).toBeGreaterThan(140)
    expect(body.database.calls).toBeGreaterThanOrEqual(20_000)
  })

  test('look-ups of a cache that really happen are counted once', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    await nextMinute(zimmer)
    const cache = zimmer.app.caches.open<{ n: number }>({ name: 'test', max: 10, ttlMs: 60_000 })
    const get = () => cache.get('key', async () => ({ value: { n: 1 }, tags: [] }))
    for (let i = 0; i < 100; i++) await get()
    const seen = async () => named<{ name: string }>((await client.get(URL)).body.caches, 'test')
    const whole = { lookups: 100, hits: 99, hit_rate_percent: 99, status: 'pass' }
    expect(await seen()).toMatchObject(whole)
    await nextMinute(zimmer)
    expect(await seen()).toMatchObject(whole)
    for (let i = 0; i < 100; i++) await get()
    expect(await seen()).toMatchObject({ lookups: 200 })
  })

  test('the waits of the process and what it refused are in it', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const { eventLoop, storage, routes } = zimmer.app.metrics
    eventLoop.lag.add(90)
    storage.writerWait.add(5_000)
    storage.writerQueue = () => 17
    for (let i = 0; i < 8; i++) routes.all()[0]?.shed()
    const seen = async () => {
      const { body } = await client.get(URL)
      const figures = body.process.map(({ name, value, unit }: Record<string, unknown>) => [
        name,
        [value, unit],
      ])
      return Object.fromEntries(figures)
    }
    const first = await seen()
    expect(first.event_loop_lag_max[0]).toBeGreaterThan(89)
    expect(first.database_wait_max[0]).toBeGreaterThan(4_900)
    expect(first).toMatchObject({ database_queue_max: [17, 'count'], requests_shed: [8, 'count'] })
    await keeperOf(zimmer.app).flush()
    expect(await seen()).toMatchObject({ database_queue_max: [17, 'count'], requests_shed: [8, 'count'] })
  })

  test('nodes add up, except what each of them has for itself, and one can be seen alone', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const at = zimmer.clock.now()
    const route = (count: number) =>
      sample({
        name: MARKET,
        count,
        good: count,
        total: count * 1_000,
        largest: 1_000,
        targetMs: 1_000,
        buckets: [535, count],
      })
    const memory = (bytes: number) =>
      sample({ kind: 'process', name: 'memory', count: 1, total: bytes, largest: bytes })
    // Far more than this process has, which counts as well.
    await save(zimmer, 'a:1', at, [route(10), memory(10e9)])
    await save(zimmer, 'b:1', at, [route(30), memory(30e9)])
    const all = (await client.get(URL)).body
    expect(all.nodes).toEqual(['a:1', 'b:1', keeperOf(zimmer.app).node].sort())
    expect(endpointOf(all, MARKET).count).toBe(40)
    expect(named(all.plan, 'memory')).toMatchObject({ value: 30_000 })
    const one = (await client.get(`${URL}?node=a:1`)).body
    expect(one.node).toBe('a:1')
    expect(one.nodes).toEqual(all.nodes)
    expect(endpointOf(one, MARKET).count).toBe(10)
    expect(named(one.plan, 'memory')).toMatchObject({ value: 10_000 })
    expect((await client.get(`${URL}?node=nobody`)).body).toMatchObject({ status: 'no_data', endpoints: [] })
  })

  test('every range covers its time and no more', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const now = zimmer.clock.now()
    const minutesAgo = [0, 3, 10, 50, 5 * 60, 20 * 60, 6 * 24 * 60, 28 * 24 * 60, 31 * 24 * 60]
    for (const ago of minutesAgo) {
      await save(zimmer, 'a', now - ago * MINUTE_MS, [sample({ name: MARKET, count: 1, targetMs: 1_000 })])
    }
    const counts: Record<string, number> = {}
    for (const range of ['5m', '15m', '1h', '6h', '24h', '7d', '30d']) {
      const { body } = await client.get(`${URL}?range=${range}`)
      expect(body.range).toBe(range)
      counts[range] = endpointOf(body, MARKET).count
      expect(body.plan[0].series.length).toBeLessThanOrEqual(60)
    }
    expect(counts).toEqual({ '5m': 2, '15m': 3, '1h': 4, '6h': 5, '24h': 6, '7d': 7, '30d': 8 })
  })

  test('a range that is none, an empty node and a field that is none are refused', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    for (const query of [
      'range=16m',
      'range=',
      'range=15m&range=1h',
      'node=',
      'nodes=a',
      `node=${'x'.repeat(301)}`,
    ]) {
      expect([query, (await client.get(`${URL}?${query}`)).status]).toEqual([query, 422])
    }
  })

  test('it costs two statements, for a month as for a minute', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const client = await zimmer.as('manager')
    await client.get(URL)
    for (let day = 0; day < 20; day++) {
      await save(zimmer, 'a', zimmer.clock.now() - day * DAY_MS, [sample({ name: MARKET, count: 1 })])
    }
    for (const range of ['5m', '30d']) {
      const sent = await statements.during(() => client.get(`${URL}?range=${range}`))
      expect(sent.filter(isOfReport)).toHaveLength(2)
    }
  })

  // On PostgreSQL a node that is not answered in time trusts its caches less, and makes it more often.
  test.skipIf(database !== 'sqlite')(
    'a month of it is made once for twenty who ask at once, and kept for some seconds',
    async () => {
      const statements = new Statements()
      await using zimmer = await openZimmer(database, { onStatement: statements.seen })
      const client = await zimmer.as('manager')
      for (let day = 0; day < 20; day++) {
        const samples = Array.from({ length: 100 }, (_, nth) => sample({ name: `GET /${nth}`, count: 1 }))
        await save(zimmer, 'a', zimmer.clock.now() - day * DAY_MS, samples)
      }
      zimmer.clock.stop()
      const look = () => times(20, () => client.get(`${URL}?range=30d`))
      const ofReport = async () => (await statements.during(look)).filter(isOfReport).length
      expect(await ofReport()).toBe(2)
      expect(await ofReport()).toBe(0)
      zimmer.clock.advance(3_000)
      expect(await ofReport()).toBe(2)
    },
  )

  test('a database that takes nothing in loses no minute', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const keeper = keeperOf(zimmer.app)
    answered(zimmer, MARKET, [[7, 10]])
    const { write } = zimmer.app
    zimmer.app.write = () => Promise.reject(new Error('the disk is full'))
    await keeper.flush()
    answered(zimmer, MARKET, [[5, 10]])
    expect(endpointOf((await client.get(URL)).body, MARKET).count).toBe(12)
    zimmer.app.write = write
    await keeper.flush()
    expect(keeper.live().filter(({ name }: PlacedSample) => name === MARKET)).toEqual([])
    expect(endpointOf((await client.get(URL)).body, MARKET).count).toBe(12)
  })

  test('a day of it is still answered from what was rolled up', async () => {
    await using zimmer = await testZimmer(database)
    answered(zimmer, MARKET, [[7, 10]])
    await keeperOf(zimmer.app).flush()
    zimmer.clock.advance(23 * HOUR_MS)
    while (await zimmer.app.write((tx) => rollUp(tx)));
    const client = await zimmer.as('manager')
    expect(endpointOf((await client.get(`${URL}?range=24h`)).body, MARKET).count).toBe(7)
  })
})
