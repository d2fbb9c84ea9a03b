import { describe, expect, test } from 'bun:test'
import { reversedBefore, usedBefore } from '../../test/usage.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'

const URL = '/api/user/usage/distribution'

describe.each(databases)('GET /api/user/usage/distribution on %s', (database) => {
  test('it works, the most used first', async () => {
    await using zimmer = await testZimmer(database)
    const first = await zimmer.customer({ paidTokens: 100, demoTokens: 5 })
    const second = await zimmer.customer({ paidTokens: 40 })
    await zimmer.app.write((tx) =>
      tx
        .updateTable('user_automations')
        .set({ user_id: first.userId })
        .where('id', '=', second.userAutomationId)
        .execute(),
    )
    const at = zimmer.clock.now()
    await usedBefore(zimmer, first, { tokens: 3, at })
    await usedBefore(zimmer, { ...second, userId: first.userId }, { tokens: 30, at })
    const { status, body } = await first.client.get(URL)
    expect(status).toBe(200)
    expect(body).toMatchObject([
      { automation_id: second.automationId, tokens_remaining: 10, tokens_used: 30, total_tokens: 40 },
      { automation_id: first.automationId, tokens_remaining: 102, tokens_used: 3, total_tokens: 105 },
    ])
    expect(body[0].automation_name).toStartWith('Automation ')
  })

  test('what staff took away and what was reversed was not used', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100 })
    const at = zimmer.clock.now()
    await usedBefore(zimmer, alice, { tokens: 5, at })
    const usageId = await usedBefore(zimmer, alice, { tokens: 9, at })
    await reversedBefore(zimmer, alice, { usageId, at, reason: 'it failed' })
    await zimmer.app.write(async (tx) => {
      await tx
        .updateTable('lots')
        .set((lots) => ({ remaining: lots('remaining', '-', 20) }))
        .where('user_automation_id', '=', alice.userAutomationId)
        .execute()
      await tx
        .insertInto('adjustments')
        .values({
          user_automation_id: alice.userAutomationId,
          delta_tokens: -20,
          reason: 'a correction',
          note: null,
          staff_id: null,
          idempotency_key: null,
          balance_after: 75,
          created_at: tx.now,
        })
        .execute()
    })
    const { body } = await alice.client.get(URL)
    expect(body).toMatchObject([{ tokens_remaining: 75, tokens_used: 5, total_tokens: 80 }])
  })

  test('a customer without automations gets an empty list', async () => {
    await using zimmer = await testZimmer(database)
    expect((await (await zimmer.as('customer')).get(URL)).body).toEqual([])
    expect((await zimmer.anyone.get(URL)).status).toBe(401)
  })
})
