import { describe, expect, test } from 'bun:test'
import { Statements } from '../../test/statements.ts'
import { until } from '../../test/until.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { MINUTE_MS } from '../lib/time.ts'
import { enqueue } from '../queue/queue.ts'
import { migrations } from '../storage/migrations/list.ts'

const URL = '/api/admin/system/status'

describe.each(databases)('GET /api/admin/system/status on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('support_staff')
    const { status, body } = await until(
      () => client.get(URL),
      (reply) => reply.body.status === 'healthy',
    )
    expect(status).toBe(200)
    expect(body.status).toBe('healthy')
    expect(body.database.kind).toBe(database)
    expect(body.database.version).toMatch(/^\d+\.\d+/)
    expect(body.database.size_bytes).toBeGreaterThan(100_000)
    expect(body.database.migrations).toEqual(migrations.map(({ name }) => name))
    expect(body.database.connections === null).toBe(database === 'sqlite')
    expect(body.memory.resident_bytes).toBeGreaterThan(10_000_000)
    expect(body.disk.free_bytes).toBeGreaterThan(0)
    expect(body.jobs).toEqual({ queued: 0, running: 0, failed: 0, is_overdue: false })
    expect(body.performance.missed_targets).toEqual([])
    expect(body.database_load.waiting).toBe(0)
    expect(body.database_load.pool === null).toBe(database === 'sqlite')
    expect(body.caches.map(({ name }: { name: string }) => name)).toContain('principals')
    expect(Date.parse(body.started_at)).toBeLessThanOrEqual(Date.parse(body.now))
  })

  test('tells of jobs that wait and of misses that go on', async () => {
    await using zimmer = await testZimmer(database)
    const now = zimmer.clock.now()
    await zimmer.app.write(async (tx) => {
      await enqueue(tx, { kind: 'test.nothing' }, null)
      const miss = { target: 'memory', goal: 500, unit: 'MB', worst: 600, since: now - MINUTE_MS }
      await tx
        .insertInto('target_misses')
        .values({ ...miss, last_at: now, until: null })
        .execute()
    })
    zimmer.clock.advance(6 * MINUTE_MS)
    const { body } = await (await zimmer.as('manager')).get(URL)
    expect(body).toMatchObject({
      status: 'degraded',
      jobs: { queued: 1, is_overdue: true },
      performance: { missed_targets: ['memory'] },
    })
  })

  test('it costs the same however much there is', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const client = await zimmer.as('manager')
    await client.get(URL)
    const costs = async () =>
      (await statements.during(() => client.get(URL))).filter((sql) => !/sessions/.test(sql)).length
    const before = await costs()
    await zimmer.app.write(async (tx) => {
      for (let i = 0; i < 50; i++) await enqueue(tx, { kind: 'test.nothing' }, null)
    })
    expect(await costs()).toBe(before)
  })

  test('while the database is down it says so, and nothing of where it is', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    await client.get(URL)
    const { ping } = zimmer.app.storage
    zimmer.app.storage.ping = () => Promise.reject(new Error('the disk of host db-7 is gone'))
    const { status, body, text } = await client.get(URL)
    zimmer.app.storage.ping = ping
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'unhealthy', database: null, jobs: null, performance: null })
    expect(text).not.toContain('db-7')
  })
})
