import { describe, expect, test } from 'bun:test'
import { usesBefore } from '../../test/usage.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { DAY_MS } from '../lib/time.ts'
import { sumClosedDays } from './usage-stats.ts'

const URL = '/api/admin/dashboard'

describe.each(databases)('GET /api/admin/dashboard on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50 })
    await zimmer.consume(alice, 7)
    const client = await zimmer.as('support_staff')
    const { status, body } = await client.get(URL)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'success',
      data: { total_users: 2, total_automations: 1, total_tickets: 0, system_status: 'healthy' },
    })
    const stats = await client.get(`${URL}/stats`)
    expect(stats.status).toBe(200)
    expect(stats.body).toMatchObject({
      total_users: 2,
      active_tickets: 0,
      tokens_used: 7,
      monthly_revenue: 0,
    })
  })

  test('tokens used are the same whether earlier days were summed up or not, also what came into them since', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 500 })
    const client = await zimmer.as('manager')
    const used = async () => (await client.get(`${URL}/stats`)).body.tokens_used
    const now = zimmer.clock.now()
    const ago = (days: number, tokens: number) => ({ tokens, at: now - days * DAY_MS })
    await usesBefore(zimmer, alice, [ago(400, 1), ago(3, 2), ago(2, 4), ago(1, 8), ago(0, 16)])
    expect(await used()).toBe(31)
    const sumUp = () => zimmer.app.write((tx) => sumClosedDays(tx))
    await sumUp()
    expect(await used()).toBe(31)
    await usesBefore(zimmer, alice, [ago(2, 32), ago(0, 64)])
    expect(await used()).toBe(127)
    await usesBefore(zimmer, alice, [ago(10, 128)])
    await sumUp()
    expect(await used()).toBe(255)
  })

  test('a usage of a day that was summed up already can be reversed', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 500 })
    const client = await zimmer.as('manager')
    const used = async () => (await client.get(`${URL}/stats`)).body.tokens_used
    const at = (days: number) => zimmer.clock.now() - days * DAY_MS
    const [old, recent] = await usesBefore(zimmer, alice, [
      { tokens: 100, at: at(20) },
      { tokens: 10, at: at(1) },
      { tokens: 1, at: at(0) },
    ])
    await zimmer.app.write((tx) => sumClosedDays(tx))
    expect(await used()).toBe(111)
    const reverse = async (id: number | undefined) => {
      const reply = await client.post(`/api/admin/usage/${id}/reverse`, { reason: 'broken' })
      expect(reply.status).toBe(200)
      return used()
    }
    expect(await reverse(recent)).toBe(101)
    expect(await reverse(old)).toBe(1)
    await zimmer.app.write((tx) => sumClosedDays(tx))
    expect(await used()).toBe(1)
  })

  test('customers are refused, and so is who is not signed in', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.as('customer')
    for (const path of ['', '/stats', '/activity']) {
      expect((await alice.get(URL + path)).status).toBe(403)
      expect((await zimmer.anyone.get(URL + path)).status).toBe(401)
    }
  })
})

describe.each(databases)('GET /api/admin/dashboard/activity on %s', (database) => {
  test('tells what happened, newest first, and an adjustment once', async () => {
    await using zimmer = await testZimmer(database)
    const admin = await zimmer.user('manager', { name: 'The Boss' })
    zimmer.clock.advance(1_000)
    const automation = await zimmer.automation({ name: 'Summarizer' })
    const alice = await zimmer.customer({ automation, paidTokens: 50 })
    zimmer.clock.advance(1_000)
    await admin.client.post('/api/admin/tokens/adjust', {
      user_automation_id: alice.userAutomationId,
      delta_tokens: 20,
      reason: 'a gift',
    })
    zimmer.clock.advance(1_000)
    await admin.client.put(`/api/admin/users/${alice.userId}`, { name: 'Alice' })
    const { status, body } = await admin.client.get(`${URL}/activity`)
    expect(status).toBe(200)
    expect(body.map(({ type, message }: { type: string; message: string }) => [type, message])).toEqual([
      ['staff_action', `The Boss: user.update, user ${alice.userId}`],
      ['adjustment', '+20 tokens for Alice on Summarizer: a gift'],
      ['subscription', 'Alice added Summarizer'],
      ['sign_up', 'Alice joined'],
      ['sign_up', 'The Boss joined'],
    ])
    const names = { user_id: alice.userId, user_name: 'Alice', automation_name: 'Summarizer' }
    expect(body[1].details).toEqual({
      ...names,
      automation_id: alice.automationId,
      delta_tokens: 20,
      reason: 'a gift',
    })
    expect(body[0].details).toMatchObject({
      staff_name: 'The Boss',
      action: 'user.update',
      target_type: 'user',
    })
    expect(body[2].details).toEqual({ ...names, automation_id: alice.automationId })
    expect((await admin.client.get(`${URL}/activity?limit=2`)).body).toEqual(body.slice(0, 2))
    for (const limit of ['0', '101', 'x']) {
      expect((await admin.client.get(`${URL}/activity?limit=${limit}`)).status).toBe(422)
    }
  })
})
