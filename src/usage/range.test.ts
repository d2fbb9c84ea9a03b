import { describe, expect, test } from 'bun:test'
import { usesBefore } from '../../test/usage.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { DAY_MS, dayOf, dayText } from '../lib/time.ts'

const DAYS = '/api/user/usage/days'
const EVENTS = '/api/user/usage/events'

describe.each(databases)('usage of a range of days on %s', (database) => {
  test('each day has its sum, the range ends are part of it, and a day without usage is a zero', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 1_000 })
    const today = dayOf(zimmer.clock.now())
    await usesBefore(zimmer, alice, [
      { tokens: 1, at: (today - 3) * DAY_MS - 1 },
      { tokens: 20, at: (today - 3) * DAY_MS },
      { tokens: 300, at: (today - 1) * DAY_MS - 1 },
      { tokens: 4, at: (today - 1) * DAY_MS },
    ])
    const [from, to] = [dayText(today - 3), dayText(today - 2)]
    const { body } = await alice.client.get(`${DAYS}?from=${from}&to=${to}`)
    expect(body.days).toEqual([
      { day: from, tokens: 20, sessions: 1 },
      { day: to, tokens: 300, sessions: 1 },
    ])
    const events = await alice.client.get(`${EVENTS}?from=${from}&to=${to}`)
    expect(events.body.usage.map((row: { tokens_used: number }) => row.tokens_used)).toEqual([300, 20])
    expect((await alice.client.get(DAYS)).body.days).toHaveLength(30)
  })

  test('events are walked by cursor to their end, each once', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 1_000 })
    const now = zimmer.clock.now()
    // Two at the same instant: the id decides.
    const uses = [5, 4, 3, 3, 2, 1].map((ago, index) => ({ tokens: index + 1, at: now - ago * 1_000 }))
    await usesBefore(zimmer, alice, uses)
    const seen: number[] = []
    let cursor = ''
    do {
      const { body } = await alice.client.get(`${EVENTS}?limit=2${cursor}`)
      seen.push(...body.usage.map((row: { tokens_used: number }) => row.tokens_used))
      cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : ''
    } while (cursor)
    expect(seen).toEqual([6, 5, 4, 3, 2, 1])
  })

  test("one subscription's days are its own, and another customer's have nothing in them", async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100 })
    const bob = await zimmer.customer({ paidTokens: 100 })
    await zimmer.consume(alice, 7)
    await zimmer.consume(bob, 9)
    const last = async (id: number) =>
      (await alice.client.get(`${DAYS}?user_automation_id=${id}`)).body.days.at(-1).tokens
    expect(await last(alice.userAutomationId)).toBe(7)
    expect(await last(bob.userAutomationId)).toBe(0)
  })

  test('a wrong range is refused at its field', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('customer')
    for (const path of [DAYS, EVENTS]) {
      for (const [query, field] of [
        ['from=2026-02-30', 'from'],
        ['from=2026-02-02&to=2026-02-01', 'from'],
        ['from=2024-01-01&to=2025-12-31', 'to'],
        ['to=yesterday!', 'to'],
      ]) {
        const { status, body } = await client.get(`${path}?${query}`)
        expect([path, query, status, body.errors?.[0].field]).toEqual([path, query, 422, field])
      }
    }
  })
})
