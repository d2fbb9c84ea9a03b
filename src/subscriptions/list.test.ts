import { describe, expect, test } from 'bun:test'
import { Statements } from '../../test/statements.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { grant } from '../ledger/ledger.ts'

const URL = '/api/user/automations'

describe.each(databases)('GET /api/user/automations on %s', (database) => {
  test('it works, with what is left on each', async () => {
    await using zimmer = await testZimmer(database)
    const automation = await zimmer.automation({
      name: 'Reader',
      dashboardUrl: 'https://reader.example/',
      provisionUrl: 'https://inside.example/',
      healthCheckUrl: 'https://inside.example/',
    })
    const alice = await zimmer.customer({ automation, paidTokens: 10 })
    await zimmer.customer({ automation, paidTokens: 99 })
    await zimmer.consume(alice, 7)
    const { status, body, text } = await alice.client.get(URL)
    expect(status).toBe(200)
    expect(body).toEqual([
      {
        id: alice.userAutomationId,
        automation_id: automation.automationId,
        name: 'Reader',
        description: 'For tests',
        pricing_type: 'token_per_session',
        price_per_token: 100,
        currency: 'USD',
        dashboard_url: 'https://reader.example/',
        health_status: 'healthy',
        status: 'active',
        integration_status: 'not_configured',
        tokens_remaining: 8,
        demo_tokens: 0,
        paid_tokens: 8,
        is_demo_active: false,
        demo_expired: true,
        webhook_url: null,
        has_telegram_bot_token: false,
        provisioned_at: null,
        created_at: expect.any(String),
      },
    ])
    expect(text).not.toContain('inside')
  })

  test('demo tokens that expired are over, and count no more', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer()
    zimmer.clock.stop()
    await zimmer.app.write((tx) =>
      grant(tx, {
        userAutomationId: alice.userAutomationId,
        userId: alice.userId,
        kind: 'demo',
        tokens: 4,
        expiresAt: tx.now + 1_000,
      }),
    )
    const before = (await alice.client.get(URL)).body[0]
    expect(before).toMatchObject({ demo_tokens: 4, is_demo_active: true, demo_expired: false })
    zimmer.clock.advance(1_001)
    const after = (await alice.client.get(URL)).body[0]
    expect(after).toMatchObject({
      demo_tokens: 0,
      tokens_remaining: 0,
      is_demo_active: false,
      demo_expired: true,
    })
  })

  test('another automation that is off the market stays with who has it', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer()
    await zimmer.app.write((tx) => tx.updateTable('automations').set({ is_listed: 0 }).execute())
    expect((await alice.client.get(URL)).body).toHaveLength(1)
  })

  test('pages are linked, and cost the same however long they are', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const alice = await zimmer.user()
    for (let i = 0; i < 5; i++) {
      const { automationId } = await zimmer.automation()
      await alice.client.post(`${URL}/${automationId}`, {})
    }
    for (const list of [URL, `${URL}/active`]) {
      const ids: number[] = []
      let next: string | undefined = `${list}?limit=2`
      while (next) {
        const { body, headers } = await alice.client.get(next)
        ids.push(...body.map((row: { id: number }) => row.id))
        next = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
      }
      expect(ids).toHaveLength(5)
      expect(ids).toEqual(ids.toSorted((a, b) => a - b))
      const one = await statements.during(() => alice.client.get(`${list}?limit=1`))
      const five = await statements.during(() => alice.client.get(`${list}?limit=5`))
      expect(five).toHaveLength(one.length)
      expect(five.length).toBeLessThanOrEqual(3)
    }
  })

  test('bad input is refused', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.as('customer')
    for (const query of ['limit=0', 'limit=x', 'cursor=x', 'user_id=1']) {
      expect((await alice.get(`${URL}?${query}`)).status).toBe(422)
      expect((await alice.get(`${URL}/active?${query}`)).status).toBe(422)
    }
    expect((await zimmer.anyone.get(URL)).status).toBe(401)
    expect((await zimmer.anyone.get(`${URL}/active`)).status).toBe(401)
  })
})

describe.each(databases)('GET /api/user/automations/active on %s', (database) => {
  test('it has only what is active', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ demoTokens: 5 })
    const { automationId } = await zimmer.automation()
    const paused = (await alice.client.post(`${URL}/${automationId}`, {})).body.user_automation.id
    await alice.client.put(`${URL}/${paused}`, { status: 'paused' })
    const { body } = await alice.client.get(`${URL}/active`)
    expect(body).toHaveLength(1)
    expect(body[0]).toMatchObject({
      id: alice.userAutomationId,
      automation_id: alice.automationId,
      automation_name: expect.any(String),
      automation_description: 'For tests',
      tokens_remaining: 5,
      demo_tokens: 5,
      is_demo_active: true,
      demo_expired: false,
      status: 'active',
      provisioned_at: null,
      integration_status: 'not_configured',
    })
    expect((await alice.client.get(URL)).body).toHaveLength(2)
  })
})

describe.each(databases)('GET /api/user/automations/{automation_id} on %s', (database) => {
  test('it says whether the customer may use it', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ demoTokens: 5 })
    const path = `${URL}/${alice.automationId}`
    const { status, body } = await alice.client.get(path)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      has_access: true,
      automation: { id: alice.automationId, demo_tokens: 5 },
      user_automation: { id: alice.userAutomationId, user_id: alice.userId, tokens_remaining: 5 },
    })
    expect(body.message).toBeUndefined()
    await alice.client.put(`${URL}/${alice.userAutomationId}`, { status: 'paused' })
    expect((await alice.client.get(path)).body).toMatchObject({
      has_access: false,
      message: 'Your subscription is paused',
    })
  })

  test('who has not added it has no access, and learns nothing of others', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer()
    const bob = await zimmer.as('customer')
    const nothing = { has_access: false, message: 'You have not added this automation' }
    expect((await bob.get(`${URL}/${alice.automationId}`)).body).toEqual(nothing)
    expect((await bob.get(`${URL}/12345`)).body).toEqual(nothing)
    expect((await bob.get(`${URL}/0`)).status).toBe(422)
    expect((await zimmer.anyone.get(`${URL}/${alice.automationId}`)).status).toBe(401)
  })
})
