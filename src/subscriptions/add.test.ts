import { describe, expect, test } from 'bun:test'
import { count, databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'

const URL = '/api/user/automations'

const lotsOf = ({ app }: TestZimmer) => app.db.selectFrom('lots').selectAll().execute()

const setStatus = (zimmer: TestZimmer, status: 'cancelled' | 'paused') =>
  zimmer.app.write((tx) => tx.updateTable('user_automations').set({ status }).execute())

describe.each(databases)('POST /api/user/automations on %s', (database) => {
  test('it works, with the automation in the path or in the body', async () => {
    await using zimmer = await testZimmer(database)
    const automations = [await zimmer.automation(), await zimmer.automation({ demoTokens: 3 })]
    const alice = await zimmer.user()
    const first = await alice.client.post(`${URL}/${automations[0]!.automationId}`, {})
    expect(first.status).toBe(201)
    expect(first.body.message).toBeString()
    expect(first.body.automation).toMatchObject({ id: automations[0]!.automationId, demo_tokens: 5 })
    expect(first.body.user_automation).toEqual({
      id: expect.any(Number),
      automation_id: automations[0]!.automationId,
      user_id: alice.userId,
      status: 'active',
      integration_status: 'not_configured',
      tokens_remaining: 5,
      demo_tokens: 5,
      paid_tokens: 0,
      is_demo_active: true,
      demo_expired: false,
      webhook_url: null,
      has_telegram_bot_token: false,
      provisioned_at: null,
      created_at: expect.any(String),
    })
    const automation_id = automations[1]!.automationId
    const second = await alice.client.post(URL, { automation_id, telegram_bot_token: '12:secret' })
    expect(second.status).toBe(201)
    expect(second.body.user_automation).toMatchObject({ tokens_remaining: 3, has_telegram_bot_token: true })
    expect(second.text).not.toContain('12:secret')
  })

  test('an automation without demo tokens gives none', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation({ demoTokens: 0 })
    const { body } = await (await zimmer.as('customer')).post(`${URL}/${automationId}`, {})
    expect(body.user_automation).toMatchObject({
      tokens_remaining: 0,
      is_demo_active: false,
      demo_expired: false,
    })
    expect(await lotsOf(zimmer)).toEqual([])
  })

  test('twenty at once add it once, with one gift', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const alice = await zimmer.as('customer')
    const replies = await times(20, () => alice.post(`${URL}/${automationId}`, {}))
    expect(count(replies, 201)).toBe(1)
    expect(count(replies, 409)).toBe(19)
    expect(replies.find((reply) => reply.status === 409)!.body.code).toBe('already_added')
    expect((await alice.get(URL)).body).toHaveLength(1)
    expect((await lotsOf(zimmer)).map((lot) => [lot.kind, lot.tokens])).toEqual([['demo', 5]])
  })

  test('ten customers at once each get theirs', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const customers = await times(10, () => zimmer.as('customer'))
    const replies = await times(10, (i) => customers[i]!.post(`${URL}/${automationId}`, {}))
    expect(count(replies, 201)).toBe(10)
    expect(await lotsOf(zimmer)).toHaveLength(10)
  })

  test('a cancelled one is taken up again, by one of ten, without new demo tokens', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ demoTokens: 5 })
    await zimmer.consume(alice, 2)
    await setStatus(zimmer, 'cancelled')
    const replies = await times(10, () => alice.client.post(`${URL}/${alice.automationId}`, {}))
    expect(count(replies, 201)).toBe(1)
    expect(count(replies, 409)).toBe(9)
    const { user_automation } = replies.find((reply) => reply.status === 201)!.body
    expect(user_automation).toMatchObject({ id: alice.userAutomationId, status: 'active', demo_tokens: 3 })
    expect(await lotsOf(zimmer)).toHaveLength(1)
  })

  test('a paused one is there already', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer()
    await setStatus(zimmer, 'paused')
    const { status, body } = await alice.client.post(`${URL}/${alice.automationId}`, {})
    expect([status, body.code]).toEqual([409, 'already_added'])
  })

  test('what is unlisted or not healthy is not sold', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const alice = await zimmer.as('customer')
    for (const set of [
      { is_listed: 0 },
      { is_listed: 1, health_status: 'unknown' },
      { health_status: 'degraded' },
      { health_status: 'unhealthy' },
    ] as const) {
      await zimmer.app.write((tx) => tx.updateTable('automations').set(set).execute())
      const { status, body } = await alice.post(`${URL}/${automationId}`, {})
      expect([status, body.code]).toEqual([409, 'automation_unavailable'])
    }
    expect((await alice.get(URL)).body).toEqual([])
    expect(await lotsOf(zimmer)).toEqual([])
  })

  test('bad input and unknown automations add nothing', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const alice = await zimmer.as('customer')
    const bad = [
      {},
      { automation_id: '1' },
      { automation_id: 0 },
      { automation_id: 1.5 },
      { automation_id: 1e20 },
    ]
    for (const body of [...bad, { automation_id: automationId, tokens: 1_000 }]) {
      expect((await alice.post(URL, body)).status).toBe(422)
    }
    for (const telegram_bot_token of ['', 'a b', 'x'.repeat(201), 'é', 5]) {
      expect((await alice.post(URL, { automation_id: automationId, telegram_bot_token })).status).toBe(422)
    }
    for (const body of [{ demo_tokens: 1_000 }, { status: 'active' }]) {
      expect((await alice.post(`${URL}/${automationId}`, body)).status).toBe(422)
    }
    expect((await alice.post(`${URL}/x`, {})).status).toBe(422)
    expect((await alice.post(`${URL}/12345`, {})).status).toBe(404)
    expect((await zimmer.anyone.post(`${URL}/${automationId}`, {})).status).toBe(401)
    expect((await alice.get(URL)).body).toEqual([])
  })
})
