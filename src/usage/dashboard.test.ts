import { describe, expect, test } from 'bun:test'
import { usedBefore } from '../../test/usage.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'

const URL = '/api/user/dashboard'

describe.each(databases)('GET /api/user/dashboard on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50, demoTokens: 5 })
    const { status, body } = await alice.client.get(URL)
    expect(status).toBe(200)
    expect(body.user).toMatchObject({ id: alice.userId, name: 'Test customer' })
    expect(body).toMatchObject({
      total_demo_tokens: 5,
      total_paid_tokens: 50,
      has_active_demo: true,
      has_expired_demo: false,
    })
    expect(body.automations).toHaveLength(1)
    expect(body.automations[0]).toMatchObject({
      id: alice.userAutomationId,
      automation_id: alice.automationId,
      status: 'active',
      demo_tokens: 5,
      is_demo_active: true,
      demo_expired: false,
    })
  })

  test('a demo that is used up has expired', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ demoTokens: 5 })
    await usedBefore(zimmer, alice, { tokens: 5, at: zimmer.clock.now() })
    const { body } = await alice.client.get(URL)
    expect(body).toMatchObject({ total_demo_tokens: 0, has_active_demo: false, has_expired_demo: true })
  })

  test('a customer who never had a demo has none that expired', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 5 })
    const { body } = await alice.client.get(URL)
    expect(body).toMatchObject({ total_paid_tokens: 5, has_active_demo: false, has_expired_demo: false })
  })

  test('a customer without automations has an empty dashboard', async () => {
    await using zimmer = await testZimmer(database)
    const { body } = await (await zimmer.as('customer')).get(URL)
    expect(body).toMatchObject({ automations: [], total_demo_tokens: 0, total_paid_tokens: 0 })
    expect((await zimmer.anyone.get(URL)).status).toBe(401)
  })
})
