import { describe, expect, test } from 'bun:test'
import { count, databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import type { Tx } from '../storage/storage.ts'
import { subscribe } from '../subscriptions/subscriptions.ts'
import { deleteAutomation } from './automations.ts'

const URL = '/api/admin/automations'
const NEW = {
  name: 'Summarizer',
  description: 'Short texts from long ones',
  pricing_type: 'token_per_session',
  price_per_token: 1_000,
}

const trail = (zimmer: TestZimmer) =>
  zimmer.app.db.selectFrom('audit_log').selectAll().where('target_type', '=', 'automation').execute()

describe.each(databases)('POST /api/admin/automations on %s', (database) => {
  test('it works, with USD, 5 demo tokens and listed unless said otherwise', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.user('manager')
    const { status, body } = await manager.client.post(URL, NEW)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ...NEW,
      currency: 'USD',
      demo_tokens: 5,
      is_listed: true,
      is_on_sale: false,
      health_status: 'unknown',
      health_details: null,
      last_health_at: null,
      provision_url: null,
    })
    const [entry, ...more] = await trail(zimmer)
    expect(more).toEqual([])
    expect(entry).toMatchObject({ staff_id: manager.userId, action: 'automation.create', target_id: body.id })
    expect(JSON.parse(entry!.after!)).toMatchObject({ name: 'Summarizer' })
    expect(entry!.ip).toBe('127.0.0.1')
  })

  test('everything can be given', async () => {
    await using zimmer = await testZimmer(database)
    const fields = {
      ...NEW,
      description: '',
      pricing_type: 'flat_fee',
      price_per_token: 0,
      currency: 'EUR',
      demo_tokens: 0,
      provision_url: 'https://service.example.com/provision',
      health_check_url: 'http://10.0.0.1/health',
      dashboard_url: 'https://service.example.com/',
      is_listed: false,
    }
    const { status, body } = await (await zimmer.as('technical_team')).post(URL, fields)
    expect(status).toBe(201)
    expect(body).toMatchObject(fields)
  })

  test('a name is taken once, of twenty at once too', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const replies = await times(20, () => manager.post(URL, NEW))
    expect(count(replies, 201)).toBe(1)
    expect(count(replies, 409)).toBe(19)
    expect(replies.find((reply) => reply.status === 409)!.body.code).toBe('automation_name_taken')
    expect(await trail(zimmer)).toHaveLength(1)
  })

  test('bad input is refused by field', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const bad: Record<string, unknown[]> = {
      name: ['', '   ', 'x'.repeat(101), 1, null],
      description: ['x'.repeat(5_001), null],
      pricing_type: ['free', 1],
      price_per_token: [-1, 1.5, '1', 1e20],
      currency: ['usd', 'XYZ', 'DOLLAR', ''],
      demo_tokens: [-1, 1_000_001, 0.5],
      is_listed: ['yes', 1],
      provision_url: [
        '',
        'service',
        'ftp://x.example/',
        'http://u:p@x.example/',
        `http://x/${'y'.repeat(2_000)}`,
      ],
      dashboard_url: ['javascript:alert(1)', 'data:text/html,x', '//x.example'],
      surprise: [1],
    }
    for (const [field, values] of Object.entries(bad)) {
      for (const value of values) {
        const { status, body } = await manager.post(URL, { ...NEW, [field]: value })
        expect([field, value, status]).toEqual([field, value, 422])
        expect(body.errors[0].field).toBe(field)
      }
    }
    expect((await manager.get(URL)).body.automations).toEqual([])
  })

  test('only managers and the technical team write, all staff read, customers do neither', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const path = `${URL}/${automationId}`
    for (const [role, read] of [
      ['support_staff', 200],
      ['customer', 403],
    ] as const) {
      const client = await zimmer.as(role)
      expect((await client.post(URL, NEW)).status).toBe(403)
      expect((await client.put(path, { demo_tokens: 1 })).status).toBe(403)
      expect((await client.delete(path)).status).toBe(403)
      expect((await client.post(`${path}/generate-service-token`, {})).status).toBe(403)
      expect((await client.post(`${path}/rotate-token`, {})).status).toBe(403)
      expect((await client.delete(`${path}/service-tokens/1`)).status).toBe(403)
      expect((await client.post(`${path}/health-check`, {})).status).toBe(403)
      expect((await client.get(URL)).status).toBe(read)
      expect((await client.get(path)).status).toBe(read)
      expect((await client.get(`${path}/service-tokens`)).status).toBe(read)
    }
    expect((await zimmer.anyone.get(URL)).status).toBe(401)
  })
})

describe.each(databases)('GET /api/admin/automations on %s', (database) => {
  test('it pages, newest first', async () => {
    await using zimmer = await testZimmer(database)
    const ids: number[] = []
    for (let i = 0; i < 5; i++) ids.unshift((await zimmer.automation()).automationId)
    const client = await zimmer.as('support_staff')
    const seen: number[] = []
    let cursor: string | null = null
    do {
      const { body } = await client.get(`${URL}?limit=2${cursor ? `&cursor=${cursor}` : ''}`)
      seen.push(...body.automations.map((row: { id: number }) => row.id))
      cursor = body.next_cursor
    } while (cursor)
    expect(seen).toEqual(ids)
  })

  test('it filters, and a search has no wildcards', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    await zimmer.automation({ name: 'Invoice Reader' })
    await manager.post(URL, { ...NEW, name: '100% _Sure_ \\o/' })
    await manager.post(URL, { ...NEW, name: 'Hidden', is_listed: false })
    const names = async (query: string) =>
      (await manager.get(`${URL}?${query}`)).body.automations.map((row: { name: string }) => row.name)
    expect(await names('search=invoice')).toEqual(['Invoice Reader'])
    expect(await names(`search=${encodeURIComponent('%')}`)).toEqual(['100% _Sure_ \\o/'])
    expect(await names(`search=${encodeURIComponent('_sure_ \\')}`)).toEqual(['100% _Sure_ \\o/'])
    expect(await names('is_listed=false')).toEqual(['Hidden'])
    expect(await names('health_status=healthy')).toEqual(['Invoice Reader'])
  })

  test('a broken query is refused', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    for (const query of [
      'limit=0',
      'limit=101',
      'cursor=nonsense',
      'health_status=sick',
      'other=1',
      'search=',
    ]) {
      expect([query, (await manager.get(`${URL}?${query}`)).status]).toEqual([query, 422])
    }
    for (const id of ['0', '-1', '1.5', 'x', '99999999999999999999']) {
      expect((await manager.get(`${URL}/${id}`)).status).toBe(422)
    }
    expect((await manager.get(`${URL}/12345`)).status).toBe(404)
  })
})

describe.each(databases)('PUT /api/admin/automations/{id} on %s', (database) => {
  test('it changes what is given, and the trail has only that', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const { automationId } = await zimmer.automation({ name: 'Old' })
    const { status, body } = await manager.put(`${URL}/${automationId}`, {
      name: 'Newer',
      demo_tokens: 9,
      price_per_token: 100,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ name: 'Newer', demo_tokens: 9, description: 'For tests' })
    const [entry, ...more] = await trail(zimmer)
    expect(more).toEqual([])
    expect(JSON.parse(entry!.before!)).toEqual({ name: 'Old', demo_tokens: 5 })
    expect(JSON.parse(entry!.after!)).toEqual({ name: 'Newer', demo_tokens: 9 })
  })

  test('what changes nothing leaves no trace', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const { automationId } = await zimmer.automation({ name: 'Same' })
    expect((await manager.put(`${URL}/${automationId}`, { name: 'Same' })).status).toBe(200)
    expect(await trail(zimmer)).toEqual([])
  })

  test('listing and unlisting decides what is on sale', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const { automationId } = await zimmer.automation()
    const path = `${URL}/${automationId}`
    expect((await manager.put(path, { is_listed: false })).body.is_on_sale).toBe(false)
    expect((await zimmer.anyone.get('/api/automations/marketplace')).body).toEqual([])
    expect((await manager.put(path, { is_listed: true })).body.is_on_sale).toBe(true)
    expect((await zimmer.anyone.get('/api/automations/marketplace')).body).toHaveLength(1)
  })

  test('another health check URL makes the health unknown', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const { automationId } = await zimmer.automation()
    const health_check_url = 'http://127.0.0.1:9/health'
    const { body } = await manager.put(`${URL}/${automationId}`, { health_check_url })
    expect(body).toMatchObject({ health_status: 'unknown', is_on_sale: false, health_check_url })
  })

  test('of two that want one name one gets it, created and renamed at once', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const ids = await times(10, async () => (await zimmer.automation()).automationId)
    const replies = await times(20, (i) =>
      i % 2 === 0
        ? manager.put(`${URL}/${ids[i / 2]}`, { name: 'Wanted' })
        : manager.post(URL, { ...NEW, name: 'Wanted' }),
    )
    expect(count(replies, 409)).toBe(19)
    expect(replies.filter((reply) => reply.status < 300)).toHaveLength(1)
  })

  test('bad input changes nothing', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const { automationId } = await zimmer.automation()
    for (const body of [
      {},
      { id: 5 },
      { health_status: 'healthy' },
      { name: null },
      { dashboard_url: 'x' },
      [],
    ]) {
      expect((await manager.put(`${URL}/${automationId}`, body)).status).toBe(422)
    }
    expect((await manager.put(`${URL}/12345`, { demo_tokens: 1 })).status).toBe(404)
    expect(await trail(zimmer)).toEqual([])
  })
})

describe.each(databases)('DELETE /api/admin/automations/{id} on %s', (database) => {
  test('it works, with its service tokens and their copies', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const service = await zimmer.automation()
    const path = `${URL}/${service.automationId}`
    await manager.post(`${path}/generate-service-token`, {})
    expect((await manager.delete(path)).status).toBe(200)
    expect((await manager.get(path)).status).toBe(404)
    expect((await manager.delete(path)).status).toBe(404)
    const balance = '/api/automation-usage/balance?user_automation_id=1'
    expect((await zimmer.service(service).get(balance)).status).toBe(401)
    const copies = zimmer.app.db.selectFrom('facts').selectAll().where('name', 'like', 'service_token:%')
    expect(await copies.execute()).toEqual([])
  })

  test('what a customer has added stays', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.customer()
    const manager = await zimmer.as('manager')
    const { status, body } = await manager.delete(`${URL}/${automationId}`)
    expect([status, body.code]).toEqual([409, 'automation_in_use'])
    expect((await manager.get(`${URL}/${automationId}`)).status).toBe(200)
  })

  test('deleting waits for who is adding it, and then refuses', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const { userId } = await zimmer.user()
    const { automationId } = await zimmer.automation()
    const adding = await halfway(zimmer, (tx) => subscribe(tx, { userId, automationId }))
    const deleting = manager.delete(`${URL}/${automationId}`)
    await Bun.sleep(50)
    await adding.finish()
    expect((await deleting).status).toBe(409)
  })

  test('adding waits for who is deleting it, and then finds nothing', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.as('customer')
    const { automationId } = await zimmer.automation()
    const deleting = await halfway(zimmer, (tx) => deleteAutomation(tx, automationId))
    const adding = alice.post(`/api/user/automations/${automationId}`, {})
    await Bun.sleep(50)
    await deleting.finish()
    expect((await adding).status).toBe(404)
  })

  test('deleting and adding at once: one of them wins, and nothing breaks', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const customers = await times(4, () => zimmer.as('customer'))
    for (let round = 0; round < 10; round++) {
      const { automationId } = await zimmer.automation()
      const deleting = () => manager.delete(`${URL}/${automationId}`)
      const adding = customers.map(
        (customer) => () => customer.post(`/api/user/automations/${automationId}`, {}),
      )
      const [deleted, ...added] = await Promise.all(
        [deleting, ...adding].map(async (work) => {
          await Bun.sleep(Math.random() * 5)
          return work()
        }),
      )
      const wins = count(added, 201)
      expect(deleted!.status).toBe(wins > 0 ? 409 : 200)
      expect(count(added, 404)).toBe(wins > 0 ? 0 : 4)
    }
  })
})

/** Does the work in a transaction, and leaves it open until `finish`. */
async function halfway({ app }: TestZimmer, work: (tx: Tx) => Promise<unknown>) {
  const done = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const writing = app.write(async (tx) => {
    await work(tx)
    done.resolve()
    await end.promise
  })
  await Promise.race([done.promise, writing])
  return {
    finish: () => {
      end.resolve()
      return writing
    },
  }
}
