import { describe, expect, test } from 'bun:test'
import { until } from '../../test/until.ts'
import { databases, type TestZimmer, testZimmer } from '../../test/zimmer.ts'
import { MINUTE_MS } from '../lib/time.ts'
import { enqueue } from '../queue/queue.ts'

/** The reply once it has that status: who was held up a moment ago says so, and is right. */
const healthOf = ({ anyone }: TestZimmer, status: 'healthy' | 'degraded' = 'healthy') =>
  until(
    () => anyone.get('/health'),
    ({ body }) => body.status === status,
  )

describe.each(databases)('GET /health on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const { status, body, headers } = await healthOf(zimmer)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'healthy',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      checks: { database: 'ok', queue: 'ok', cache_bus: database === 'sqlite' ? 'not used' : 'ok' },
    })
    expect(Math.abs(Date.parse(body.timestamp) - Date.now())).toBeLessThan(MINUTE_MS)
    expect(body.memory_percent).toBeGreaterThan(0)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('a database that is down is never healthy, and nothing of it leaks', async () => {
    await using zimmer = await testZimmer(database)
    const { ping } = zimmer.app.storage
    zimmer.app.storage.ping = () => Promise.reject(new Error('the disk of host db-7 is gone'))
    const { status, body, text } = await zimmer.anyone.get('/health')
    expect(status).toBe(503)
    expect(body).toMatchObject({ status: 'unhealthy', checks: { database: 'failed', queue: 'failed' } })
    expect(text).not.toContain('db-7')
    expect((await zimmer.anyone.get('/readyz')).status).toBe(503)
    zimmer.app.storage.ping = ping
    expect((await healthOf(zimmer)).status).toBe(200)
  })

  test('a database that does not answer counts as down', async () => {
    await using zimmer = await testZimmer(database)
    const { ping } = zimmer.app.storage
    zimmer.app.storage.ping = () => new Promise(() => {})
    expect((await zimmer.anyone.get('/health')).status).toBe(503)
    zimmer.app.storage.ping = ping
  })

  test('jobs that nobody runs degrade it', async () => {
    await using zimmer = await testZimmer(database)
    await zimmer.app.write((tx) => enqueue(tx, { kind: 'test.nothing' }, null))
    expect((await healthOf(zimmer)).body.status).toBe('healthy')
    zimmer.clock.advance(6 * MINUTE_MS)
    const { status, body } = await healthOf(zimmer, 'degraded')
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'degraded', checks: { database: 'ok', queue: 'failed' } })
  })
})

describe.each(databases)('GET /healthz and /readyz on %s', (database) => {
  test('it is alive and ready; while it drains it is alive only', async () => {
    await using zimmer = await testZimmer(database)
    expect((await zimmer.anyone.get('/healthz')).body).toEqual({ status: 'alive' })
    const ready = await until(
      () => zimmer.anyone.get('/readyz'),
      ({ status }) => status === 200,
    )
    expect(ready.body).toEqual({ status: 'ready' })
    zimmer.app.draining = true
    expect((await zimmer.anyone.get('/healthz')).status).toBe(200)
    expect(await zimmer.anyone.get('/readyz')).toMatchObject({ status: 503, body: { status: 'draining' } })
  })
})
