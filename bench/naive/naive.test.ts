import { describe, expect, test } from 'bun:test'
import { usersPage } from '../../src/admin/admin.ts'
import { dashboard, usagePage } from '../../src/usage/usage.ts'
import { Statements } from '../../test/statements.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { naiveDashboard, naiveUsage, naiveUsers } from './naive.ts'

describe.each(databases)('the naive twins on %s', (database) => {
  test('say the same as the product, with a statement for each row where the product has one for all', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const { db, clock } = zimmer.app
    const customers = []
    for (let nth = 0; nth < 6; nth++) customers.push(await zimmer.customer({ paidTokens: 20 }))
    const [alice] = customers
    if (!alice) throw new Error('nobody is there')
    for (let nth = 0; nth < 4; nth++) await zimmer.consume(alice)
    await statements.quiet()

    const page = (limit: number) => usersPage(db, {}, { limit, after: null, now: clock() })
    const [ours, theirs] = [await page(6), await naiveUsers(db, 6)]
    expect(
      theirs.users.map(({ id, email, automations_count, tokens_remaining }) => ({
        id,
        email,
        automations_count,
        tokens_remaining,
      })),
    ).toEqual(
      ours.users.map(({ id, email, automations_count, tokens_remaining }) => ({
        id,
        email,
        automations_count,
        tokens_remaining,
      })),
    )
    const count = async (work: () => Promise<unknown>) => (await statements.during(work)).length
    expect(await count(() => page(6))).toBe(await count(() => page(2)))
    expect(await count(() => naiveUsers(db, 6))).toBeGreaterThan(2 * (await count(() => naiveUsers(db, 2))))

    const shown = await dashboard(db, alice.userId, clock())
    const naively = await naiveDashboard(db, alice.userId)
    expect(naively.user).toEqual(shown.user)
    expect(naively.automations).toEqual(
      shown.automations.map(({ id, name, demo_tokens, paid_tokens }) => ({
        id,
        name,
        demo_tokens,
        paid_tokens,
      })),
    )

    const { usage } = await usagePage(db, alice.userId, { limit: 10 })
    const { recent_usage, total_tokens_remaining } = await naiveUsage(db, alice.userId)
    expect(recent_usage).toEqual(
      usage.map(({ id, tokens_used, description }) => ({ id, tokens_used, description })),
    )
    expect(total_tokens_remaining).toBe(shown.total_demo_tokens + shown.total_paid_tokens)
  })
})
