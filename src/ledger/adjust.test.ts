import { describe, expect, test } from 'bun:test'
import { count, databases, testZimmer, times } from '../../test/zimmer.ts'
import { DAY_MS } from '../lib/time.ts'

const ADJUST = '/api/admin/tokens/adjust'

describe.each(databases)('POST /api/admin/tokens/adjust on %s', (database) => {
  test('it works both ways, and the trail tells who and why', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10, demoTokens: 2 })
    const manager = await zimmer.user('manager')
    const adjust = (delta_tokens: number) =>
      manager.client.post(ADJUST, {
        user_automation_id: alice.userAutomationId,
        delta_tokens,
        reason: 'goodwill',
      })
    expect((await adjust(5)).body.adjustment).toMatchObject({
      delta_tokens: 5,
      balance_after: 17,
      reason: 'goodwill',
    })
    expect((await adjust(-16)).body.adjustment).toMatchObject({ delta_tokens: -16, balance_after: 1 })
    expect((await zimmer.consume(alice)).body).toMatchObject({
      remaining_demo_tokens: 0,
      remaining_paid_tokens: 0,
    })
    const trail = await zimmer.app.db.selectFrom('audit_log').selectAll().orderBy('id').execute()
    expect(trail).toMatchObject([
      { staff_id: manager.userId, action: 'tokens.adjust', before: '{"tokens_remaining":12}' },
      { staff_id: manager.userId, action: 'tokens.adjust' },
    ])
    const history = await manager.client.get('/api/admin/tokens/history?limit=1')
    expect(history.body.adjustments).toMatchObject([
      {
        delta_tokens: -16,
        user_id: alice.userId,
        user_name: 'Test customer',
        automation_id: alice.automationId,
        automation_name: expect.any(String),
        staff_id: manager.userId,
        staff_name: 'Test manager',
      },
    ])
    const rest = await manager.client.get(`/api/admin/tokens/history?cursor=${history.body.next_cursor}`)
    expect(rest.body).toMatchObject({ adjustments: [{ delta_tokens: 5 }], next_cursor: null })
    expect((await manager.client.get('/api/admin/tokens/stats')).body).toEqual({
      total_adjustments: 2,
      tokens_added: 5,
      tokens_removed: 16,
      last_30_days: { tokens_added: 5, tokens_removed: 16 },
    })
  })

  test('added tokens have a kind and an end: promotional ones are spent first, expired ones count no more', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    const manager = await zimmer.as('manager')
    const expires_at = new Date(zimmer.app.clock() + DAY_MS).toISOString()
    const gift = { kind: 'promotional', expires_at, idempotency_key: 'gift' }
    const adjust = (delta_tokens: number, more: object) =>
      manager.post(ADJUST, {
        user_automation_id: alice.userAutomationId,
        delta_tokens,
        reason: 'a gift',
        ...more,
      })
    const made = await adjust(5, gift)
    expect(made.body.adjustment).toMatchObject({ kind: 'promotional', expires_at, balance_after: 15 })
    expect((await adjust(5, gift)).body).toEqual(made.body)
    expect((await adjust(5, { ...gift, kind: 'paid' })).body.code).toBe('key_reused')
    expect((await adjust(3, { kind: 'paid' })).body.adjustment).toMatchObject({
      kind: 'paid',
      expires_at: null,
    })
    expect((await zimmer.consume(alice, 4)).body.remaining_paid_tokens).toBe(14)
    const history = await manager.get('/api/admin/tokens/history')
    expect(history.body.adjustments).toMatchObject([{ kind: 'paid' }, { kind: 'promotional', expires_at }])
    zimmer.clock.advance(DAY_MS)
    expect(await zimmer.balance(alice)).toBe(13)
  })

  test.each([
    [-1, { kind: 'paid' }, 'kind'],
    [-1, { expires_at: '2999-01-01T00:00:00Z' }, 'expires_at'],
    [1, { expires_at: '2001-01-01T00:00:00Z' }, 'expires_at'],
    [1, { expires_at: 'tomorrow' }, 'expires_at'],
    [1, { kind: 'demo' }, 'kind'],
  ])('%i tokens with %p are refused by that field', async (delta_tokens, more, field) => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    const manager = await zimmer.as('manager')
    const body = { user_automation_id: alice.userAutomationId, delta_tokens, reason: 'x', ...more }
    const reply = await manager.post(ADJUST, body)
    expect(reply.status).toBe(422)
    expect(reply.body.errors[0].field).toBe(field)
    expect(await zimmer.balance(alice)).toBe(10)
  })

  test('a customer may not, and nobody signed out', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    const body = { user_automation_id: alice.userAutomationId, delta_tokens: 5, reason: 'please' }
    expect((await alice.client.post(ADJUST, body)).status).toBe(403)
    expect((await zimmer.anyone.post(ADJUST, body)).status).toBe(401)
    expect(await zimmer.balance(alice)).toBe(10)
  })

  test('the same key twice, or ten times at once, adjusts once and returns the same adjustment', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    const manager = await zimmer.as('manager')
    const body = {
      user_automation_id: alice.userAutomationId,
      delta_tokens: 5,
      reason: 'x',
      idempotency_key: 'k',
    }
    const replies = await times(10, () => manager.post(ADJUST, body))
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1)
    expect((await manager.post(ADJUST, body)).text).toBe(replies[0]!.text)
    const other = await manager.post(ADJUST, { ...body, delta_tokens: 6 })
    expect(other.body.code).toBe('key_reused')
    expect(await zimmer.balance(alice)).toBe(15)
  })

  test('ten at once never take more than there is', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50 })
    const manager = await zimmer.as('manager')
    const body = { user_automation_id: alice.userAutomationId, delta_tokens: -10, reason: 'mistake' }
    const replies = await times(10, () => manager.post(ADJUST, body))
    expect(count(replies, 200)).toBe(5)
    expect(replies.filter((reply) => reply.body.code === 'tokens_insufficient')).toHaveLength(5)
    expect(await zimmer.balance(alice)).toBe(0)
  })

  test('adjustments that race with consumes neither lose nor double a token', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 300 })
    const manager = await zimmer.as('manager')
    const body = { user_automation_id: alice.userAutomationId, reason: 'race' }
    const [consumes, down, up] = await Promise.all([
      times(200, () => zimmer.consume(alice)),
      times(20, () => manager.post(ADJUST, { ...body, delta_tokens: -10 })),
      times(20, () => manager.post(ADJUST, { ...body, delta_tokens: 3 })),
    ])
    const spent = consumes.filter((reply) => reply.body.accepted).length
    expect(await zimmer.balance(alice)).toBe(300 + 3 * count(up, 200) - 10 * count(down, 200) - spent)
    expect(count(up, 200)).toBe(20)
  })

  test.each([
    ['zero', { delta_tokens: 0 }, 'must not be 0'],
    ['a fraction', { delta_tokens: 1.5 }, 'must be integer'],
    ['too many', { delta_tokens: 1e12 }, 'must be <= '],
    ['no reason', { reason: '' }, 'must not have fewer'],
  ])('%s is refused', async (_, fields, says) => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer()
    const body = { user_automation_id: alice.userAutomationId, delta_tokens: 5, reason: 'x', ...fields }
    const reply = await (await zimmer.as('manager')).post(ADJUST, body)
    expect(reply.status).toBe(422)
    expect(reply.body.errors[0].field).toBe(Object.keys(fields)[0])
    expect(reply.body.errors[0].message).toStartWith(says)
  })

  test('a subscription that is not there is a 404', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const reply = await manager.post(ADJUST, { user_automation_id: 12_345, delta_tokens: 1, reason: 'x' })
    expect(reply.status).toBe(404)
  })
})

describe.each(databases)('POST /api/admin/usage/:id/reverse on %s', (database) => {
  test('it gives the tokens back to their lots, once, however often it is asked', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10, demoTokens: 3 })
    const manager = await zimmer.as('manager')
    const { usage_id } = (await zimmer.consume(alice, 5)).body
    await zimmer.consume(alice, 1)
    const replies = await times(10, () =>
      manager.post(`/api/admin/usage/${usage_id}/reverse`, { reason: 'broken' }),
    )
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1)
    expect(replies[0]?.body.reversal).toMatchObject({
      reverses_id: usage_id,
      tokens: -5,
      remaining_demo_tokens: 3,
      remaining_paid_tokens: 9,
    })
    expect((await zimmer.consume(alice)).body).toMatchObject({
      remaining_demo_tokens: 2,
      remaining_paid_tokens: 9,
    })
    const again = await manager.post(`/api/admin/usage/${replies[0]?.body.reversal.id}/reverse`, {
      reason: 'x',
    })
    expect(again.body.code).toBe('is_reversal')
    const days = await zimmer.app.db.selectFrom('usage_days').select(['tokens', 'events']).execute()
    expect(days).toEqual([{ tokens: 2, events: 2 }])
  })

  test('a usage that is not there is a 404', async () => {
    await using zimmer = await testZimmer(database)
    const reply = await (await zimmer.as('manager')).post('/api/admin/usage/99/reverse', { reason: 'x' })
    expect(reply.body.code).toBe('no_such_usage')
  })
})
