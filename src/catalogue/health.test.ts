import { describe, expect, test } from 'bun:test'
import { AutomationService } from '../../test/automation-service.ts'
import { until } from '../../test/until.ts'
import { databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import { judge } from './health.ts'
import { askHealth, catalogueJobs } from './jobs.ts'

const report = (status: unknown) => JSON.stringify({ status, version: '1.2', uptime: 5 })
const check = (automationId: number) => `/api/admin/automations/${automationId}/health-check`

const automationAt = (zimmer: TestZimmer, service: AutomationService, path = '/health') =>
  zimmer.automation({ healthCheckUrl: service.url(path) })

const runJob = async (zimmer: TestZimmer) => {
  for (const job of catalogueJobs(zimmer.app)) await job.run(null)
}

describe('judge', () => {
  test.each(['ok', 'healthy', 'up', 'OK', 'Up'])('status %s is healthy', (status) => {
    expect(judge({ status: 200, body: report(status) })).toEqual({
      status: 'healthy',
      details: {
        message: 'All is well',
        http_status: 200,
        service_status: status,
        version: '1.2',
        uptime: '5',
      },
    })
  })

  test.each(['degraded', 'starting', 'down', '', 0])('status %p is degraded', (status) => {
    expect(judge({ status: 200, body: report(status) }).status).toBe('degraded')
  })

  test.each([
    { status: 500, body: report('ok') },
    { status: 204, body: '' },
    { status: 302, body: report('ok') },
    { status: 200, body: 'ok' },
    { status: 200, body: '[]' },
    { status: 200, body: 'null' },
    { status: 200, body: '{"status":"ok","version":"1"}' },
    { status: 200, body: '{"version":"1","uptime":1}' },
    { status: 200, body: report(null) },
    { status: 200, body: report({ is: 'ok' }) },
    { failure: 'The connection failed' },
  ])('%j is unhealthy', (probe) => {
    expect(judge(probe).status).toBe('unhealthy')
  })

  test('long and strange texts are cut', () => {
    const { details } = judge({ status: 200, body: report(`\0${'x'.repeat(10_000)}`) })
    expect(details.service_status).toBe('x'.repeat(100))
  })
})

describe.each(databases)('POST …/health-check on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new AutomationService()
    const { automationId } = await automationAt(zimmer, service)
    const manager = await zimmer.user('manager')
    await zimmer.app.write((tx) => tx.updateTable('automations').set({ health_status: 'unknown' }).execute())
    const { status, body } = await manager.client.post(check(automationId), {})
    expect(status).toBe(200)
    expect(body).toEqual({
      automation_id: automationId,
      health_status: 'healthy',
      is_listed: true,
      last_health_at: expect.stringMatching(/Z$/),
      details: {
        message: 'All is well',
        http_status: 200,
        service_status: 'ok',
        version: '1.0.0',
        uptime: '12',
      },
    })
    const shown = (await manager.client.get(`/api/admin/automations/${automationId}`)).body
    expect(shown).toMatchObject({
      is_on_sale: true,
      health_details: body.details,
      last_health_at: body.last_health_at,
    })
    const [entry] = await zimmer.app.db.selectFrom('audit_log').selectAll().execute()
    expect(entry).toMatchObject({ action: 'automation.health_check', staff_id: manager.userId })
  })

  test('degraded, failing, wrong and huge answers are seen, and none of them is sold', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new AutomationService({
      '/degraded': () => new Response(report('tired')),
      '/failing': () => new Response('oh no', { status: 500 }),
      '/wrong': () => new Response('<html>ok</html>'),
      '/huge': () => new Response(`{"status":"ok","x":"${'y'.repeat(100_000)}"}`),
    })
    const manager = await zimmer.as('manager')
    const statuses = { degraded: 'degraded', failing: 'unhealthy', wrong: 'unhealthy', huge: 'unhealthy' }
    for (const [path, expected] of Object.entries(statuses)) {
      const { automationId } = await automationAt(zimmer, service, `/${path}`)
      const { status, body } = await manager.post(check(automationId), {})
      expect([path, status, body.health_status]).toEqual([path, 200, expected])
      expect((await zimmer.anyone.get(`/api/automations/${automationId}`)).status).toBe(404)
    }
    expect(service.count('/degraded')).toBe(1)
    expect(service.count('/failing')).toBe(3)
  })

  test('a stumble is forgiven: it is asked three times', async () => {
    await using zimmer = await testZimmer(database)
    let failures = 2
    await using service = new AutomationService({
      '/health': () => (failures-- > 0 ? new Response('', { status: 503 }) : new Response(report('up'))),
    })
    const { automationId } = await automationAt(zimmer, service)
    const { body } = await (await zimmer.as('manager')).post(check(automationId), {})
    expect(body.health_status).toBe('healthy')
    expect(service.count('/health')).toBe(3)
  })

  test('what nobody answers is unhealthy', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation({ healthCheckUrl: 'http://127.0.0.1:1/health' })
    const { body } = await (await zimmer.as('manager')).post(check(automationId), {})
    expect(body).toMatchObject({ health_status: 'unhealthy', details: { http_status: null } })
    expect(body.details.message).toContain('ECONNREFUSED')
  })

  test('a private address is not asked, unless the configuration allows it', async () => {
    await using zimmer = await testZimmer(database, { config: { allowPrivateUrls: false } })
    await using service = new AutomationService()
    const { automationId } = await automationAt(zimmer, service)
    const { body } = await (await zimmer.as('manager')).post(check(automationId), {})
    expect(body.health_status).toBe('unhealthy')
    expect(body.details.message).toContain('no public address')
    expect(service.calls).toEqual([])
  })

  test('what the old URL said is not kept for the new one', async () => {
    await using zimmer = await testZimmer(database)
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<Response>()
    await using service = new AutomationService({
      '/health': () => {
        asked.resolve()
        return answer.promise
      },
    })
    const { automationId } = await automationAt(zimmer, service)
    const manager = await zimmer.as('manager')
    const checking = manager.post(check(automationId), {})
    await asked.promise
    await manager.put(`/api/admin/automations/${automationId}`, { health_check_url: service.url('/other') })
    answer.resolve(new Response(report('ok')))
    expect((await checking).status).toBe(409)
    const { body } = await manager.get(`/api/admin/automations/${automationId}`)
    expect(body.health_status).toBe('unknown')
  })

  test('without a URL there is nothing to ask', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const manager = await zimmer.as('manager')
    expect((await manager.post(check(automationId), {})).body.code).toBe('no_health_check_url')
    expect((await manager.post(check(12345), {})).status).toBe(404)
    expect((await manager.post(check(automationId), { url: 'http://x' })).status).toBe(422)
  })
})

describe.each(databases)('the health job on %s', (database) => {
  test('it asks all that have a URL, five at a time', async () => {
    await using zimmer = await testZimmer(database)
    let now = 0
    let most = 0
    await using service = new AutomationService({
      '/health': async () => {
        most = Math.max(most, ++now)
        // The first ones wait until there are five, however slowly they come; then others could join.
        await until(() => most >= 5)
        await Bun.sleep(10)
        now--
        return new Response(report('ok'))
      },
    })
    const ids = await times(12, async () => (await automationAt(zimmer, service)).automationId)
    const silent = (await zimmer.automation()).automationId
    await zimmer.app.write((tx) => tx.updateTable('automations').set({ health_status: 'unknown' }).execute())
    await runJob(zimmer)
    const rows = await zimmer.app.db.selectFrom('automations').select(['id', 'health_status']).execute()
    const healthy = rows.filter((row) => row.health_status === 'healthy').map((row) => row.id)
    expect(healthy.toSorted((a, b) => a - b)).toEqual(ids.toSorted((a, b) => a - b))
    expect(rows.find((row) => row.id === silent)!.health_status).toBe('unknown')
    expect(service.count('/health')).toBe(12)
    expect(most).toBe(5)
  })

  test('it takes the sick off the market, and brings the recovered back', async () => {
    await using zimmer = await testZimmer(database)
    let isWell = true
    await using service = new AutomationService({
      '/health': () => new Response(report('ok'), { status: isWell ? 200 : 500 }),
    })
    await automationAt(zimmer, service)
    const onSale = async () => (await zimmer.anyone.get('/api/automations/marketplace')).body.length
    for (const next of [true, false, true]) {
      isWell = next
      await runJob(zimmer)
      expect(await onSale()).toBe(next ? 1 : 0)
    }
  })
})

test('a service that hangs is given up each time', async () => {
  await using zimmer = await testZimmer('sqlite')
  await using service = new AutomationService({ '/health': () => new Promise<Response>(() => {}) })
  const health = await askHealth(zimmer.app, service.url('/health'), 1_000)
  expect(health.status).toBe('unhealthy')
  expect(health.details.message).toBe('No answer within 1000 ms')
  expect(service.count('/health')).toBe(3)
})
