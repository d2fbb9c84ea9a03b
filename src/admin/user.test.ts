import { describe, expect, test } from 'bun:test'
import { databases, testZimmer } from '../../test/zimmer.ts'

const URL = '/api/admin/users'

describe.each(databases)('GET /api/admin/users/:id on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const { userId: staffId, client } = await zimmer.user('technical_team', { name: 'Tech' })
    const automation = await zimmer.automation({ name: 'Summarizer', demoTokens: 5 })
    const alice = await zimmer.customer({ automation, paidTokens: 50 })
    const { usage_id } = (await zimmer.consume(alice, 2)).body
    await zimmer.consume(alice, 4)
    await client.post(`/api/admin/usage/${usage_id}/reverse`, { reason: 'it failed' })
    await client.post('/api/admin/tokens/adjust', {
      user_automation_id: alice.userAutomationId,
      delta_tokens: 10,
      reason: 'for your patience',
    })
    const { status, body } = await client.get(`${URL}/${alice.userId}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: alice.userId,
      role: 'customer',
      is_active: true,
      automations_count: 1,
      tokens_remaining: 61,
    })
    expect(body.automations).toMatchObject([
      { id: alice.userAutomationId, automation_name: 'Summarizer', tokens_remaining: 61, demo_tokens: 2 },
    ])
    expect(body.sessions).toHaveLength(1)
    expect(body.usage.recent.map((usage: { tokens_used: number }) => usage.tokens_used).sort()).toEqual([
      -2, 2, 4,
    ])
    expect(body.usage.reversals).toMatchObject([{ tokens_used: -2 }])
    expect(body.usage.last_30_days).toEqual({ tokens: 4, events: 1 })
    expect(body.adjustments).toMatchObject([
      {
        delta_tokens: 10,
        reason: 'for your patience',
        staff_id: staffId,
        staff_name: 'Tech',
        balance_after: 61,
      },
    ])
  })

  test('no secret is in it', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50 })
    await zimmer.app.write((tx) =>
      tx.updateTable('user_automations').set({ telegram_bot_token: 'secret-of-alice' }).execute(),
    )
    const { text } = await (await zimmer.as('manager')).get(`${URL}/${alice.userId}`)
    expect(text).not.toMatch(/hash|secret|password/)
  })

  test('there is none for an unknown id, a wrong one, or a customer who asks', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    expect((await client.get(`${URL}/999`)).status).toBe(404)
    for (const id of ['0', '-1', 'one', '1.5', '9007199254740992', '99999999999999999999']) {
      expect((await client.get(`${URL}/${id}`)).status).toBe(422)
    }
    const alice = await zimmer.user('customer')
    expect((await alice.client.get(`${URL}/${alice.userId}`)).status).toBe(403)
  })
})
