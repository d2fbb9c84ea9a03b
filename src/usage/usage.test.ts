import { describe, expect, test } from 'bun:test'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { usedBefore } from '../../test/usage.ts'

describe.each(databases)('GET /api/user/usage on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50, demoTokens: 5 })
    await usedBefore(zimmer, alice, { tokens: 3, at: zimmer.clock.now(), type: 'summary' })
    for (const p of ['', '?range=7d', '?range=6m', '?range=1y', '/distribution', '/export']) {
      const r = await alice.client.get('/api/user/usage' + p)
      console.log(r.status, r.text)
    }
    console.log((await alice.client.get('/api/user/dashboard')).text)
    const m = await zimmer.as('manager')
    for (const p of ['users', 'users/1', 'dashboard', 'dashboard/stats', 'dashboard/activity', 'user-automations', 'usage/stats', 'usage/1', 'usage/export?user_id=1', 'audit']) {
      const r = await m.get('/api/admin/' + p)
      console.log(p, r.status, r.text)
    }
  })
})
