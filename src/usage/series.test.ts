import { describe, expect, test } from 'bun:test'
import { Statements } from '../../test/statements.ts'
import { reversedBefore, usedBefore, usesBefore } from '../../test/usage.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { DAY_MS, dayOf, dayText } from '../lib/time.ts'

const URL = '/api/user/usage'

describe.each(databases)('GET /api/user/usage?range= on %s', (database) => {
  test('7d is today and the six days before, with zeros where nothing was used', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 1_000 })
    const today = dayOf(zimmer.clock.now())
    await usesBefore(zimmer, alice, [
      { tokens: 1, at: today * DAY_MS },
      { tokens: 2, at: (today + 1) * DAY_MS - 1 },
      { tokens: 40, at: (today - 6) * DAY_MS },
      { tokens: 500, at: (today - 6) * DAY_MS - 1 },
    ])
    const { body } = await alice.client.get(`${URL}?range=7d`)
    const day = (ago: number, tokens: number, sessions: number) => ({
      day: dayText(today - ago),
      tokens,
      sessions,
    })
    expect(body).toEqual([day(6, 40, 1), ...[5, 4, 3, 2, 1].map((ago) => day(ago, 0, 0)), day(0, 3, 2)])
  })

  test('6m is this month and the five before', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 1_000 })
    const today = new Date(zimmer.clock.now())
    const monthStart = (ago: number) => Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - ago, 1)
    await usesBefore(zimmer, alice, [
      { tokens: 1, at: monthStart(0) },
      { tokens: 20, at: monthStart(0) - 1 },
      { tokens: 3, at: monthStart(5) },
      { tokens: 400, at: monthStart(5) - 1 },
    ])
    const { body } = await alice.client.get(`${URL}?range=6m`)
    const months = [5, 4, 3, 2, 1, 0].map((ago) => new Date(monthStart(ago)).toISOString().slice(0, 7))
    expect(body.map((row: { month: string }) => row.month)).toEqual(months)
    expect(body.map((row: { value: number }) => row.value)).toEqual([3, 0, 0, 0, 20, 1])
  })

  test('all subscriptions of the customer count, and nobody else', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100 })
    const second = await zimmer.customer({ paidTokens: 100 })
    const bob = await zimmer.customer({ paidTokens: 100 })
    await zimmer.app.write((tx) =>
      tx
        .updateTable('user_automations')
        .set({ user_id: alice.userId })
        .where('id', '=', second.userAutomationId)
        .execute(),
    )
    const at = zimmer.clock.now()
    await usedBefore(zimmer, alice, { tokens: 1, at })
    await usedBefore(zimmer, { ...second, userId: alice.userId }, { tokens: 20, at })
    await usedBefore(zimmer, bob, { tokens: 50, at })
    const { body } = await alice.client.get(`${URL}?range=7d`)
    expect(body.at(-1)).toMatchObject({ tokens: 21, sessions: 2 })
  })

  test('a reversal takes the usage out of its day', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100 })
    const now = zimmer.clock.now()
    const usageId = await usedBefore(zimmer, alice, { tokens: 7, at: now - 2 * DAY_MS })
    await usedBefore(zimmer, alice, { tokens: 1, at: now - 2 * DAY_MS })
    await reversedBefore(zimmer, alice, { usageId, at: now, reason: 'it failed' })
    const { body } = await alice.client.get(`${URL}?range=7d`)
    expect(body[4]).toMatchObject({ tokens: 1, sessions: 1 })
    expect(body[6]).toMatchObject({ tokens: 0, sessions: 0 })
  })

  test('a customer without automations gets zeros', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('customer')
    const days = (await client.get(`${URL}?range=7d`)).body
    const months = (await client.get(`${URL}?range=6m`)).body
    expect(days.map((row: { tokens: number }) => row.tokens)).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(months.map((row: { value: number }) => row.value)).toEqual([0, 0, 0, 0, 0, 0])
  })

  test('never touches token_usage', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const alice = await zimmer.customer({ paidTokens: 100 })
    for (const range of ['7d', '6m']) {
      const sent = await statements.sentDuring(() => alice.client.get(`${URL}?range=${range}`))
      expect(sent.filter(({ sql }) => sql.includes('usage_days'))).toHaveLength(1)
      expect(sent.filter(({ sql }) => sql.includes('token_usage'))).toEqual([])
    }
  })
})
