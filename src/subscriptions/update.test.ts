import { describe, expect, test } from 'bun:test'
import { databases, testZimmer } from '../../test/zimmer.ts'

const at = (id: number) => `/api/user/automations/${id}`

describe.each(databases)('PUT /api/user/automations/{user_automation_id} on %s', (database) => {
  test('it sets and forgets the bot token, without showing it', async () => {
    await using zimmer = await testZimmer(database)
    const { client, userAutomationId } = await zimmer.customer()
    const set = await client.put(at(userAutomationId), { telegram_bot_token: '99:hush' })
    expect(set.status).toBe(200)
    expect(set.body.user_automation).toMatchObject({ has_telegram_bot_token: true, status: 'active' })
    for (const path of ['/api/user/automations', '/api/user/automations/active']) {
      expect((await client.get(path)).text).not.toContain('99:hush')
    }
    const forgotten = await client.put(at(userAutomationId), { telegram_bot_token: null })
    expect(forgotten.body.user_automation.has_telegram_bot_token).toBe(false)
  })

  test('a paused subscription spends nothing until it is resumed', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ demoTokens: 5 })
    const spend = async () => (await zimmer.consume(alice)).body.accepted
    expect(await spend()).toBe(true)
    const paused = await alice.client.put(at(alice.userAutomationId), { status: 'paused' })
    expect(paused.body.user_automation.status).toBe('paused')
    expect(await spend()).not.toBe(true)
    await alice.client.put(at(alice.userAutomationId), { status: 'active' })
    expect(await spend()).toBe(true)
  })

  test('a balance is nobody’s to set', async () => {
    await using zimmer = await testZimmer(database)
    const { client, userAutomationId } = await zimmer.customer({ demoTokens: 5 })
    const bad = [
      { tokens_remaining: 1_000 },
      { demo_tokens: 1_000 },
      { status: 'active', balance: 1 },
      { integration_status: 'connected' },
      { webhook_url: 'http://x' },
      { status: 'cancelled' },
      { status: null },
      {},
    ]
    for (const body of bad) expect((await client.put(at(userAutomationId), body)).status).toBe(422)
    const [row] = (await client.get('/api/user/automations')).body
    expect(row).toMatchObject({
      tokens_remaining: 5,
      integration_status: 'not_configured',
      webhook_url: null,
    })
  })

  test('another’s subscription is not there', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer()
    const bob = await zimmer.as('customer')
    for (const id of [alice.userAutomationId, 12_345]) {
      const { status, body } = await bob.put(at(id), { status: 'paused' })
      expect([status, body.code]).toEqual([404, 'no_such_subscription'])
    }
    expect((await alice.client.get('/api/user/automations')).body[0].status).toBe('active')
    expect((await zimmer.anyone.put(at(alice.userAutomationId), { status: 'paused' })).status).toBe(401)
  })

  test('a cancelled one has to be added again', async () => {
    await using zimmer = await testZimmer(database)
    const { client, userAutomationId } = await zimmer.customer()
    await zimmer.app.write((tx) => tx.updateTable('user_automations').set({ status: 'cancelled' }).execute())
    const { status, body } = await client.put(at(userAutomationId), { status: 'active' })
    expect([status, body.code]).toEqual([409, 'subscription_cancelled'])
  })
})
