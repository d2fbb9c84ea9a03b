import { describe, expect, test } from 'bun:test'
import { usedBefore, usesBefore } from '../../test/usage.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { DAY_MS } from '../lib/time.ts'

const URL = '/api/admin/usage'

describe.each(databases)('GET /api/admin/usage/stats on %s', (database) => {
  test('it works: today, 7 and 30 days, in all and per automation', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 1_000 })
    const bob = await zimmer.customer({ paidTokens: 10_000 })
    const now = zimmer.clock.now()
    for (const [tokens, ago] of [
      [1, 0],
      [20, 6],
      [300, 29],
      [500, 30],
    ] as const) {
      await usedBefore(zimmer, alice, { tokens, at: now - ago * DAY_MS })
    }
    await usedBefore(zimmer, bob, { tokens: 4_000, at: now - 3 * DAY_MS })
    const { status, body } = await (await zimmer.as('support_staff')).get(`${URL}/stats`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      today: { tokens: 1, events: 1 },
      last_7_days: { tokens: 4_021, events: 3 },
      last_30_days: { tokens: 4_321, events: 4 },
    })
    expect(body.automations).toMatchObject([
      { automation_id: bob.automationId, today: { tokens: 0, events: 0 }, last_30_days: { tokens: 4_000 } },
      { automation_id: alice.automationId, last_7_days: { tokens: 21, events: 2 } },
    ])
    expect(body.recent).toHaveLength(5)
    expect(body.recent[0]).toMatchObject({ user_id: alice.userId, tokens_used: 1 })
  })

  test('what a service consumes is in every view at once, and what is reversed in none', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100, demoTokens: 5 })
    const manager = await zimmer.as('manager')
    const { usage_id } = (await zimmer.consume(alice, 7)).body
    await zimmer.consume(alice, 10)
    const views = async () => {
      const all = (await manager.get(`${URL}/stats`)).body
      const own = (await alice.client.get('/api/user/usage?range=7d')).body.at(-1)
      const months = (await alice.client.get('/api/user/usage?range=6m')).body.at(-1)
      const [share] = (await alice.client.get('/api/user/usage/distribution')).body
      const board = (await manager.get('/api/admin/dashboard/stats')).body
      const user = (await manager.get(`/api/admin/users/${alice.userId}`)).body
      return [
        all.today.tokens,
        own.tokens,
        months.value,
        share.tokens_used,
        board.tokens_used,
        user.usage.last_30_days.tokens,
      ]
    }
    expect(await views()).toEqual([17, 17, 17, 17, 17, 17])
    await manager.post(`${URL}/${usage_id}/reverse`, { reason: 'it failed' })
    expect(await views()).toEqual([10, 10, 10, 10, 10, 10])
  })
})

describe.each(databases)('GET /api/admin/usage/:user_id on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50, demoTokens: 5 })
    await zimmer.consume(alice, 7)
    const { status, body } = await (await zimmer.as('support_staff')).get(`${URL}/${alice.userId}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      user: { id: alice.userId, name: 'Test customer' },
      total_tokens_remaining: 48,
      total_demo_tokens: 0,
      next_cursor: null,
    })
    expect(body.last_7_days).toHaveLength(7)
    expect(body.last_7_days[6]).toMatchObject({ tokens: 7, sessions: 1 })
    expect(body.recent_usage).toMatchObject([{ tokens_used: 7, usage_type: 'test' }])
  })

  test('pages follow each other though many uses share an instant', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50 })
    const bob = await zimmer.customer({ paidTokens: 50 })
    const client = await zimmer.as('manager')
    const now = zimmer.clock.now()
    const uses = Array.from({ length: 25 }, (_, index) => ({
      tokens: 1,
      at: now - 9 + Math.floor(index / 10),
    }))
    const ids = await usesBefore(zimmer, alice, uses)
    await usesBefore(zimmer, bob, uses)
    const seen: number[] = []
    let query = '?limit=6'
    for (let page = 0; page < 5; page++) {
      const { body } = await client.get(`${URL}/${alice.userId}${query}`)
      seen.push(...body.recent_usage.map((usage: { id: number }) => usage.id))
      query = `?limit=6&cursor=${body.next_cursor}`
      if (page === 4) expect(body.next_cursor).toBeNull()
    }
    expect(seen).toEqual(ids.reverse())
  })

  test('unknown users, broken cursors and customers are refused', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const alice = await zimmer.user('customer')
    expect((await client.get(`${URL}/999`)).status).toBe(404)
    expect((await client.get(`${URL}/nobody`)).status).toBe(422)
    const idCursor = Buffer.from('[5]').toString('base64url')
    for (const query of ['cursor=x', `cursor=${idCursor}`, 'limit=0', 'range=7d']) {
      expect((await client.get(`${URL}/${alice.userId}?${query}`)).status).toBe(422)
    }
    expect((await alice.client.get(`${URL}/${alice.userId}`)).status).toBe(403)
    expect((await alice.client.get(`${URL}/stats`)).status).toBe(403)
  })
})

describe.each(databases)('GET /api/admin/usage/export on %s', (database) => {
  test("it is the user's own export, for staff", async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50 })
    await zimmer.consume(alice, 7)
    const client = await zimmer.as('support_staff')
    const own = await alice.client.get('/api/user/usage/export')
    const { status, headers, text } = await client.get(`${URL}/export?user_id=${alice.userId}`)
    expect(status).toBe(200)
    expect(text).toBe(own.text)
    expect(text.split('\r\n')).toHaveLength(3)
    expect(headers.get('content-disposition')).toContain(`filename="user-${alice.userId}-usage-`)
    const earlier = await client.get(`${URL}/export?user_id=${alice.userId}&from=2024-01-01&to=2024-12-31`)
    expect(earlier.text.split('\r\n')).toHaveLength(2)
    const { entries } = (await client.get('/api/admin/audit?action=usage.export')).body
    expect(entries).toMatchObject([
      { target_type: 'user', target_id: alice.userId, after: { from: '2024-01-01', to: '2024-12-31' } },
      { target_type: 'user', target_id: alice.userId, after: {} },
    ])
  })

  test('a missing or unknown user, wrong dates and customers are refused', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const alice = await zimmer.user('customer')
    expect((await client.get(`${URL}/export`)).status).toBe(422)
    expect((await client.get(`${URL}/export?user_id=999`)).status).toBe(404)
    expect((await client.get(`${URL}/export?user_id=${alice.userId}&from=never`)).status).toBe(422)
    expect((await alice.client.get(`${URL}/export?user_id=${alice.userId}`)).status).toBe(403)
  })
})
