import { describe, expect, test } from 'bun:test'
import { Statements } from '../../test/statements.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { naiveDashboard, naiveUsage, naiveUsers } from './naive.ts'

const pick = (entries: Record<string, unknown>[], ...fields: string[]) =>
  entries.map((entry) => Object.fromEntries(fields.map((field) => [field, entry[field]])))

describe.each(databases)('the naive twins on %s', (database) => {
  test('say the same as the product, with a statement for each row where the product has one for all', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const { db } = zimmer.app
    const staff = await zimmer.as('manager')
    const alice = await zimmer.customer({ paidTokens: 20 })
    for (let nth = 0; nth < 5; nth++) await zimmer.customer({ paidTokens: 20 })
    for (let nth = 0; nth < 4; nth++) await zimmer.consume(alice)

    const listed = ['id', 'email', 'name', 'role', 'automations_count', 'tokens_remaining']
    const page = await staff.get('/api/admin/users?limit=6')
    expect((await naiveUsers(db, 6)).users as object[]).toEqual(pick(page.body.users, ...listed))
    await statements.quiet()
    const count = async (work: () => Promise<unknown>) => (await statements.during(work)).length
    const [few, many] = [await count(() => naiveUsers(db, 2)), await count(() => naiveUsers(db, 6))]
    expect(many).toBeGreaterThan(2 * few)
    // Other limits than before: what was asked for already comes from a cache.
    const ours = await count(() => staff.get('/api/admin/users?limit=5'))
    expect(ours).toBe(await count(() => staff.get('/api/admin/users?limit=3')))
    expect(ours).toBeLessThan(many / 2)

    const { body } = await alice.client.get('/api/user/dashboard')
    const naively = await naiveDashboard(db, alice.userId)
    expect(naively.user).toEqual(body.user)
    expect(naively.automations as object[]).toEqual(
      pick(body.automations, 'id', 'name', 'demo_tokens', 'paid_tokens'),
    )

    const usage = await alice.client.get('/api/user/usage')
    const { recent_usage, total_tokens_remaining } = await naiveUsage(db, alice.userId)
    expect(recent_usage as object[]).toEqual(
      pick(usage.body.recent_usage, 'id', 'tokens_used', 'description'),
    )
    expect(total_tokens_remaining).toBe(usage.body.total_tokens_remaining)
  })
})
