import { describe, expect, test } from 'bun:test'
import { reversedBefore, usedBefore, usesBefore } from '../../test/usage.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'

const URL = '/api/user/usage'

describe.each(databases)('GET /api/user/usage on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const automation = await zimmer.automation({ name: 'Summarizer', demoTokens: 5 })
    const alice = await zimmer.customer({ automation, paidTokens: 50 })
    const at = zimmer.clock.now() - 1_000
    const id = await usedBefore(zimmer, alice, { tokens: 3, at, type: 'summary' })
    const { status, body } = await alice.client.get(URL)
    expect(status).toBe(200)
    expect(body).toEqual({
      total_tokens_remaining: 52,
      total_demo_tokens: 2,
      recent_usage: [
        {
          id,
          tokens_used: 3,
          usage_type: 'summary',
          description: 'Summarizer: summary',
          created_at: new Date(at).toISOString(),
        },
      ],
    })
  })

  test('a customer without automations has nothing', async () => {
    await using zimmer = await testZimmer(database)
    const { body } = await (await zimmer.as('customer')).get(URL)
    expect(body).toEqual({ total_tokens_remaining: 0, total_demo_tokens: 0, recent_usage: [] })
  })

  test('the ten newest come, newest first, and of one instant the higher id', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50 })
    const now = zimmer.clock.now()
    const uses = Array.from({ length: 14 }, (_, i) => ({ tokens: 1, at: now - (i < 4 ? 0 : i) * 1_000 }))
    const ids = await usesBefore(zimmer, alice, uses)
    const { body } = await alice.client.get(URL)
    const [a, b, c, d, ...older] = ids
    expect(body.recent_usage.map((usage: { id: number }) => usage.id)).toEqual(
      [d, c, b, a, ...older].slice(0, 10),
    )
  })

  test('a reversal is a usage of its own, with negative tokens', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50 })
    const now = zimmer.clock.now()
    const usageId = await usedBefore(zimmer, alice, { tokens: 7, at: now - 5_000, type: 'summary' })
    const id = await reversedBefore(zimmer, alice, { usageId, at: now, reason: 'it failed' })
    const { body } = await alice.client.get(URL)
    expect(body.total_tokens_remaining).toBe(50)
    expect(body.recent_usage[0]).toMatchObject({ id, tokens_used: -7 })
    expect(body.recent_usage[0].description).toEndWith(`: summary, reversal of usage ${usageId}`)
    expect(body.recent_usage).toHaveLength(2)
  })

  test("another customer's usage is not in it", async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50 })
    const bob = await zimmer.customer({ paidTokens: 20 })
    await usedBefore(zimmer, alice, { tokens: 7, at: zimmer.clock.now() })
    const { body } = await bob.client.get(URL)
    expect(body).toEqual({ total_tokens_remaining: 20, total_demo_tokens: 0, recent_usage: [] })
  })

  test('tokens that have expired are not left', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50 })
    zimmer.clock.stop()
    await zimmer.app.write((tx) =>
      tx
        .updateTable('lots')
        .set({ expires_at: tx.now + 1_000 })
        .where('user_automation_id', '=', alice.userAutomationId)
        .execute(),
    )
    expect((await alice.client.get(URL)).body.total_tokens_remaining).toBe(50)
    zimmer.clock.advance(2_000)
    expect((await alice.client.get(URL)).body.total_tokens_remaining).toBe(0)
  })

  test('another range and another field are refused, and so is who is not signed in', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.as('customer')
    for (const query of ['?range=1y', '?range=', '?range=7d&range=7d', '?user_id=1', '?range=7D']) {
      expect((await alice.get(URL + query)).status).toBe(422)
    }
    const { body } = await alice.get(`${URL}?range=1y`)
    expect(body.errors).toEqual([{ field: 'range', message: 'must be one of 7d, 6m', code: 'enum' }])
    expect((await zimmer.anyone.get(URL)).status).toBe(401)
  })
})
