import { describe, expect, test } from 'bun:test'
import { AutomationService } from './automation-service.ts'
import { until } from './until.ts'
import {
  Client,
  count,
  databases,
  type Reply,
  type TestCustomer,
  type TestZimmer,
  testZimmer,
  times,
} from './zimmer.ts'

const TOKENS = 1_000_000

/**
 * Consumes from several sides all the time, while `stop` happens in their midst.
 *
 * @returns what was accepted in all, and what came of those that were sent after `stop` was answered.
 */
async function consumeAcross(zimmer: TestZimmer, customer: TestCustomer, stop: () => Promise<Reply>) {
  let accepted = 0
  let stopped: Reply | undefined
  const late: Reply[] = []
  const consume = async () => {
    while (late.length < 40) {
      const isLate = stopped !== undefined
      const reply = await zimmer.consume(customer)
      if (reply.body.accepted) accepted++
      if (isLate) late.push(reply)
    }
  }
  const consuming = times(8, consume)
  await until(() => accepted > 0)
  stopped = await stop()
  expect({ status: stopped.status, text: stopped.text }).toMatchObject({ status: 200 })
  await consuming
  return { accepted, late }
}

const tokensLeft = async (zimmer: TestZimmer, { userAutomationId }: TestCustomer) => {
  const lots = await zimmer.app.db
    .selectFrom('lots')
    .select('remaining')
    .where('user_automation_id', '=', userAutomationId)
    .execute()
  return lots.reduce((sum, { remaining }) => sum + remaining, 0)
}

describe.each(databases)('races on %s', (database) => {
  test('once a deactivation is answered, nothing more is spent for the user', async () => {
    await using zimmer = await testZimmer(database)
    const customer = await zimmer.customer({ paidTokens: TOKENS })
    const manager = await zimmer.as('manager')
    const { accepted, late } = await consumeAcross(zimmer, customer, () =>
      manager.post(`/api/admin/users/${customer.userId}/deactivate`, {}),
    )
    expect(late.filter(({ body }) => body.accepted)).toEqual([])
    expect(accepted).toBeGreaterThan(0)
    expect(await tokensLeft(zimmer, customer)).toBe(TOKENS - accepted)
  })

  test('once a pause is answered, nothing more is spent from the subscription', async () => {
    await using zimmer = await testZimmer(database)
    const customer = await zimmer.customer({ paidTokens: TOKENS })
    const { accepted, late } = await consumeAcross(zimmer, customer, () =>
      customer.client.put(`/api/user/automations/${customer.userAutomationId}`, { status: 'paused' }),
    )
    expect(late.filter(({ body }) => body.accepted)).toEqual([])
    expect(accepted).toBeGreaterThan(0)
    expect(await tokensLeft(zimmer, customer)).toBe(TOKENS - accepted)
  })

  test('once the revocation of a service token is answered, nothing more is spent with it', async () => {
    await using zimmer = await testZimmer(database)
    const customer = await zimmer.customer({ paidTokens: TOKENS })
    const manager = await zimmer.as('manager')
    const path = `/api/admin/automations/${customer.automationId}/service-tokens`
    const [{ id }] = (await manager.get(path)).body.service_tokens
    const { accepted, late } = await consumeAcross(zimmer, customer, () => manager.delete(`${path}/${id}`))
    expect(count(late, 401)).toBe(late.length)
    expect(await tokensLeft(zimmer, customer)).toBe(TOKENS - accepted)
  })

  test('pausing and going on, again and again, loses and doubles nothing', async () => {
    await using zimmer = await testZimmer(database)
    const customer = await zimmer.customer({ paidTokens: TOKENS })
    const path = `/api/user/automations/${customer.userAutomationId}`
    const flips = times(20, (index) =>
      customer.client.put(path, { status: index % 2 === 0 ? 'paused' : 'active' }),
    )
    const replies = await times(200, (index) => zimmer.consume(customer, 1, `key-${index}`))
    expect(count(await flips, 200)).toBe(20)
    expect(count(replies, 200)).toBe(200)
    expect((await customer.client.put(path, { status: 'active' })).status).toBe(200)
    const again = await times(200, (index) => zimmer.consume(customer, 1, `key-${index}`))
    expect(again.every(({ body }) => body.accepted)).toBe(true)
    for (const [index, { body }] of replies.entries()) {
      if (body.accepted) expect(again[index]?.body.usage_id).toBe(body.usage_id)
    }
    expect(await tokensLeft(zimmer, customer)).toBe(TOKENS - 200)
  })

  test('a usage that twenty reverse at once, with consumes in between, is given back once', async () => {
    await using zimmer = await testZimmer(database)
    const customer = await zimmer.customer({ paidTokens: 1_000 })
    const manager = await zimmer.as('manager')
    const usageId = (await zimmer.consume(customer, 100)).body.usage_id
    const [reversals, consumes] = await Promise.all([
      times(20, () => manager.post(`/api/admin/usage/${usageId}/reverse`, { reason: 'for a test' })),
      times(50, () => zimmer.consume(customer, 1)),
    ])
    expect(count(reversals, 200)).toBe(20)
    expect(new Set(reversals.map(({ body }) => body.reversal.id)).size).toBe(1)
    expect(count(consumes, 200)).toBe(50)
    expect(await zimmer.balance(customer)).toBe(950)
  })

  test('fifty refreshes that race with a sign-out everywhere leave no session', async () => {
    await using zimmer = await testZimmer(database)
    const user = await zimmer.user('customer')
    const cookie = { cookie: `refresh_token=${user.refreshToken}` }
    const [refreshes, out] = await Promise.all([
      times(50, () => zimmer.anyone.post('/api/auth/refresh', undefined, cookie)),
      user.client.post('/api/auth/logout-all', {}),
    ])
    expect(out.status).toBe(200)
    expect(count(refreshes, 200) + count(refreshes, 401)).toBe(50)
    const tokens = refreshes.flatMap(({ body }) => body.access_token ?? [])
    for (const token of [user.accessToken, ...tokens]) {
      const client = new Client(zimmer.url, { authorization: `Bearer ${token}` })
      expect((await client.get('/api/auth/me')).status).toBe(401)
    }
    for (const { headers } of refreshes) {
      const renewed = headers.get('set-cookie')?.match(/^refresh_token=[\w-]+/)?.[0]
      if (!renewed) continue
      const reply = await zimmer.anyone.post('/api/auth/refresh', undefined, { cookie: renewed })
      expect(reply.status).toBe(401)
    }
  })

  test('sign-ins that race with a deactivation leave no session', async () => {
    await using zimmer = await testZimmer(database)
    const password = 'a long enough passphrase 7'
    const body = { email: 'somebody@example.com', name: 'Somebody', password }
    const { user_id } = (await zimmer.anyone.post('/api/auth/register', body)).body
    const manager = await zimmer.as('manager')
    const signIn = () => zimmer.anyone.post('/api/auth/login', { email: body.email, password })
    const [signIns, deactivated] = await Promise.all([
      times(10, signIn),
      Bun.sleep(60).then(() => manager.post(`/api/admin/users/${user_id}/deactivate`, {})),
    ])
    expect(deactivated.status).toBe(200)
    expect(count(signIns, 200) + count(signIns, 401)).toBe(10)
    for (const { body } of signIns.filter(({ status }) => status === 200)) {
      const client = new Client(zimmer.url, { authorization: `Bearer ${body.access_token}` })
      expect((await client.get('/api/me')).status).toBe(401)
    }
  })

  test('of six managers who all take each other away at once, one is left', async () => {
    await using zimmer = await testZimmer(database)
    const managers = await times(6, () => zimmer.user('manager'))
    const replies = await Promise.all(
      managers.flatMap((by, index) =>
        managers
          .filter((_, other) => other !== index)
          .map(({ userId }, turn) =>
            turn % 2 === 0
              ? by.client.delete(`/api/admin/users/managers/${userId}`)
              : by.client.put(`/api/admin/users/managers/${userId}/role`, { role: 'customer' }),
          ),
      ),
    )
    expect(replies.filter(({ status }) => ![200, 401, 403, 404, 409].includes(status))).toEqual([])
    const left = await zimmer.app.db
      .selectFrom('users')
      .select('id')
      .where('role', '=', 'manager')
      .where('is_active', '=', 1)
      .execute()
    expect(left.length).toBeGreaterThanOrEqual(1)
  })

  test('an automation that is deleted while customers add it and have it set up is gone, or is used', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new AutomationService({
      '/provision': async () => {
        await Bun.sleep(20)
        return Response.json({ success: true, message: 'ready' })
      },
    })
    const manager = await zimmer.as('manager')
    const customers = await times(5, () => zimmer.as('customer'))
    for (let round = 0; round < 4; round++) {
      const { automationId } = await zimmer.automation({ provisionUrl: service.url('/provision') })
      const path = `/api/user/automations/${automationId}`
      const [added, deleted] = await Promise.all([
        Promise.all(customers.map((client) => addAndProvision(client, path))),
        Bun.sleep(round * 3).then(() => manager.delete(`/api/admin/automations/${automationId}`)),
      ])
      expect([200, 409]).toContain(deleted.status)
      const users = added.filter(Boolean).length
      if (deleted.status === 200) expect(users).toBe(0)
      else expect(users).toBeGreaterThan(0)
    }
  })
})

/** @returns whether the customer has it now. */
async function addAndProvision(client: Client, path: string): Promise<boolean> {
  const added = await client.post(path, {})
  if (added.status === 404) return false
  expect(added.status).toBe(201)
  const { id } = added.body.user_automation
  const provisioned = await client.post(`/api/user/automations/${id}/provision`, {})
  expect(provisioned).toMatchObject({ status: 200, body: { success: true } })
  return true
}
