import { describe, expect, test } from 'bun:test'
import { Statements } from '../../test/statements.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'

const setHealth = (status: 'unknown' | 'degraded' | 'unhealthy') => ({ health_status: status })

describe.each(databases)('the marketplace on %s', (database) => {
  test.each(['marketplace', 'available'])('GET /api/automations/%s works', async (name) => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation({ name: 'Reader', demoTokens: 7 })
    const { status, body } = await zimmer.anyone.get(`/api/automations/${name}`)
    expect(status).toBe(200)
    expect(body).toEqual([
      {
        id: automationId,
        name: 'Reader',
        description: 'For tests',
        pricing_type: 'token_per_session',
        price_per_token: 100,
        currency: 'USD',
        demo_tokens: 7,
        health_status: 'healthy',
        is_listed: true,
        created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ])
    expect((await zimmer.anyone.get(`/api/automations/${automationId}`)).body).toEqual(body[0])
  })

  test('what is unlisted, or not healthy, is not there', async () => {
    await using zimmer = await testZimmer(database)
    const unlisted = await zimmer.automation()
    const others = [await zimmer.automation(), await zimmer.automation(), await zimmer.automation()]
    await zimmer.app.write(async (tx) => {
      const set = (id: number, values: object) =>
        tx.updateTable('automations').set(values).where('id', '=', id).execute()
      await set(unlisted.automationId, { is_listed: 0 })
      await set(others[0]!.automationId, setHealth('unknown'))
      await set(others[1]!.automationId, setHealth('degraded'))
      await set(others[2]!.automationId, setHealth('unhealthy'))
    })
    expect((await zimmer.anyone.get('/api/automations/marketplace')).body).toEqual([])
    for (const { automationId } of [unlisted, ...others]) {
      expect((await zimmer.anyone.get(`/api/automations/${automationId}`)).status).toBe(404)
    }
  })

  test('it shows no address and no token', async () => {
    await using zimmer = await testZimmer(database)
    const urls = { provisionUrl: 'http://inside:1/provision', healthCheckUrl: 'http://inside:1/health' }
    const { automationId, serviceToken } = await zimmer.automation(urls)
    for (const path of ['marketplace', 'available', automationId]) {
      const { text } = await zimmer.anyone.get(`/api/automations/${path}`)
      expect(text).toContain('For tests')
      expect(text).not.toContain('inside')
      expect(text).not.toContain(serviceToken.slice(4, 12))
    }
  })

  test('a page has a link to the next, and costs one statement however long it is', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    for (let i = 0; i < 5; i++) await zimmer.automation()
    const first = await zimmer.anyone.get('/api/automations/marketplace?limit=2')
    const link = /^<(.*)>; rel="next"$/.exec(first.headers.get('link')!)![1]!
    const second = await zimmer.anyone.get(link)
    const ids = [...first.body, ...second.body].map((row) => row.id)
    expect(ids).toEqual([1, 2, 3, 4])
    const all = await zimmer.anyone.get('/api/automations/marketplace')
    expect(all.body).toHaveLength(5)
    expect(all.headers.get('link')).toBeNull()
    for (const limit of [1, 5]) {
      const get = () => zimmer.anyone.get(`/api/automations/marketplace?limit=${limit}`)
      expect(await statements.during(get)).toHaveLength(1)
    }
  })

  test('bad input is refused', async () => {
    await using zimmer = await testZimmer(database)
    for (const path of ['marketplace?limit=0', 'marketplace?cursor=x', 'available?x=1', 'nonsense', '0']) {
      expect((await zimmer.anyone.get(`/api/automations/${path}`)).status).toBe(422)
    }
    expect((await zimmer.anyone.get('/api/automations/12345')).status).toBe(404)
  })
})
