import { describe, expect, test } from 'bun:test'
import { addUsers, subscribeAll } from '../../test/rows.ts'
import { Statements } from '../../test/statements.ts'
import { usesBefore } from '../../test/usage.ts'
import { type Client, databases, type TestCustomer, type TestZimmer, testZimmer } from '../../test/zimmer.ts'
import { createUser, recordAction } from '../accounts/accounts.ts'
import { issueServiceToken } from '../catalogue/catalogue.ts'
import { subscribe } from '../subscriptions/subscriptions.ts'

/** More than a page of whatever one customer, one automation and the staff have. */
async function manyOfAll(zimmer: TestZimmer, alice: TestCustomer, manager: Client) {
  const { userId, userAutomationId, automationId } = alice
  const many = Array.from({ length: 60 }, (_, index) => index)
  for (const index of many) {
    const { automationId: other } = await zimmer.automation()
    await zimmer.app.write(async (tx) => {
      await subscribe(tx, { userId, automationId: other })
      await issueServiceToken(tx, { automationId, staffId: null, jwtSecret: zimmer.app.config.jwtSecret })
      const person = { email: `staff${index}@example.com`, name: `Staff ${index}` }
      await createUser(tx, { ...person, passwordHash: null, role: 'support_staff' })
    })
    const adjustment = { user_automation_id: userAutomationId, delta_tokens: 1, reason: 'for a test' }
    expect((await manager.post('/api/admin/tokens/adjust', adjustment)).status).toBe(200)
  }
}

describe.each(databases)('the lists on %s', (database) => {
  test('cost as many statements for a page of 50 as for a page of 1', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const { userId: staffId, client } = await zimmer.user('manager')
    const alice = await zimmer.customer({ paidTokens: 500 })
    await manyOfAll(zimmer, alice, client)
    await addUsers(zimmer, 60)
    for (let index = 0; index < 2; index++) {
      await subscribeAll(zimmer, (await zimmer.automation()).automationId, 7)
    }
    await usesBefore(
      zimmer,
      alice,
      Array.from({ length: 60 }, () => ({ tokens: 1, at: zimmer.clock.now() })),
    )
    await zimmer.app.write(async (tx) => {
      const action = { staffId, action: 'thing.update', targetType: 'thing', targetId: 1 }
      for (let index = 0; index < 60; index++) await recordAction(tx, action)
    })
    const lists = {
      '/api/admin/automations?': 'automations',
      [`/api/admin/automations/${alice.automationId}/service-tokens?`]: 'service_tokens',
      '/api/admin/tokens/history?': 'adjustments',
      [`/api/admin/tokens/history?user_automation_id=${alice.userAutomationId}&`]: 'adjustments',
      [`/api/admin/users/${alice.userId}/timeline?`]: 'events',
      '/api/admin/users/managers?': 'managers',
      '/api/automations/marketplace?': null,
      '/api/automations/available?': null,
      '/api/user/automations?': null,
      '/api/user/automations/active?': null,
      '/api/user/usage/events?': 'usage',
      '/api/admin/users?': 'users',
      '/api/admin/users?search=user&is_active=true&': 'users',
      '/api/admin/user-automations?': 'user_automations',
      '/api/admin/user-automations?status=active&': 'user_automations',
      '/api/admin/audit?': 'entries',
      [`/api/admin/audit?staff_id=${staffId}&`]: 'entries',
      [`/api/admin/usage/${alice.userId}?`]: 'recent_usage',
      '/api/admin/dashboard/activity?': null,
    }
    // The first call also asks who is calling.
    await client.get('/api/admin/dashboard')
    await alice.client.get('/api/me')
    for (const [path, name] of Object.entries(lists)) {
      const counts = []
      for (const limit of [1, 50]) {
        const sent = await statements.during(async () => {
          const caller = path.startsWith('/api/user/') ? alice.client : client
          const { status, body } = await caller.get(`${path}limit=${limit}`)
          expect([path, status]).toEqual([path, 200])
          expect((name ? body[name] : body).length).toBe(limit)
        })
        counts.push(sent.length)
      }
      expect([path, counts[1]]).toEqual([path, counts[0] as number])
      const most = database === 'sqlite' ? 7 : 8
      expect([path, (counts[0] as number) <= most]).toEqual([path, true])
    }
  })

  test('one user in full and a dashboard cost the same for one automation as for many', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const client = await zimmer.as('manager')
    const alice = await zimmer.customer({ paidTokens: 5 })
    const paths = [
      [client, `/api/admin/users/${alice.userId}`],
      [client, '/api/admin/usage/stats'],
      [alice.client, '/api/user/dashboard'],
      [alice.client, '/api/user/usage'],
      [alice.client, '/api/user/usage?range=7d'],
      [alice.client, '/api/user/usage/distribution'],
      [alice.client, '/api/user/usage/days'],
      [alice.client, '/api/user/usage/events'],
    ] as const
    const costs = async () => {
      const counts: number[] = []
      for (const [caller, path] of paths) {
        await caller.get(path)
        counts.push((await statements.during(() => caller.get(path))).length)
      }
      return counts
    }
    const one = await costs()
    for (let index = 0; index < 12; index++) {
      await subscribeAll(zimmer, (await zimmer.automation()).automationId, 7)
    }
    const { body } = await alice.client.get('/api/user/dashboard')
    expect(body.automations).toHaveLength(13)
    expect(await costs()).toEqual(one)
  })
})
